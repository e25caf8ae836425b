"""The proofs of a captured message, made anew with another account's values (session.md 4).

A proof that was right is right again; one that was wrong is wrong in the same way, as far as it is
known how.
"""

from __future__ import annotations

from dataclasses import replace

from mdmcore.namespaces import AUTH_BASIC, AUTH_MD5
from mdmcore.rules.life import CredCheck, Credential, CredVerdict, NonceAge, NonceState
from mdmcore.syncml.credentials import basic, digest
from mdmcore.syncml.digest_mistakes import (
    LEVELS_SWAPPED,
    OTHER_USER,
    UNKNOWN_VALUES,
    WRONG_FORMULAS,
    wrong_digest,
)
from mdmcore.syncml.hmac_header import HMAC_HEADER, MacHeader, mac, serialize_mac_header
from mdmcore.syncml.model import Cred


def remade_cred(
    cred: Cred,
    check: CredCheck | None,
    credential: Credential,
    nonces: NonceState,
    *,
    scheme: str = "",
    other: Credential | None = None,
) -> Cred:
    """The credential for that account and the nonces in force; ``scheme`` where another one was
    asked for than the captured. One of an unknown type stays as it was. ``other`` is the account's
    other entry, for a proof that was made with its values."""
    type_ = (scheme or cred.type).strip()
    user, secret = credential.user, credential.secret
    is_wrong = check is not None and check.verdict is CredVerdict.WRONG and not scheme
    if type_ == AUTH_BASIC:
        data = basic(user, _other(secret) if is_wrong else secret)
    elif type_ == AUTH_MD5:
        data = _digest(check if is_wrong else None, credential, nonces, other)
    else:
        return cred
    return replace(cred, type=scheme or cred.type, format=cred.format or "b64", data=data)


def _digest(
    wrong: CredCheck | None,
    credential: Credential,
    nonces: NonceState,
    other: Credential | None,
) -> str:
    user, secret, nonce = credential.user, credential.secret, nonces.current or b""
    if wrong is None:
        return digest(user, secret, nonce)
    if wrong.mistake in WRONG_FORMULAS:
        return wrong_digest(wrong.mistake, user, secret, nonce)
    if wrong.mistake == LEVELS_SWAPPED and other is not None:
        return digest(user, other.secret, nonce)
    if wrong.mistake == UNKNOWN_VALUES:
        return digest(secret, user, nonce)
    if wrong.mistake == OTHER_USER:
        name = user.lower() if user.lower() != user else user.upper()
        return digest(name, secret, nonce)
    aged = _aged(wrong.age, nonces)
    return digest(user, _other(secret), nonce) if aged is None else digest(user, secret, aged)


def _aged(age: NonceAge, nonces: NonceState) -> bytes | None:
    """A nonce of that age; ``None`` where there is none, or the age is not what is wrong."""
    match age:
        case NonceAge.EMPTY:
            return b""
        case NonceAge.PENDING:
            return nonces.pending
        case NonceAge.PREVIOUS:
            return next(iter(nonces.older), None)
        case NonceAge.OLDER:
            return nonces.older[-1] if nonces.older else None
        case _:
            return None


def _other(secret: str) -> str:
    """A secret that is not this one."""
    return f"{secret}-not"


def remade_mac(credential: Credential, nonces: NonceState, body: bytes) -> tuple[str, str]:
    """The header that proves a message. Raises ProtocolError for a name that cannot stand in it."""
    proof = mac(credential.user, credential.secret, nonces.current or b"", body)
    return HMAC_HEADER, serialize_mac_header(MacHeader(username=credential.user, mac=proof))
