"""The last look: whether a value that was replaced still stands anywhere in what is to be written.

Each value is looked for as it is and in every coding in which it may stand (escaped, base64 at its
three places, also twice, UTF-16, hex), in the bytes themselves and in what is packed in them. What
is found is told by kind and place, never by value.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO
from urllib.parse import quote

from mdmcore.capture.redact.edits import XML_TEXT
from mdmcore.capture.redact.kinds import ValueKind

_PREFIX = 6
_LOOSE = 8
"""Bytes from which on a value counts also inside a longer word."""
_CHUNK = 4 * 1024 * 1024
_MAX_LEAKS = 100
_MAX_PACKED = 256 * 1024 * 1024
_MAX_DEPTH = 4
_GZIP = b"\x1f\x8b\x08"
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A value of that kind that still stands at that place, in that coding."""

    kind: ValueKind
    coding: str
    place: str

    def __str__(self) -> str:
        return f"a value ({self.kind}) still stands at {self.place} ({self.coding})"


class LeakSearch:
    """Looks for values; those that are told are held in memory only."""

    def __init__(self, values: Iterable[tuple[str, ValueKind]]) -> None:
        self._index: dict[bytes, list[tuple[bytes, ValueKind, str]]] = {}
        self._longest = 0
        known: set[bytes] = set()
        for value, kind in values:
            for coding, pattern in _codings(value):
                if len(pattern) >= _PREFIX and pattern not in known:
                    known.add(pattern)
                    row = self._index.setdefault(pattern[:_PREFIX], [])
                    row.append((pattern, kind, coding))
                    self._longest = max(self._longest, len(pattern))

    def in_file(self, file: BinaryIO, name: str) -> list[Leak]:
        """What is found in a file, also within its packed parts."""
        return list(_first(self._in_file(file, name, 0)))

    def in_bytes(self, data: bytes, name: str) -> list[Leak]:
        """What is found in these bytes."""
        return self.in_file(io.BytesIO(data), name)

    def _in_file(self, file: BinaryIO, name: str, depth: int) -> Iterator[Leak]:
        head = file.read(len(_ZIP))
        file.seek(0)
        if head == _ZIP and depth < _MAX_DEPTH:
            yield from self._in_zip(file, name, depth)
            file.seek(0)
        yield from self._in_stream(file, name, depth)

    def _in_zip(self, file: BinaryIO, name: str, depth: int) -> Iterator[Leak]:
        try:
            with zipfile.ZipFile(file) as archive:
                yield from self._in_data(archive.comment, f"{name} comment", depth)
                for item in archive.infolist():
                    place = f"{name}/{item.filename}"
                    yield from self._in_data(item.filename.encode(), f"{place} (its name)", depth)
                    yield from self._in_data(item.comment + item.extra, f"{place} comment", depth)
                    if item.flag_bits & 1:
                        continue
                    with archive.open(item) as member:
                        if item.file_size > _MAX_PACKED:
                            yield from self._in_stream(member, place, depth + 1)
                        else:
                            yield from self._in_file(io.BytesIO(member.read()), place, depth + 1)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError):
            return

    def _in_stream(self, file: IO[bytes], name: str, depth: int) -> Iterator[Leak]:
        base, kept = 0, b""
        while chunk := file.read(_CHUNK):
            data = kept + chunk
            yield from self._in_data(data, name, depth, base=base)
            overlap = min(len(data), max(self._longest, _PREFIX))
            kept = data[len(data) - overlap :]
            base += len(data) - overlap

    def _in_data(self, data: bytes, name: str, depth: int, *, base: int = 0) -> Iterator[Leak]:
        index = self._index
        if not index:
            return
        for at in range(len(data) - _PREFIX + 1):
            rows = index.get(data[at : at + _PREFIX])
            if rows is None:
                continue
            for pattern, kind, coding in rows:
                if data.startswith(pattern, at) and _counts(data, at, pattern):
                    yield Leak(kind=kind, coding=coding, place=f"{name} offset {base + at}")
        if depth < _MAX_DEPTH:
            yield from self._in_gzip(data, name, depth, base)

    def _in_gzip(self, data: bytes, name: str, depth: int, base: int) -> Iterator[Leak]:
        at = data.find(_GZIP)
        while at >= 0:
            inside = _unpacked(data[at:])
            if inside:
                yield from self._in_data(inside, f"{name} offset {base + at}, gzip", depth + 1)
            at = data.find(_GZIP, at + 1)


def _first(leaks: Iterator[Leak]) -> Iterator[Leak]:
    seen: set[Leak] = set()
    for leak in leaks:
        if leak not in seen:
            seen.add(leak)
            yield leak
        if len(seen) >= _MAX_LEAKS:
            return


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(data, _MAX_PACKED)
    except zlib.error:
        return b""


def _counts(data: bytes, at: int, pattern: bytes) -> bool:
    """Whether it is no part of a longer word by chance."""
    if len(pattern) >= _LOOSE:
        return True
    end = at + len(pattern)
    around = data[at - 1 : at] if at else b""
    return not (around.isalnum() or data[end : end + 1].isalnum())


def _codings(value: str) -> Iterator[tuple[str, bytes]]:
    plain = value.encode("utf-8", "surrogatepass")
    for text in dict.fromkeys((value, value.lower(), value.upper())):
        yield "plain", text.encode("utf-8", "surrogatepass")
    yield "XML escapes", XML_TEXT.encode(value).encode("utf-8", "replace")
    yield "percent escapes", quote(plain, safe="").encode()
    yield "percent escapes", quote(plain, safe="!*'()").encode()
    yield "JSON", json.dumps(value)[1:-1].encode()
    for codec in ("utf-16-le", "utf-16-be"):
        yield codec.upper(), value.encode(codec, "surrogatepass")
    if len(plain) < _PREFIX:
        return
    yield "hex", plain.hex().encode()
    yield "hex", plain.hex().upper().encode()
    wide = value.encode("utf-16-le", "surrogatepass")
    for name, data in (("base64", plain), ("base64 of UTF-16LE", wide)):
        for once in _base64_forms(data):
            if len(once) >= _LOOSE:
                yield name, once
                yield name, once.translate(bytes.maketrans(b"+/", b"-_"))
            for twice in _base64_forms(once):
                if len(twice) >= _LOOSE:
                    yield f"{name}, twice", twice


def _base64_forms(data: bytes) -> Iterator[bytes]:
    """What base64 has of the data whatever stands before and behind them."""
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + data).rstrip(b"=")
        start = (0, 2, 3)[shift]
        whole = (shift + len(data)) * 8 // 6
        yield coded[start:whole]
