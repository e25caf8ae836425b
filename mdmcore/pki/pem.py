"""PEM armour around DER (RFC 7468): taken off and put on.

What the bytes inside are is told by the label only; they are not looked at.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field

from mdmcore.errors import Asn1Error

CERTIFICATE = "CERTIFICATE"
REQUEST_LABELS = ("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")

_BEGIN = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,64})-----")


@dataclass(frozen=True, slots=True, kw_only=True)
class PemBlock:
    """One armoured block: its label, the offset of its first dash, and the bytes inside."""

    label: str
    offset: int
    der: bytes = field(repr=False)


def pem_blocks(data: bytes) -> tuple[PemBlock, ...]:
    """All blocks in ``data``, text around them skipped; none when it is no PEM.

    ``Asn1Error`` with the block's offset for a missing end line or broken base64.
    """
    blocks = []
    position = 0
    while begin := _BEGIN.search(data, position):
        label = begin[1].decode("ascii")
        end_line = b"-----END " + begin[1] + b"-----"
        end = data.find(end_line, begin.end())
        if end < 0:
            raise Asn1Error(f"PEM block {label} has no end line", offset=begin.start())
        body = b"".join(data[begin.end() : end].split())
        try:
            der = base64.b64decode(body, validate=True)
        except binascii.Error as error:
            message = f"PEM block {label} is not base64: {error}"
            raise Asn1Error(message, offset=begin.start()) from error
        blocks.append(PemBlock(label=label, offset=begin.start(), der=der))
        position = end + len(end_line)
    return tuple(blocks)


def encode_pem(label: str, der: bytes) -> bytes:
    """One block in lines of 64 characters, ending in a line feed."""
    text = base64.b64encode(der)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    name = label.encode("ascii")
    armour = (b"-----BEGIN " + name + b"-----", *lines, b"-----END " + name + b"-----")
    return b"\n".join(armour) + b"\n"
