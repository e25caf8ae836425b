"""Base64 as it stands in SOAP tokens and provisioning documents (RFC 4648 section 4).

Inbound, XML blanks and line breaks are skipped; anything else outside the alphabet is refused,
so that a nonce or a token which is no base64 is seen as such. Outbound is always one line.
"""

from __future__ import annotations

import base64
import binascii

_BLANKS = str.maketrans("", "", " \t\r\n")


def decode_base64(text: str) -> bytes | None:
    """The bytes, or ``None`` when the text is not base64 (wrong alphabet, length or padding)."""
    try:
        return base64.b64decode(text.translate(_BLANKS), validate=True)
    except (binascii.Error, ValueError):
        return None


def encode_base64(data: bytes) -> str:
    """One line of base64."""
    return base64.b64encode(data).decode("ascii")
