"""A body with other values: as what it is, XML, WBXML, JSON, a form, DER, PEM or plain text."""

from __future__ import annotations

import re

from mdmcore.capture.redact.edits import apply_edits
from mdmcore.capture.redact.packed import any_text, encoded_text, readable
from mdmcore.capture.redact.scrubber import Scrubber
from mdmcore.capture.redact.urls import pair_edits
from mdmcore.capture.redact.web_token import json_edits
from mdmcore.http import Headers
from mdmcore.rules.content_length import declared_length
from mdmcore.syncml.wbxml import looks_like_wbxml

_BLANKS = b" \t\r\n\xef\xbb\xbf"
_DER = b"\x30"
_FORM = re.compile(r"[\w.%+*-]{1,100}=[^\s<>\"&]*(?:&[\w.%+*-]{1,100}=[^\s<>\"&]*)*\s*")
_LOOK_AHEAD = 512


def rewritten(run: Scrubber, body: bytes) -> bytes | None:
    """The body; ``None`` where it is not understood."""
    if not body.strip(_BLANKS):
        return body
    if looks_like_wbxml(body):
        return run.wbxml(body)
    if body.startswith(_DER) and not _is_text(body):
        return run.octets(body)
    found = readable(body)
    if found is None:
        if not _begins_as_markup(body):
            return None
        found = any_text(body)
    text, codec, bom = found
    return encoded_text(_rewritten_text(run, text), codec, bom)


def _rewritten_text(run: Scrubber, text: str) -> str:
    start = text.lstrip()[:1]
    if start == "<" or "<" in text[:_LOOK_AHEAD]:
        return run.xml(text)
    if start in ("{", "["):
        return apply_edits(text, json_edits(run, text))
    if _FORM.fullmatch(text):
        return apply_edits(text, pair_edits(run, text))
    core = text.strip()
    again = run.packed(core)
    if again is not None:
        return text.replace(core, again)
    return apply_edits(text, run.free(text))


def _is_text(body: bytes) -> bool:
    return readable(body[:_LOOK_AHEAD]) is not None


def _begins_as_markup(body: bytes) -> bool:
    """Whether it is XML with bytes in it that XML has not."""
    start = body[:_LOOK_AHEAD].replace(b"\0", b"").lstrip(_BLANKS + b"\xff\xfe")
    return start.startswith(b"<")


def with_length(headers: Headers, old: bytes, new: bytes) -> Headers:
    """The headers with a Content-Length that is as right or wrong as it was."""
    length = declared_length(headers)
    if length is None or old == new:
        return headers
    fitting = _lengths(new)[_lengths(old).index(length)] if length in _lengths(old) else None
    value = max(0, length + len(new) - len(old)) if fitting is None else fitting
    return Headers(
        (name, str(value) if name.lower() == "content-length" else text) for name, text in headers
    )


def _lengths(body: bytes) -> tuple[int, int, int]:
    """In bytes, in characters, and in those of UTF-16."""
    text = body.decode("utf-8", "ignore")
    return len(body), len(text), len(text.encode("utf-16-le", "replace")) // 2
