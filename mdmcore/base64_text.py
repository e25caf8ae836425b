"""Base64 as it stands in SOAP tokens, provisioning documents and SyncML (RFC 4648 section 4).

Inbound, XML blanks and line breaks are skipped; anything else outside the alphabet is refused,
so that a nonce or a token which is no base64 is seen as such. Outbound is always one line.
"""

from __future__ import annotations

import base64
import re

_BLANKS = str.maketrans("", "", " \t\r\n")
# Not left to b64decode: before Python 3.13 it takes padding that nobody needs.
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def decode_base64(text: str) -> bytes | None:
    """The bytes, or ``None`` when the text is not base64 (wrong alphabet, length or padding)."""
    packed = text.translate(_BLANKS)
    return base64.b64decode(packed) if _BASE64.fullmatch(packed) else None


def encode_base64(data: bytes) -> str:
    """One line of base64."""
    return base64.b64encode(data).decode("ascii")
