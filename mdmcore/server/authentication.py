"""Who sent this message: the credential of a SyncHdr against the accounts it may mean.

Sources: session.md sections 4.1 to 4.4 (OMA DM Security 5.3). A digest is tried with the nonce of
this session's challenge, else with the account's nonce and the one before it (an answer that got
lost leaves both sides one step apart). Unknown device and wrong digest give the same verdict.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from mdmcore.errors import MdmError
from mdmcore.namespaces import AUTH_BASIC, AUTH_MD5
from mdmcore.records import Account, AuthScheme
from mdmcore.syncml.credentials import parse_basic, verify_digest
from mdmcore.syncml.model import Cred


class Verdict(Enum):
    """What a message's credential is worth; the value is the Status for SyncHdr."""

    ACCEPTED = 212
    WRONG = 401
    MISSING = 407


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The verdict, and the account that was proven."""

    verdict: Verdict
    account: Account | None = None


def check_credential(
    cred: Cred | None, candidates: Iterable[Account], *, challenge_nonce: bytes | None
) -> Proof:
    """Compare the credential with each account in turn; the first that verifies counts."""
    if cred is None:
        return Proof(verdict=Verdict.MISSING)
    for account in candidates:
        if _proves(cred, account, challenge_nonce):
            return Proof(verdict=Verdict.ACCEPTED, account=account)
    return Proof(verdict=Verdict.WRONG)


def _proves(cred: Cred, account: Account, challenge_nonce: bytes | None) -> bool:
    if cred.type == AUTH_BASIC and account.scheme is AuthScheme.BASIC:
        return _proves_basic(cred.data, account)
    if cred.type == AUTH_MD5:
        nonces = [challenge_nonce]  # also for a BASIC account, when a stranger was asked for MD5
        if account.scheme is AuthScheme.MD5:
            nonces += [account.nonce_c2s, account.previous_nonce_c2s]
        return any(
            verify_digest(cred.data, account.name, account.secret, nonce)
            for nonce in nonces
            if nonce is not None
        )
    return False


def _proves_basic(data: str, account: Account) -> bool:
    try:
        name, secret = parse_basic(data)
    except MdmError:
        return False
    same_name = hmac.compare_digest(name.encode(), account.name.encode())
    return hmac.compare_digest(secret.encode(), account.secret.encode()) and same_name
