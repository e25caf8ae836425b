"""Which versions of the protocol are spoken, and the Status for one that is not.

Sources: session.md 1.1 and 2.6 (505, 513). A device that falls back to DM 1.1 is answered in 1.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mdmcore.namespaces import SYNCML_11, SYNCML_12
from mdmcore.syncml.model import SyncML

NAMESPACE_OF: Mapping[str, str] = MappingProxyType({"1.1": SYNCML_11, "1.2": SYNCML_12})
"""VerDTD and the namespace of its root."""

NEWEST = "1.2"


def version_problem(message: SyncML) -> str | None:
    """The Status code for a version that is not spoken; ``None``: all is well."""
    header = message.header
    if NAMESPACE_OF.get(header.ver_dtd) != message.namespace:
        return "505"
    return None if header.ver_proto == f"DM/{header.ver_dtd}" else "513"


def spoken_version(message: SyncML) -> str:
    """The version in which to refuse a message: that of its namespace, else the newest."""
    return next((v for v, uri in NAMESPACE_OF.items() if uri == message.namespace), NEWEST)
