"""Captured messages of the enrolment, written anew for another server: ids, address, user, CSR.

MS-MDE 2.2, enrollment.md sections 3, 5, 7, 10. Everything else stays as the device wrote it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from mdmcore.base64_text import decode_base64, encode_base64
from mdmcore.phone.settings import Random
from mdmcore.pki.csr import parse_pkcs10
from mdmcore.pki.remake import remake_csr
from mdmcore.pki.renewal import build_renewal_request
from mdmcore.rules.decoded import CsrPart, Decoded
from mdmcore.xml import Element, child, children, local_name, rewritten, text_of

_URN = "urn:uuid:"
_TIMESTAMP_LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Who enrols instead of the captured user."""

    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """What a message has that is not the captured one's; ``None`` leaves it as it was.

    ``token`` is the request's own (the text of the BinarySecurityToken in the body), ``user_token``
    that of the sign-in in the header, ``now`` dates the Timestamp of a header that has one.
    """

    message_id: str
    to: str
    user: User | None = None
    user_token: str | None = field(repr=False, default=None)
    token: str | None = field(repr=False, default=None)
    now: datetime


def message_id(captured: str | None, random: Random) -> str:
    """A fresh MessageID in the form of the captured one."""
    fresh = str(uuid.UUID(bytes=random(16), version=4))
    return f"{_URN}{fresh}" if (captured or _URN).strip().lower().startswith(_URN) else fresh


def renewed_message(body: bytes, new: Renewed) -> bytes:
    """The message with those values. Raises XmlError when it cannot be read."""

    def change(root: Element) -> None:
        header = _child(root, "Header")
        _set(_child(header, "MessageID"), new.message_id)
        _set(_child(header, "To"), new.to)
        security = child(header, "Security")
        if new.user is not None:
            _set(child(security, "UsernameToken", "Username"), new.user.name)
            _set(child(security, "UsernameToken", "Password"), new.user.password)
        if new.user_token is not None:
            _set(child(security, "BinarySecurityToken"), new.user_token)
        _date(child(security, "Timestamp"), new.now)
        if new.token is not None:
            _set(_token(_child(root, "Body")), new.token)

    return rewritten(body, change)


def _token(body: Element | None) -> Element | None:
    """The token of the request, which is in the body, never in the header."""
    inside = body.iter() if body is not None else ()
    return next((one for one in inside if local_name(one) == "BinarySecurityToken"), None)


def _child(parent: Element | None, name: str) -> Element | None:
    """The child of that name, in whatever letters."""
    if parent is None:
        return None
    return next((one for one in children(parent) if local_name(one).lower() == name.lower()), None)


def _set(element: Element | None, text: str) -> None:
    if element is not None:
        for inner in list(element):
            element.remove(inner)
        element.text = text


def _date(stamp: Element | None, now: datetime) -> None:
    for name, moment in (("Created", now), ("Expires", now + _TIMESTAMP_LIFETIME)):
        found = child(stamp, name)
        if text_of(found):
            written = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            _set(found, written)


def remade_csr(part: CsrPart, key: RSAPrivateKey) -> bytes:
    """The request (DER) with that key; as captured where it cannot be read."""
    return part.raw if part.csr is None else remake_csr(part.csr, key)


def renewal_token(
    captured: Decoded, csr: bytes, *, certificate: bytes, key: RSAPrivateKey
) -> str | None:
    """The text of a renewal's token around that CSR, in as many layers of base64 as the captured
    one; ``None`` where the captured one cannot be read."""
    part = captured.renewal
    if part is None or part.signed is None:
        return None
    digest = parse_pkcs10(csr).digest_name.replace("-", "").lower()
    token = build_renewal_request(
        csr,
        certificate=certificate,
        private_key=key,
        digest=digest if digest in ("sha1", "sha256") else "sha256",
    )
    text = encode_base64(token)
    for _ in range(part.layers - 1):
        text = encode_base64(text.encode("ascii"))
    return text


def wraps(token_text: str, token: str) -> bool:
    """Whether a user's token in a header is that token of a sign-in page, in base64."""
    return decode_base64(token_text) == token.encode()
