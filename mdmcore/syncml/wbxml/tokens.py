"""The global tokens of WBXML, which mean the same on every code page (WAP-192 section 7.1).

Tag and attribute tokens of a page stand in ``pages``; how tokens follow each other in ``decoder``.
"""

from __future__ import annotations

from mdmcore.errors import WbxmlError

SWITCH_PAGE = 0x00
END = 0x01
ENTITY = 0x02
STR_I = 0x03
LITERAL = 0x04
PI = 0x43
STR_T = 0x83
OPAQUE = 0xC3

EXT_I = (0x40, 0x41, 0x42)
"""Extensions with an inline string."""
EXT_T = (0x80, 0x81, 0x82)
"""Extensions with a number."""
EXT = (0xC0, 0xC1, 0xC2)
"""Extensions of one byte."""
EXTENSIONS = frozenset((*EXT_I, *EXT_T, *EXT))

HAS_ATTRIBUTES = 0x80
HAS_CONTENT = 0x40
IDENTITY = 0x3F
"""The bits of a tag token that name the tag; below FIRST_TAG they are global tokens."""
FIRST_TAG = 0x05

MAX_MB_BYTES = 5
"""Bytes of the longest mb_u32: five groups of seven bits hold 32 bits."""
MAX_U32 = 0xFFFFFFFF


def encode_mb_u32(value: int) -> bytes:
    """The number in groups of seven bits, the highest first. Raises WbxmlError beyond 32 bits."""
    if not 0 <= value <= MAX_U32:
        raise WbxmlError(f"{value} is no number of 32 bits")
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(0x80 | value & 0x7F)
    return bytes(reversed(groups))
