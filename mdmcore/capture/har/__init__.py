"""HTTP archives (HAR 1.2) of browsers, Charles, Fiddler, mitmproxy and others, read as a stream.

A bad entry is a problem with its JSON path, and the next one is read; damage to the JSON itself is
a problem with its offset, and all before it has been read. Source: formats.md section 2.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from mdmcore.capture.extension import read_end
from mdmcore.capture.har.entry import EXTENSION, exchange_of
from mdmcore.capture.har.fields import Place
from mdmcore.capture.har.stream import JsonStream, elements, members
from mdmcore.capture.limits import USUAL_LIMITS, LimitedReader, Limits, Readable, size_of
from mdmcore.capture.source import Reading
from mdmcore.errors import CaptureError, ParseError
from mdmcore.http import Exchange

_HAR = re.compile(rb'[\s\xef\xbb\xbf]*\{\s*"(?:log|_[A-Za-z]+|comment|\$schema)"')
_SEARCHED = 64 * 1024


def is_har(head: bytes) -> bool:
    """Whether a file that begins so is a HAR; UTF-8 or UTF-16, as it is or packed (gzip, zlib)."""
    text = _utf8(_unpacked_head(head))
    return bool(_HAR.match(text)) and b'"log"' in text


def read_har(
    file: BinaryIO, reading: Reading, *, limits: Limits = USUAL_LIMITS
) -> Iterator[Exchange]:
    """The exchanges of a HAR, in the order of the file; what is no HTTP is counted there."""
    stream = JsonStream(_text(file, limits), limit=limits.entry_bytes)
    number = 0
    try:
        for place, creator in _entries(stream, reading):
            try:
                exchange = exchange_of(place, reading, creator=creator)
            except ParseError as error:
                reading.problem(f"log.entries[{number}]", f"this entry cannot be read: {error}")
            else:
                if exchange is not None:
                    yield exchange
            number += 1
    except ParseError as error:
        after = f"after {number} entries" if number else "before the first entry"
        reading.problem(error.where or "reading", f"{error.message}; reading ended {after}")
    except (CaptureError, UnicodeDecodeError, zlib.error, EOFError, OSError) as error:
        reading.problem(f"log.entries[{number}]", f"reading ended there: {_reason(error)}")


def _entries(stream: JsonStream, reading: Reading) -> Iterator[tuple[Place, str]]:
    """The entries as they come, with the program that wrote them where that stands before them.
    Until when the archive has seen everything goes to ``reading``.

    Raises ParseError.
    """
    seen = False
    creator = ""
    for key in members(stream):
        if key != "log":
            stream.value()
            continue
        for name in members(stream):
            if name != "entries":
                told = Place(stream.value(), name)
                creator = told.get("name").text_or("") if name == "creator" else creator
                until = read_end(told.value) if name == EXTENSION else None
                if until is not None:
                    reading.saw_until(until)
                continue
            seen = True
            for number, value in enumerate(elements(stream)):
                yield Place(value, f"log.entries[{number}]"), creator
    if not seen:
        raise ParseError("this JSON has no log.entries", offset=0)


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"bytes that are no {error.encoding}"
    return str(error) or type(error).__name__


def _text(file: BinaryIO, limits: Limits) -> io.TextIOWrapper:
    size = size_of(file)
    head = file.read(_SEARCHED)
    file.seek(0)
    packed = _coding(head)
    encoding = _encoding(_unpacked_head(head))
    if packed is None:
        return io.TextIOWrapper(_Kept(file), encoding=encoding, errors="surrogatepass", newline="")
    unpacked: Readable = gzip.GzipFile(fileobj=file) if packed == "gzip" else _Zlib(file)
    most = min(limits.total_bytes, max(64 * 1024 * 1024, size * limits.ratio))
    whole = LimitedReader(unpacked, most=most, what="the HAR")
    return io.TextIOWrapper(_Kept(whole), encoding=encoding, errors="surrogatepass", newline="")


class _Kept(io.BufferedIOBase):
    """Bytes of a stream that a text reader must not close."""

    name = "har"

    def __init__(self, file: Readable) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def read1(self, size: int | None = -1, /) -> bytes:
        return self._file.read(_SEARCHED if size is None or size < 0 else size)

    def read(self, size: int | None = -1, /) -> bytes:
        return self.read1(size)


class _Zlib:
    """A zlib stream, unpacked block by block."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._unpack = zlib.decompressobj()

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes. Raises zlib.error."""
        most = _SEARCHED if size < 0 else size
        while not self._unpack.eof:
            held = self._unpack.unconsumed_tail or self._file.read(_SEARCHED)
            block = self._unpack.decompress(held, most)
            if block:
                return block
            if not held:
                raise EOFError("the packed data are cut")
        return b""


def _coding(head: bytes) -> str | None:
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    is_zlib = len(head) > 2 and head[0] == 0x78 and int.from_bytes(head[:2], "big") % 31 == 0
    return "zlib" if is_zlib else None


def _unpacked_head(head: bytes) -> bytes:
    coding = _coding(head)
    if coding is None:
        return head
    try:
        return zlib.decompressobj(31 if coding == "gzip" else 15).decompress(head, _SEARCHED)
    except zlib.error:
        return b""


def _encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head[1:2] == b"\0" and head[:1] != b"\0":
        return "utf-16-le"
    if head[:1] == b"\0" and head[1:2] != b"\0":
        return "utf-16-be"
    return "utf-8-sig"


def _utf8(head: bytes) -> bytes:
    encoding = _encoding(head)
    return head if encoding == "utf-8-sig" else head.decode(encoding, "ignore").encode("utf-8")
