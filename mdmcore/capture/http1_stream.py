"""HTTP/1 messages off a byte stream, leniently: where each begins and ends.

Sources: RFC 9112 sections 6 and 7.1. Which request an answer belongs to is not decided here; one
stored message is taken apart in ``http1``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from mdmcore.capture.http1 import StoredMessage, parse_message

_REQUEST = re.compile(rb"[!-~]{1,32} [^\r\n]{1,65536}? HTTP/1\.\d\r?\n")
_ANSWER = re.compile(rb"HTTP/1\.\d +\d{3}(?: [^\r\n]{0,4096})?\r?\n")
_BLANK_LINES = re.compile(rb"(?:\r?\n)*")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]{0,4096})?\r?\n")
_TRAILERS = re.compile(rb"(?:[^\r\n]{1,65536}\r?\n){0,100}?\r?\n")
_LINE_BEGIN = b"\n\x00"
type IsBegin = Callable[[int], bool]
"""Whether a message may begin at that offset: what was sent in one go begins there."""


_MAX_HEAD = 1024 * 1024
_NO_BODY = frozenset({204, 304})


def nowhere(offset: int) -> bool:
    """Nothing is known of where things were sent."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedMessage:
    """A message at its place in the stream; its body has no chunk framing.

    ``is_whole`` is false where the stream ends inside it, or its framing breaks; ``expected`` is
    the length that it promises. ``is_open``: it goes on until the connection is closed.
    """

    message: StoredMessage
    start: int
    end: int
    is_whole: bool = True
    expected: int | None = None
    is_open: bool = False


def find_request(data: bytes, at: int, is_begin: IsBegin = nowhere) -> int | None:
    """Where the next request begins: here, at the begin of a later line, or at an offset that may
    be one."""
    return _find(_REQUEST, data, at, is_begin)


def find_answer(data: bytes, at: int, is_begin: IsBegin = nowhere) -> int | None:
    """Where the next answer begins, in the same way."""
    return _find(_ANSWER, data, at, is_begin)


def read_request(data: bytes, start: int) -> StreamedMessage | None:
    """The request that begins there; ``None`` where its head does not end. Raises ParseError."""
    found = _head(data, start)
    if found is None:
        return None
    if _is_chunked(found.message):
        return _chunked(found, data)
    length = _length(found.message)
    return found if length is None else _counted(found, data, length)


def read_answer(data: bytes, start: int, method: str) -> StreamedMessage | None:
    """The answer to a request of that method; ``None`` where its head does not end. Raises
    ParseError."""
    found = _head(data, start)
    if found is None:
        return None
    status = found.message.status()
    is_tunnel = method == "CONNECT" and 200 <= status < 300
    if method == "HEAD" or status < 200 or status in _NO_BODY or is_tunnel:
        return found
    if _is_chunked(found.message):
        return _chunked(found, data)
    length = _length(found.message)
    if length is not None:
        return _counted(found, data, length)
    return _with_body(found, data[found.end :], len(data), is_open=True)


def _find(pattern: re.Pattern[bytes], data: bytes, at: int, is_begin: IsBegin) -> int | None:
    blank = _BLANK_LINES.match(data, at)
    begin = blank.end() if blank is not None else at
    if pattern.match(data, begin) is not None:
        return begin
    for found in pattern.finditer(data, begin):
        start = found.start()
        if start == 0 or data[start - 1] in _LINE_BEGIN or is_begin(start):
            return start
    return None


def _head(data: bytes, start: int) -> StreamedMessage | None:
    end = _HEAD_END.search(data, start, start + _MAX_HEAD)
    if end is None:
        return None
    message = parse_message(data[start : end.end()])
    return StreamedMessage(message=message, start=start, end=end.end())


def _is_chunked(message: StoredMessage) -> bool:
    codings = ",".join(message.headers.get_all("Transfer-Encoding")).lower()
    return codings.rpartition(",")[2].strip() == "chunked"


def _length(message: StoredMessage) -> int | None:
    text = (message.headers.get("Content-Length") or "").split(",")[0].strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _counted(found: StreamedMessage, data: bytes, length: int) -> StreamedMessage:
    body = data[found.end : found.end + length]
    end = found.end + len(body)
    return _with_body(found, body, end, is_whole=len(body) == length, expected=length)


def _chunked(found: StreamedMessage, data: bytes) -> StreamedMessage:
    parts: list[bytes] = []
    at = found.end
    while (chunk := _CHUNK.match(data, at)) is not None:
        size = int(chunk[1], 16)
        if size == 0:
            rest = _TRAILERS.match(data, chunk.end())
            end = rest.end() if rest is not None else chunk.end()
            return _with_body(found, b"".join(parts), end, is_whole=rest is not None)
        part = data[chunk.end() : chunk.end() + size]
        parts.append(part)
        at = chunk.end() + len(part)
        if len(part) < size:
            break
        if data.startswith(b"\r\n", at):
            at += 2
        elif data.startswith(b"\n", at):
            at += 1
    return _with_body(found, b"".join(parts), at, is_whole=False)


def _with_body(
    found: StreamedMessage,
    body: bytes,
    end: int,
    *,
    is_whole: bool = True,
    expected: int | None = None,
    is_open: bool = False,
) -> StreamedMessage:
    return replace(
        found,
        message=replace(found.message, body=body),
        end=end,
        is_whole=is_whole,
        expected=expected,
        is_open=is_open,
    )


def is_http(data: bytes) -> bool:
    """Whether a stream begins with a request or an answer."""
    return _REQUEST.match(data) is not None or _ANSWER.match(data) is not None
