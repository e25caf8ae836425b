"""SyncML credentials: MD5 digest and Basic, computed, packed into a Cred, and verified.

Sources: DMSEC 5.3, session.md 4.2. User names and passwords are text, hashed as UTF-8; nonces are
raw bytes. Which account a credential belongs to, and what a wrong digest may come from
(``digest_mistakes``), is not decided here.
"""

from __future__ import annotations

import base64
import hashlib
from hmac import compare_digest

from mdmcore.base64_text import decode_base64
from mdmcore.errors import DeviceFault
from mdmcore.namespaces import AUTH_BASIC, AUTH_MD5
from mdmcore.syncml.model import Cred

_CRED_DATA = "/SyncML/SyncHdr/Cred/Data"


def md5(data: bytes) -> bytes:
    """The 16 bytes of MD5, which the protocol prescribes; it protects nothing by itself."""
    return hashlib.md5(data, usedforsecurity=False).digest()


def inner_digest(user: str, password: str) -> str:
    """``b64(MD5(user:password))``, the part of the digest that does not change with the nonce."""
    return base64.b64encode(md5(f"{user}:{password}".encode())).decode("ascii")


def digest(user: str, password: str, nonce: bytes) -> str:
    """``b64(MD5(b64(MD5(user:password)):nonce))`` with the raw nonce bytes (DMSEC 5.3.2)."""
    secret = inner_digest(user, password).encode("ascii") + b":" + nonce
    return base64.b64encode(md5(secret)).decode("ascii")


def basic(user: str, password: str) -> str:
    """``b64(user:password)`` (session.md 4.2)."""
    return base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def parse_basic(data: str) -> tuple[str, str]:
    """User and password of a Basic credential; the first colon separates them.

    Raises DeviceFault when the text is no base64, no UTF-8, or has no colon.
    """
    not_text = DeviceFault("credential is not base64 of UTF-8 text", place=_CRED_DATA)
    decoded = decode_base64(data)
    if decoded is None:
        raise not_text
    try:
        text = decoded.decode("utf-8")
    except UnicodeDecodeError:
        raise not_text from None
    user, colon, password = text.partition(":")
    if not colon:
        raise DeviceFault("credential has no colon behind the user name", place=_CRED_DATA)
    return user, password


def decode_digest(data: str) -> bytes | None:
    """The bytes a digest credential stands for, ``None`` when it is not base64.

    White space and missing padding are accepted. A right digest has 16 bytes.
    """
    packed = "".join(data.split()).rstrip("=")
    return decode_base64(packed + "=" * (-len(packed) % 4))


def verify_digest(given: str, user: str, password: str, nonce: bytes) -> bool:
    """Whether ``given`` is the digest of this account and nonce; takes the same time for all."""
    found = decode_digest(given)
    expected = base64.b64decode(digest(user, password, nonce))
    return found is not None and compare_digest(found, expected)


def digest_cred(user: str, password: str, nonce: bytes) -> Cred:
    """The Cred of an MD5 digest."""
    return Cred(type=AUTH_MD5, format="b64", data=digest(user, password, nonce))


def basic_cred(user: str, password: str) -> Cred:
    """The Cred of Basic authentication."""
    return Cred(type=AUTH_BASIC, format="b64", data=basic(user, password))
