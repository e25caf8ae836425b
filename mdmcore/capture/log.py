"""Reader for text logs that print each request and response between banners.

The format is that of a Go demonstration server's verbose mode, often pasted into a Markdown page:
banner, header section, body section, rule of ``=``, with whatever other lines between the blocks.
Its bodies were printed anew (indented, with blank lines), so an exchange from here is never
``verbatim``. Source: formats.md sections 5.0 and 5.4. No other log formats belong here.
"""

from __future__ import annotations

import contextlib
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Literal
from urllib.parse import urlsplit

from mdmcore.capture.source import Reading
from mdmcore.capture.text_lines import decoded, text_lines
from mdmcore.http import Exchange, Headers, Request, Response

MAX_HEADERS = 1000
"""A block with more header lines is no HTTP message: the further ones are problems."""

MAX_REMARKS = 20
"""Lines behind an exchange that are kept."""

MAX_REMARK = 300
"""Characters of such a line that are kept."""

MAX_BODY = 64 * 1024 * 1024
"""A body of more characters counts as not recorded."""

Part = Literal["request", "response"]

_BLOCK = re.compile(r"={5,} (Input Request|Output Response) ={5,}")
_SECTION = re.compile(r"-{5,} (?:Input|Response) (Header|Body) -{5,}")
_EMPTY_BODY = re.compile(r"-{5,} Empty (?:Input|Response) Body -{5,}")
_END = re.compile(r"={20,}")
_REQUEST_LINE = re.compile(r"([A-Za-z]{1,20}) (\S+) HTTP/\d(?:\.\d)?")
_STATUS_LINE = re.compile(r"HTTP/\d(?:\.\d)? (\d{3})(?: .*)?")
_HEADER = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*)")
_WORD = re.compile(r"\w")
_PARTS: dict[str, Part] = {"Input Request": "request", "Output Response": "response"}

NO_RESPONSE = "the log holds no response"


def has_banner(data: bytes) -> bool:
    """Whether a log of this kind begins somewhere in these bytes (UTF-8, or UTF-16 with a BOM)."""
    text = decoded(data)
    return re.search(r"={5} Input Request ={5,}\s*-{5,} Input Header -{5}", text) is not None


@dataclass(slots=True, kw_only=True)
class _Block:
    """One block as far as it has been read; lines count from 1."""

    part: Part
    line: int
    start_line: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body_lines: list[str] = field(default_factory=list)
    body_size: int = 0
    section: Literal["banner", "headers", "body"] = "banner"
    is_cut: bool = False

    def add_body(self, line: str) -> None:
        self.body_size += len(line)
        if self.body_size <= MAX_BODY:
            self.body_lines.append(line)

    @property
    def body(self) -> bytes | None:
        """The body without its printed indentation; None when it is cut or too long."""
        if self.is_cut or self.body_size > MAX_BODY:
            return None
        return textwrap.dedent("".join(self.body_lines)).strip().encode("utf-8", "replace")


def read_log(file: BinaryIO, reading: Reading) -> Iterator[Exchange]:
    """The exchanges of a log: each request with the response block that follows it.

    A request without a response is yielded with ``error``; a block that is cut short keeps its
    headers, has a body of None, and is a problem with its line. What the server says of itself
    between the blocks is kept with the exchange before.
    """
    whole: Exchange | None = None
    for found in _exchanges(file, reading):
        if isinstance(found, Exchange):
            if whole is not None:
                yield whole
            whole = found
        elif whole is not None and len(whole.remarks) < MAX_REMARKS:
            whole = replace(whole, remarks=(*whole.remarks, found))
    if whole is not None:
        yield whole


def _exchanges(file: BinaryIO, reading: Reading) -> Iterator[Exchange | str]:
    """The exchanges, and the lines between them."""
    request: Exchange | None = None
    for block in _blocks(file, reading):
        if isinstance(block, str):
            if request is None:
                yield block
            continue
        if block.part == "request":
            if request is not None:
                yield replace(request, error=NO_RESPONSE)
            request = _exchange(block, reading)
            continue
        response = _response(block, reading)
        if response is None:
            continue
        if request is None:
            reading.problem(f"line {block.line}", "a response without a request before it")
            continue
        yield replace(request, response=response)
        request = None
    if request is not None:
        yield replace(request, error=NO_RESPONSE)


def _blocks(file: BinaryIO, reading: Reading) -> Iterator[_Block | str]:
    """The blocks, and the lines outside of them that have words."""
    block: _Block | None = None
    for number, line in text_lines(file, reading):
        stripped = line.strip()
        if banner := _BLOCK.fullmatch(stripped):
            if block is not None:
                yield _cut(block, number, "the next block begins inside this one", reading)
            block = _Block(part=_PARTS[banner[1]], line=number)
        elif block is None:
            if _WORD.search(stripped):
                yield stripped[:MAX_REMARK]
        elif _END.fullmatch(stripped):
            yield block
            block = None
        else:
            _take(block, line, stripped, number, reading)
    if block is not None:
        yield _cut(block, None, "the log ends inside this block", reading)


def _take(block: _Block, line: str, stripped: str, number: int, reading: Reading) -> None:
    """Put one line where it belongs in its block."""
    if block.section == "body":
        block.add_body(line)
    elif section := _SECTION.fullmatch(stripped):
        block.section = "headers" if section[1] == "Header" else "body"
    elif _EMPTY_BODY.fullmatch(stripped):
        block.section = "body"
    elif block.section == "headers" and stripped:
        if not block.start_line:
            block.start_line = stripped
        elif (header := _HEADER.fullmatch(stripped)) and len(block.headers) < MAX_HEADERS:
            block.headers.append((header[1], header[2]))
        else:
            reading.problem(f"line {number}", f"no header line: {stripped[:60]!r}")


def _cut(block: _Block, number: int | None, message: str, reading: Reading) -> _Block:
    where = f"line {block.line}" if number is None else f"line {number}"
    reading.problem(where, f"{message} ({block.part}, begun in line {block.line})")
    block.is_cut = True
    return block


def _exchange(block: _Block, reading: Reading) -> Exchange | None:
    line = _REQUEST_LINE.fullmatch(block.start_line)
    if line is None:
        if not block.is_cut:
            reading.problem(f"line {block.line}", f"no request line: {block.start_line[:60]!r}")
        return None
    headers = Headers(block.headers)
    host = headers.get("Host", "")
    if not host and not line[2].startswith(("http://", "https://")) and not block.is_cut:
        reading.problem(f"line {block.line}", "a request without a Host header: its URL has none")
    index = reading.next_index()
    return Exchange(
        id=reading.exchange_id(index),
        index=index,
        capture=reading.name,
        request=Request(
            method=line[1], url=_url(host or "", line[2]), headers=headers, body=block.body
        ),
        verbatim=False,
    )


def _url(host: str, target: str) -> str:
    # The log does not tell the scheme; the server that writes it serves HTTPS alone.
    with contextlib.suppress(ValueError):
        if urlsplit(target).scheme in ("http", "https") and urlsplit(target).hostname:
            return target
    slash = "" if target.startswith("/") else "/"
    return f"https://{re.sub(r'[^0-9A-Za-z.:_-]', '', host)}{slash}{target}"


def _response(block: _Block, reading: Reading) -> Response | None:
    line = _STATUS_LINE.fullmatch(block.start_line)
    if line is None:
        if not block.is_cut:
            reading.problem(f"line {block.line}", f"no status line: {block.start_line[:60]!r}")
        return None
    return Response(status=int(line[1]), headers=Headers(block.headers), body=block.body)
