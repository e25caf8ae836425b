"""Naming the mistake in a digest that does not verify, by trying the known wrong formulas.

Source: session.md 4.5 and 8.2; the answers are rule ids of rules.md. Works only for one who knows
the account, that is for an inspector that saw the provisioning document. Whether an old nonce was
used too late or never stored depends on the session and is told apart elsewhere.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import MappingProxyType

from mdmcore.syncml.credentials import decode_digest, inner_digest, md5, verify_digest
from mdmcore.syncml.nonce import encode_nonce

NOT_DECODED = "digest-nonce-not-decoded"
DECODED_AS_TEXT = "digest-nonce-decoded-as-text"
INNER_HASH_HEX = "digest-inner-hash-hex"
INNER_HASH_RAW = "digest-inner-hash-raw"
MISSING_COLON = "digest-missing-colon"
HEX_THEN_BASE64 = "digest-hex-then-base64"
NONCE_IGNORED = "digest-nonce-ignored"
STALE_NONCE = "stale-nonce"
LEVELS_SWAPPED = "appauth-levels-swapped"
OTHER_USER = "digest-user-not-provider-id"
UNKNOWN_VALUES = "digest-from-unknown-values"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestAccount:
    """What one APPAUTH entry proves itself with: user name, secret, the raw nonce now in force,
    and raw nonces that were in force before (the newest first)."""

    user: str
    password: str = field(repr=False)
    nonce: bytes
    old_nonces: tuple[bytes, ...] = ()


type _Formula = Callable[[str, str, bytes], bytes]


def _outer(inner: bytes, nonce: bytes) -> bytes:
    return md5(inner + b":" + nonce)


def _plain(user: str, password: str) -> bytes:
    return f"{user}:{password}".encode()


def _inner(user: str, password: str) -> bytes:
    return inner_digest(user, password).encode("ascii")


def _as_text(nonce: bytes) -> bytes:
    """What a nonce becomes when it is put into a string and taken out again."""
    return nonce.decode("utf-8", "replace").encode("utf-8")


WRONG_FORMULAS = MappingProxyType[str, _Formula](
    {
        NOT_DECODED: lambda u, p, n: _outer(_inner(u, p), encode_nonce(n).encode("ascii")),
        INNER_HASH_HEX: lambda u, p, n: _outer(md5(_plain(u, p)).hex().encode("ascii"), n),
        INNER_HASH_RAW: lambda u, p, n: _outer(md5(_plain(u, p)), n),
        MISSING_COLON: lambda u, p, n: md5(_inner(u, p) + n),
        HEX_THEN_BASE64: lambda u, p, n: _outer(_inner(u, p), n).hex().encode("ascii"),
        DECODED_AS_TEXT: lambda u, p, n: _outer(_inner(u, p), _as_text(n)),
        NONCE_IGNORED: lambda u, p, n: _outer(_inner(u, p), b""),
    }
)
"""The bytes each mistake makes of user, password and raw nonce (table of session.md 4.5)."""


def wrong_digest(rule: str, user: str, password: str, nonce: bytes) -> str:
    """The base64 digest that the named mistake produces; raises KeyError for another rule."""
    return base64.b64encode(WRONG_FORMULAS[rule](user, password, nonce)).decode("ascii")


def explain_digest(
    given: str,
    account: DigestAccount,
    *,
    other: DigestAccount | None = None,
    other_users: tuple[str, ...] = (),
) -> str | None:
    """The rule id of the mistake in ``given``; ``None`` when it is right or cannot be explained.

    ``other`` is the other APPAUTH entry; ``other_users`` are names that may have been taken for
    the account's user (AAUTHNAME, device id). Another case of the user name is always tried.
    """
    found = decode_digest(given)
    if found is None or verify_digest(given, account.user, account.password, account.nonce):
        return None
    return next(
        (rule for rule, digest in _candidates(account, other, other_users) if digest == found), None
    )


def _candidates(
    account: DigestAccount, other: DigestAccount | None, other_users: tuple[str, ...]
) -> Iterator[tuple[str, bytes]]:
    """Every wrong digest we know, the likelier first; a variant equal to the right one cannot
    come here, since the right one was excluded before."""
    user, password, nonce = account.user, account.password, account.nonce
    for rule, formula in WRONG_FORMULAS.items():
        yield rule, formula(user, password, nonce)
    for old in account.old_nonces:
        yield STALE_NONCE, _outer(_inner(user, password), old)
    if other is not None:
        yield from _swapped(account, other)
    yield UNKNOWN_VALUES, _outer(_inner(password, user), nonce)
    for name in (*other_users, user.lower(), user.upper()):
        yield OTHER_USER, _outer(_inner(name, password), nonce)


def _swapped(account: DigestAccount, other: DigestAccount) -> Iterator[tuple[str, bytes]]:
    """The other entry's values, as a whole or in part (session.md 4.5)."""
    for user in (other.user, account.user):
        for nonce in (other.nonce, account.nonce):
            yield LEVELS_SWAPPED, _outer(_inner(user, other.password), nonce)
    yield LEVELS_SWAPPED, _outer(_inner(account.user, account.password), other.nonce)
