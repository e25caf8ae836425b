"""Verifying the Cred of a message and following both nonces of an account (session.md 4.4).

A nonce that comes with 212 counts from the next session on; with 200, 401 or 407 from the next
message on. Which rule a verdict means is decided in ``mdmcore/rules/authentication.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mdmcore.errors import DeviceFault
from mdmcore.namespaces import AUTH_BASIC, AUTH_MD5
from mdmcore.rules.life import (
    MAX_OLDER_NONCES,
    CredCheck,
    Credential,
    CredVerdict,
    NonceAge,
    NonceState,
)
from mdmcore.syncml.credentials import parse_basic, verify_digest
from mdmcore.syncml.digest_mistakes import DigestAccount, explain_digest
from mdmcore.syncml.model import Cred, Status

_AT_ONCE = frozenset({"200", "401", "407"})
_NEXT_SESSION = "212"


def check_cred(
    cred: Cred,
    credential: Credential | None,
    *,
    is_first: bool,
    other: Credential | None = None,
    other_users: tuple[str, ...] = (),
) -> CredCheck:
    """The verdict on a Cred; ``is_first``: of the first message of its session.

    ``other`` is the account's other entry, ``other_users`` are names that may have been taken for
    the user's; both serve to explain a wrong digest.
    """
    if credential is None:
        return CredCheck(verdict=CredVerdict.UNKNOWN, is_first_of_session=is_first)
    scheme = cred.type.strip()
    if scheme == AUTH_BASIC:
        is_right = _basic(cred) == (credential.user, credential.secret)
        verdict = CredVerdict.RIGHT if is_right else CredVerdict.WRONG
        return CredCheck(verdict=verdict, is_first_of_session=is_first)
    if scheme != AUTH_MD5:
        return CredCheck(verdict=CredVerdict.UNKNOWN, is_first_of_session=is_first)
    state = credential.nonces
    for age, nonce in _candidates(state):
        if verify_digest(cred.data, credential.user, credential.secret, nonce):
            is_right = age is NonceAge.CURRENT
            return CredCheck(
                verdict=CredVerdict.RIGHT if is_right else CredVerdict.WRONG,
                age=age,
                is_first_of_session=is_first,
                came_with=state.came_with,
                was_in_use=state.is_in_use,
            )
    if state.current is None:
        return CredCheck(
            verdict=CredVerdict.UNKNOWN, is_first_of_session=is_first, came_with=state.came_with
        )
    return CredCheck(
        verdict=CredVerdict.WRONG,
        is_first_of_session=is_first,
        came_with=state.came_with,
        mistake=_mistake(cred, credential, other, other_users),
    )


def _mistake(
    cred: Cred, credential: Credential, other: Credential | None, other_users: tuple[str, ...]
) -> str:
    account = _digest_account(credential)
    if account is None:
        return ""
    found = explain_digest(
        cred.data,
        account,
        other=None if other is None else _digest_account(other),
        other_users=tuple(name for name in other_users if name and name != credential.user),
    )
    return found or ""


def _digest_account(credential: Credential) -> DigestAccount | None:
    nonce = credential.nonces.current
    if nonce is None:
        return None
    return DigestAccount(user=credential.user, password=credential.secret, nonce=nonce)


def _candidates(state: NonceState) -> Iterator[tuple[NonceAge, bytes]]:
    if state.current is not None:
        yield NonceAge.CURRENT, state.current
    for nonce in state.doubtful:
        yield NonceAge.CURRENT, nonce
    if state.pending is not None:
        yield NonceAge.PENDING, state.pending
    for index, nonce in enumerate(state.older):
        yield NonceAge.PREVIOUS if index == 0 else NonceAge.OLDER, nonce
    yield NonceAge.EMPTY, b""


def _basic(cred: Cred) -> tuple[str, str] | None:
    try:
        return parse_basic(cred.data)
    except DeviceFault:
        return None


def after_cred(state: NonceState, check: CredCheck) -> NonceState:
    """The nonces after a Cred of their side was checked."""
    is_current = check.verdict is CredVerdict.RIGHT and check.age is NonceAge.CURRENT
    return replace(state, is_in_use=True) if is_current else state


def after_status(state: NonceState, status: Status | None) -> NonceState:
    """The nonces after the peer's Status for SyncHdr."""
    nonce = status.chal.next_nonce if status is not None and status.chal is not None else None
    if status is None or nonce is None:
        return state
    code = status.data.strip()
    if code == _NEXT_SESSION:
        return replace(state, pending=nonce)
    if code not in _AT_ONCE or nonce == state.current:
        return state
    replaced = (*state.replaced, *_known(state.current))[:MAX_OLDER_NONCES]
    return replace(_moved_on(state, nonce, code), replaced=replaced)


def at_session_start(state: NonceState, *, was_heard: bool = True) -> NonceState:
    """The nonces when a new session begins: the pending one comes into force.

    Unless ``was_heard``, the receiver did not go on after the message that brought it: it may not
    have accepted the message, and keeps no nonce of a peer that it does not believe (DMSEC 5.3.2).
    """
    kept = () if was_heard else (*state.replaced, *state.doubtful)
    moved = replace(state, replaced=())
    if state.pending is not None:
        kept = kept if was_heard else (*_known(state.current), *kept)
        moved = replace(_moved_on(moved, state.pending, _NEXT_SESSION), pending=None)
    elif was_heard:
        return moved
    return replace(moved, doubtful=tuple(dict.fromkeys(kept))[:MAX_OLDER_NONCES])


def joined(credential: Credential, nonces: NonceState) -> NonceState:
    """The nonces of an account, with those that came while nobody knew whose they are."""
    before = credential.nonces
    if nonces.current is None:
        return replace(before, pending=nonces.pending or before.pending)
    older = tuple(dict.fromkeys((*nonces.older, *_known(before.current), *before.older)))
    return replace(nonces, older=older[:MAX_OLDER_NONCES])


def _known(nonce: bytes | None) -> tuple[bytes, ...]:
    return () if nonce is None else (nonce,)


def _moved_on(state: NonceState, nonce: bytes, code: str) -> NonceState:
    older = state.older if state.current is None else (state.current, *state.older)
    older = tuple(item for item in older if item != nonce)[:MAX_OLDER_NONCES]
    return replace(state, current=nonce, older=older, came_with=code, is_in_use=False)
