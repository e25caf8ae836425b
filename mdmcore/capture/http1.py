"""One stored HTTP/1 message taken apart, leniently: what archives keep is what somebody sent.

Source: RFC 9112 sections 2, 5 and 7.1; formats.md section 1.2 for what stored messages look like.
Reading messages off a byte stream, where lengths decide, is not done here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mdmcore.errors import ParseError
from mdmcore.http import Headers

MAX_HEADERS = 1000
"""A message with more header lines is none."""

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK_SIZE = re.compile(rb"\s*([0-9A-Fa-f]{1,12})[ \t]*(?:;[^\r\n]*)?\r?\n")
_STATUS_LINE = re.compile(r"(HTTP/\d+(?:\.\d+)?) +(\d{1,3})(?: +(.*))?")
_REQUEST_LINE = re.compile(r"(\S{1,40}) +(\S.*?)(?: +(HTTP/\d+(?:\.\d+)?))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """The parts of a message: its first line, its headers, and the body as it was stored."""

    first_line: str
    headers: Headers
    body: bytes

    def request_line(self) -> tuple[str, str]:
        """Method and target. Raises ParseError where the first line is none of a request."""
        found = _REQUEST_LINE.fullmatch(self.first_line)
        if found is None:
            raise ParseError(f"no request line: {self.first_line[:60]!r}")
        return found[1], found[2]

    def status(self) -> int:
        """The status code. Raises ParseError where the first line is none of an answer."""
        found = _STATUS_LINE.fullmatch(self.first_line)
        if found is None:
            raise ParseError(f"no status line: {self.first_line[:60]!r}")
        return int(found[2])


def parse_message(data: bytes) -> StoredMessage:
    """The message in these bytes. Raises ParseError where its head does not end, or is none.

    A header that goes on in the next line is joined by a blank (RFC 9112 5.2); a line without a
    colon is left out.
    """
    end = _HEAD_END.search(data)
    if end is None:
        raise ParseError("the headers do not end", offset=len(data))
    lines = data[: end.start()].decode("latin-1").replace("\r\n", "\n").split("\n")
    if len(lines) > MAX_HEADERS:
        raise ParseError(f"more than {MAX_HEADERS} header lines")
    fields: list[tuple[str, str]] = []
    for line in lines[1:]:
        if line[:1] in (" ", "\t") and fields:
            fields[-1] = (fields[-1][0], f"{fields[-1][1]} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if colon:
            fields.append((name.rstrip(), value.strip(" \t")))
    return StoredMessage(
        first_line=lines[0].strip(), headers=Headers(fields), body=data[end.end() :]
    )


def without_chunks(body: bytes) -> bytes | None:
    """The body without chunk framing; ``None`` where the first line is no chunk's, so that it has
    none. A body that is cut gives what is there."""
    parts: list[bytes] = []
    at = 0
    while (found := _CHUNK_SIZE.match(body, at)) is not None:
        size = int(found[1], 16)
        if size == 0:
            return b"".join(parts)
        start = found.end()
        parts.append(body[start : start + size])
        at = start + size
        if body.startswith(b"\r\n", at):
            at += 2
        elif body.startswith(b"\n", at):
            at += 1
    return b"".join(parts) if parts else None
