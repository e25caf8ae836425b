"""Whether a Content-Length counts characters where it must count bytes (RFC 9110 section 8.6).

Seen in two ways: the body is whole and longer, or it was cut at that length by whoever read it.
Any other disagreement is not looked at here.
"""

from __future__ import annotations

import re

from mdmcore.http import Headers
from mdmcore.xml import MAX_XML_BYTES

_MAX_DIGITS = 12
_NAME = re.compile(rb"[^\s/>]+")
# Inside these a "<" begins nothing, and what ends them.
_SECTIONS = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"), (b"<!", b">"))
_TRAILING_BREAK = 2


def declared_length(headers: Headers) -> int | None:
    """The Content-Length of a body as it stands; ``None`` where none counts (or a coding is on)."""
    if "Transfer-Encoding" in headers or "Content-Encoding" in headers:
        return None
    text = (headers.get("Content-Length") or "").strip()
    is_number = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
    return int(text) if is_number else None


def counts_characters(headers: Headers, body: bytes | None, *, is_broken_xml: bool) -> bool:
    """Whether the length is the number of characters of a UTF-8 body that has more bytes.

    ``is_broken_xml``: the body is XML that does not parse; then it may be cut at that length.
    """
    length = declared_length(headers)
    if length is None or not body or len(body) > MAX_XML_BYTES or body.isascii():
        return False
    if length != len(body):
        return length in _characters(body)
    if not is_broken_xml:
        return False
    missing = missing_end(body)
    surplus = {len(body) - count for count in _characters(body)}
    # The document may have ended in a line break.
    return bool(missing) and any(
        0 <= each - len(missing or b"") <= _TRAILING_BREAK for each in surplus
    )


def missing_end(text: bytes) -> bytes | None:
    """The end tags that a cut XML text lacks, empty when it is whole.

    ``None`` when that cannot be told: it is cut elsewhere than behind or in an end tag.
    """
    open_tags: list[bytes] = []
    position = 0
    while (start := text.find(b"<", position)) >= 0:
        ends = next((end for begin, end in _SECTIONS if text.startswith(begin, start)), b">")
        end = text.find(ends, start + 1)
        if end < 0:
            break
        position = end + len(ends)
        is_tag = ends == b">" and not text.startswith(b"<!", start)
        if is_tag and not _take_tag(open_tags, text[start + 1 : end]):
            return None
    closing = b"".join(b"</" + name + b">" for name in reversed(open_tags))
    begun = text[start:] if start >= 0 else b""
    return closing[len(begun) :] if closing.startswith(begun) else None


def _take_tag(open_tags: list[bytes], tag: bytes) -> bool:
    """Add a start tag or take off its end; whether the tags still match."""
    if tag.startswith(b"/"):
        return bool(open_tags) and open_tags.pop() == tag[1:].strip()
    name = _NAME.match(tag)
    if name is not None and not tag.endswith(b"/"):
        open_tags.append(name[0])
    return name is not None


def _characters(body: bytes) -> frozenset[int]:
    """How many characters a body has: code points, or UTF-16 units as .NET and Java count."""
    text = body.decode("utf-8", "ignore")
    beyond = sum(1 for character in text if character > "\uffff")
    return frozenset({len(text), len(text) + beyond})
