"""Finding documents of the protocol in text: in a file, a log line, a mail, a page of notes.

Bytes in, spans out; nothing is parsed. What a document says, and whether it is well-formed, is
for the readers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_DOCUMENTS = 65
_NAMES = rb"Envelope|wap-provisioningdoc|SyncML|AET"
_ROOT = re.compile(rb"<((?:[A-Za-z_][\w.-]{0,60}+:)?(?:" + _NAMES + rb"))(?=[\s/>])", re.IGNORECASE)
_ESCAPED = re.compile(
    rb"&(?:amp;){0,4}(?:lt|#60|#x3c);(?:\?xml\s|(?:[A-Za-z_][\w.-]{0,60}+:)?(?:"
    + _NAMES
    + rb")\b)",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    rb"(?:<|\\u003c)(?:\?xml|(?:[A-Za-z_][\w.-]{0,60}+:)?(?:"
    + _NAMES
    + rb"))\b[^<>\"=]{0,200}+=\\\"",
    re.IGNORECASE,
)
_FIRST = re.compile(rb"<((?:[A-Za-z_][\w.-]{0,60}+:)?[A-Za-z_][\w.-]{0,60}+)(?=[\s/>])")
_ELEMENT = re.compile(rb"<[A-Za-z_]")
_PROLOG_BYTES = 4096
_PROLOG = re.compile(rb"<\?xml[^<>]*\?>(?:\s|<!DOCTYPE[^<>\[\]]*>|<![^<>]*>)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where a document begins, prolog included, and ends; ``name`` is that of its root."""

    start: int
    end: int
    name: str


def find_documents(data: bytes) -> tuple[Span, ...]:
    """The documents in these bytes, in order; at most ``MAX_DOCUMENTS``.

    One without end tag goes to the next document, or to the end of the data.
    """
    spans: list[Span] = []
    position = 0
    root = _ROOT.search(data)
    while root is not None and len(spans) < MAX_DOCUMENTS:
        closing = _closing(data, root)
        following = _ROOT.search(data, closing or root.end())
        end = closing or _open_end(data, following, root.end())
        name = root[1].decode("ascii", "replace").rpartition(":")[2].lower()
        spans.append(Span(start=_with_prolog(data, position, root.start()), end=end, name=name))
        position, root = end, following
    return tuple(spans)


def _closing(data: bytes, root: re.Match[bytes]) -> int | None:
    """The offset behind the root's end tag, or behind the root when it is empty."""
    end = data.find(b">", root.end())
    if end > 0 and data[end - 1 : end] == b"/":
        return end + 1
    at = data.find(b"</" + root[1], root.end())
    closed = data.find(b">", at) if at >= 0 else -1
    return closed + 1 if closed >= 0 else None


def _open_end(data: bytes, following: re.Match[bytes] | None, least: int) -> int:
    if following is None:
        return len(data)
    return max(least, _with_prolog(data, least, following.start()))


def _with_prolog(data: bytes, least: int, root: int) -> int:
    """Where the document of that root begins: at its declaration, if one stands right before."""
    start = data.rfind(b"<?xml", max(least, root - _PROLOG_BYTES), root)
    return start if start >= 0 and _PROLOG.fullmatch(data, start, root) else root


def is_prolog(before: bytes) -> bool:
    """Whether what stands before a root may be the document's own, right or wrong: nothing, or
    declarations and comments that begin it, but no other element."""
    text = before.strip()
    return not text or (text.startswith((b"<?xml", b"<!")) and _ELEMENT.search(text) is None)


def has_escaped_document(data: bytes) -> bool:
    """Whether a document stands there with ``&lt;`` in the place of ``<``."""
    return _ESCAPED.search(data) is not None


def has_quoted_document(data: bytes) -> bool:
    """Whether a document stands there as in a string of JSON, its quotes as ``\\"``."""
    return _QUOTED.search(data) is not None


def first_name(data: bytes) -> str:
    """The local name of the first element in lower case, comments skipped; empty without one."""
    at = data.find(b"<")
    while at >= 0:
        if data.startswith(b"<!--", at):
            end = data.find(b"-->", at)
            if end < 0:
                return ""
            at = end
        elif found := _FIRST.match(data, at):
            return found[1].decode("ascii", "replace").rpartition(":")[2].lower()
        at = data.find(b"<", at + 1)
    return ""
