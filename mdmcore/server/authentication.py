"""Who sent this message: the credential of a SyncHdr, or an HMAC, against one account.

Sources: session.md sections 4.1 to 4.4 (OMA DM Security 5.3, 5.4). A digest is tried with the
nonce of this session's challenge, else with the account's nonce and the one before it (an answer
that got lost leaves both sides one step apart). Unknown device and wrong digest give the same
verdict.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from mdmcore.errors import MdmError
from mdmcore.namespaces import AUTH_BASIC, AUTH_MD5
from mdmcore.records import Account, AuthScheme
from mdmcore.server.session.work import Proven
from mdmcore.syncml.credentials import parse_basic, verify_digest
from mdmcore.syncml.hmac_header import MacHeader
from mdmcore.syncml.model import Cred


class Verdict(Enum):
    """What a message's credential is worth; the value is the Status for SyncHdr when refused."""

    ACCEPTED = 212
    WRONG = 401
    MISSING = 407


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The verdict, the account that was proven, how, and the nonce it was proven with.

    ``is_new``: by this message, not by an earlier one. ``ends_session``: refused for good.
    ``is_forged``: for its signature, whatever else proved it.
    """

    verdict: Verdict
    account: Account | None = None
    proven: Proven = Proven.NOT
    nonce: bytes | None = None
    is_new: bool = True
    ends_session: bool = False
    is_forged: bool = False


def check_credential(
    cred: Cred,
    candidates: Iterable[Account],
    *,
    challenge_nonce: bytes | None,
    session_nonce: bytes | None = None,
) -> Proof:
    """Compare the credential with each account in turn; the first that verifies counts.

    ``session_nonce`` is one that was right earlier in this session.
    """
    for account in candidates:
        if cred.type == AUTH_BASIC:
            if account.scheme is AuthScheme.BASIC and _proves_basic(cred.data, account):
                return _accepted(account, Proven.BASIC, None)
        elif cred.type == AUTH_MD5:
            is_own = account.scheme is AuthScheme.MD5
            for nonce in _nonces(account, challenge_nonce, session_nonce, is_own=is_own):
                if verify_digest(cred.data, account.name, account.secret, nonce):
                    return _accepted(account, Proven.MD5, nonce)
    return Proof(verdict=Verdict.WRONG)


def check_mac(
    header: MacHeader,
    body: bytes,
    candidates: Iterable[Account],
    *,
    challenge_nonce: bytes | None,
    session_nonce: bytes | None = None,
) -> Proof:
    """Compare an HMAC with the accounts of its user name; ``session_nonce``: with that one only.

    Every account with a digest can do it: there is no AAUTHTYPE of its own for it.
    """
    for account in candidates:
        if account.name != header.username:
            continue
        nonces = (
            _nonces(account, challenge_nonce, is_own=account.scheme is not AuthScheme.BASIC)
            if session_nonce is None
            else (session_nonce,)
        )
        for nonce in nonces:
            if header.verify(account.secret, nonce, body):
                return _accepted(account, Proven.HMAC, nonce)
    return Proof(verdict=Verdict.WRONG)


def _accepted(account: Account, proven: Proven, nonce: bytes | None) -> Proof:
    return Proof(verdict=Verdict.ACCEPTED, account=account, proven=proven, nonce=nonce)


def _nonces(account: Account, *of_session: bytes | None, is_own: bool) -> tuple[bytes, ...]:
    """The challenge's nonce serves any account: a stranger is asked for the same as everybody.

    ``is_own``: the account has a nonce for this way of proving, too.
    """
    nonces = list(of_session)
    if is_own:
        nonces += [account.nonce_c2s, account.previous_nonce_c2s]
    return tuple(nonce for nonce in nonces if nonce is not None)


def _proves_basic(data: str, account: Account) -> bool:
    try:
        name, secret = parse_basic(data)
    except MdmError:
        return False
    same_name = hmac.compare_digest(name.encode(), account.name.encode())
    return hmac.compare_digest(secret.encode(), account.secret.encode()) and same_name
