"""Bytes before the XML declaration of a document that is well-formed without them."""

from __future__ import annotations

from mdmcore.errors import XmlError
from mdmcore.xml import parse_strict

_LOOK_AHEAD = 4096
"""Bytes in which a declaration is looked for; what stands behind more of others is no prefix."""


def stray_prefix(text: bytes) -> bytes:
    """The bytes before the declaration, when the document is well-formed without them.

    Empty where there are none, or where leaving them out does not help.
    """
    start = text.find(b"<?xml ", 0, _LOOK_AHEAD)
    if start <= 0:
        return b""
    try:
        parse_strict(text[start:])
    except XmlError:
        return b""
    return text[:start]
