"""The name of a DM account's node below ./SyncML/DMAcc (session.md 4.1).

The formula is inferred: it gives the one name that is published, for the provider ``Fleet``.
"""

from __future__ import annotations

import hashlib

_PREFIX = "0x0000800c"


def dm_account_uid(provider_id: str) -> str:
    """The node's name: a prefix, and the upper-case SHA-256 of the PROVIDER-ID in UTF-16LE."""
    return _PREFIX + hashlib.sha256(provider_id.encode("utf-16-le")).hexdigest().upper()
