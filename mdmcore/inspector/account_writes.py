"""Names, secrets and nonces that a server changes in the device's DM account (session.md 4.1).

``./SyncML/DMAcc/<uid>/AppAuth/CLCRED|SRVCRED/AAuthName|AAuthSecret|AAuthData``. A new value counts
from the next session on; where it cannot be read, the credential is not known any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from mdmcore.base64_text import decode_base64
from mdmcore.rules.life import MAX_ACCOUNT_WRITES, Credential, DmAccount, Life, NonceState
from mdmcore.syncml.model import Item

_NODE = re.compile(r"(?i)/DMAcc/[^/]+/AppAuth/([^/]+)/(AAuthName|AAuthSecret|AAuthData)\Z")


def with_account_write(life: Life, item: Item) -> Life:
    """The life with this value remembered, if it is one of an account."""
    found = _NODE.search((item.target or "").rstrip("/"))
    if found is None or life.account is None:
        return life
    write = (found[1].lower(), found[2].lower(), item.data)
    return replace(life, account_writes=(*life.account_writes, write)[-MAX_ACCOUNT_WRITES:])


def with_account_writes(
    account: DmAccount, writes: Iterable[tuple[str, str, str | None]]
) -> DmAccount:
    """The account with what was written to it."""
    for node, leaf, value in writes:
        if node == "clcred":
            account = replace(account, device=_changed(account.device, leaf, value))
        elif node == "srvcred":
            account = replace(account, server=_changed(account.server, leaf, value))
        else:  # which of the two it is stands in a node that need not be written
            account = replace(account, device=None, server=None)
    return account


def _changed(credential: Credential | None, leaf: str, value: str | None) -> Credential | None:
    if credential is None or value is None:
        return None
    if leaf == "aauthname":
        return replace(credential, user=value)
    if leaf == "aauthsecret":
        return replace(credential, secret=value)
    nonce = decode_base64(value)
    return None if nonce is None else replace(credential, nonces=NonceState(current=nonce))
