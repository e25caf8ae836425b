"""What a device holds against what it was to hold: raw, trimmed, as XML, or as a number.

A device gives values back in its own spelling: XML in another order of attributes, True for true, a
number without its leading zero. ``auto`` compares by what the node holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from mdmcore.base64_text import decode_base64
from mdmcore.csp.catalogue import find_node
from mdmcore.csp.comparing import Compare
from mdmcore.errors import MdmError
from mdmcore.xml import canonicalize

_NUMBER = re.compile(r"[+-]?[0-9]{1,100}(\.[0-9]{1,100})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Whether two values are the same, and how that was seen: ``Compare``, ``bytes``, ``bool``."""

    is_equal: bool
    how: str


def compare(uri: str, expected: str, found: str, *, format: str, by: Compare) -> Comparison:
    """Compare the value that was sent with the one read back; ``format`` is the node's."""
    match by:
        case Compare.RAW:
            return Comparison(is_equal=expected == found, how=by)
        case Compare.TRIMMED:
            return Comparison(is_equal=expected.strip() == found.strip(), how=by)
        case Compare.XML:
            return _as_xml(expected, found)
        case Compare.NUMBER:
            return _as_numbers(expected, found)
        case Compare.AUTO:
            return _by_format(uri, expected, found, format)


def _by_format(uri: str, expected: str, found: str, format: str) -> Comparison:
    if format in {"int", "float"}:
        return _as_numbers(expected, found)
    if format == "bool":
        same = expected.strip().lower() == found.strip().lower()
        return Comparison(is_equal=same, how="bool")
    if format in {"b64", "bin"}:
        contents = decode_base64(expected), decode_base64(found)
        return Comparison(is_equal=None not in contents and len(set(contents)) == 1, how="bytes")
    node = find_node(uri)
    if format == "xml" or (node is not None and node.payload is not None):
        return _as_xml(expected, found)
    return compare(uri, expected, found, format=format, by=Compare.TRIMMED)


def _as_xml(expected: str, found: str) -> Comparison:
    """Texts that are both no XML are compared as they are."""
    documents = _canonical(expected), _canonical(found)
    if documents == (None, None):
        return Comparison(is_equal=expected.strip() == found.strip(), how=Compare.TRIMMED)
    return Comparison(is_equal=documents[0] == documents[1], how=Compare.XML)


def _canonical(text: str) -> bytes | None:
    """The content in canonical form, around it one element: a value may have several roots."""
    content = re.sub(r"\A\s*<\?xml[^>]*\?>", "", text)
    if "<" not in content:
        return None
    try:
        return canonicalize(f"<value>{content}</value>".encode())
    except (MdmError, UnicodeEncodeError):
        return None


def _as_numbers(expected: str, found: str) -> Comparison:
    numbers = _number(expected), _number(found)
    if numbers == (None, None):
        return Comparison(is_equal=expected.strip() == found.strip(), how=Compare.TRIMMED)
    return Comparison(is_equal=numbers[0] == numbers[1], how=Compare.NUMBER)


def _number(text: str) -> Decimal | None:
    if not _NUMBER.fullmatch(text.strip()):
        return None
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        return None
