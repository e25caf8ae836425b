"""The DM account in the tree: what ./SyncML/DMAcc shows, and what comes of writing there.

Secrets can be replaced in a session and count from the next one (session.md 4.1). APPAUTH's
``APPSRV`` is DMAcc's ``CLCRED``, ``CLIENT`` is ``SRVCRED`` (DMSTD, appendix).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from mdmcore.enrollment.provisioning_view import AppAuth, W7Account
from mdmcore.phone.state import EnrolledPhone
from mdmcore.phone.tree.behaviour import Content, Value
from mdmcore.phone.tree.paths import Names
from mdmcore.syncml.dmacc import dm_account_uid

_LEVELS = {"CLCRED": "APPSRV", "SRVCRED": "CLIENT"}
_DM_CLIENT = ("Vendor", "MSFT", "DMClient", "Provider")

type Written = Callable[[Names], Value | None]
"""The value that the server has written to a node, ``None`` when it has not."""


def account_nodes(account: W7Account) -> Iterator[tuple[Names, Content]]:
    """The leaves of the account with their content."""
    root = _root(account)
    if root is None:
        return
    yield (*root, "AppID"), "w7"
    yield (*root, "ServerID"), account.provider_id or ""
    yield (*root, "Name"), account.name or ""
    yield (*root, "PrefConRef"), ""
    yield (*root, "AppAddr", "1", "Addr"), account.addr or ""
    yield (*root, "AppAddr", "1", "AddrType"), "URI"
    for level, own_level in _LEVELS.items():
        auth = account.auth(own_level)
        if auth is None:
            continue
        if level == "CLCRED" and auth.type:
            yield (*root, "AAuthPref"), auth.type
        branch = (*root, "AppAuth", level)
        yield (*branch, "AAuthLevel"), level
        yield (*branch, "AAuthType"), auth.type or ""
        yield (*branch, "AAuthName"), auth.name or ""
        yield (*branch, "AAuthSecret"), auth.secret or ""
        yield (*branch, "AAuthData"), auth.nonce or b""


def with_account(phone: EnrolledPhone, written: Written) -> EnrolledPhone:
    """The phone with what the server has written into its account. A nonce written to AAuthData
    goes before any other."""
    account = phone.account
    root = _root(account)
    if root is None:
        return phone

    def text(*names: str) -> str | None:
        value = written(names)
        return None if value is None else value.text

    def changed(auth: AppAuth) -> AppAuth:
        level = next((name for name, own in _LEVELS.items() if own == auth.level), "")
        branch = (*root, "AppAuth", level)
        return replace(
            auth,
            type=text(*branch, "AAuthType") or auth.type,
            name=text(*branch, "AAuthName") or auth.name,
            secret=text(*branch, "AAuthSecret") or auth.secret,
            data=text(*branch, "AAuthData") or auth.data,
        )

    def nonce(level: str, now: bytes | None) -> bytes | None:
        value = written((*root, "AppAuth", level, "AAuthData"))
        return now if value is None else value.data

    address = text(*_DM_CLIENT, account.provider_id or "", "ManagementServiceAddress")
    return replace(
        phone,
        account=replace(
            account,
            name=text(*root, "Name") or account.name,
            addr=text(*root, "AppAddr", "1", "Addr") or address or account.addr,
            appauth=tuple(map(changed, account.appauth)),
        ),
        nonce_c2s=nonce("CLCRED", phone.nonce_c2s),
        nonce_s2c=nonce("SRVCRED", phone.nonce_s2c),
    )


def account_names(account: W7Account) -> frozenset[Names]:
    """The nodes whose values the account keeps, so that nothing else has to."""
    root = _root(account)
    if root is None:
        return frozenset()
    kept = {(*root, "Name"), (*root, "AppAddr", "1", "Addr")}
    kept.add((*_DM_CLIENT, account.provider_id or "", "ManagementServiceAddress"))
    for level, own_level in _LEVELS.items():
        if account.auth(own_level) is not None:
            leaves = ("AAuthType", "AAuthName", "AAuthSecret", "AAuthData")
            kept |= {(*root, "AppAuth", level, leaf) for leaf in leaves}
    return frozenset(kept)


def _root(account: W7Account) -> Names | None:
    if not account.provider_id:
        return None
    return ("SyncML", "DMAcc", dm_account_uid(account.provider_id))
