"""The lines of a text file that people hand on: its encoding told by its beginning, long lines
bounded.

Windows tools redirect their output as UTF-16 (formats.md 5.0). What is not text in the encoding is
replaced, never an error.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

from mdmcore.capture.source import Reading

MAX_LINE = 16 * 1024 * 1024
"""A longer line (characters) ends the reading: no log has one."""


class _Kept(io.BufferedIOBase):
    """The bytes of a file that a text reader must not close."""

    name = "text"

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def read1(self, size: int | None = -1, /) -> bytes:
        return self._file.read(64 * 1024 if size is None or size < 0 else size)

    def read(self, size: int | None = -1, /) -> bytes:
        return self.read1(size)


def decoded(data: bytes) -> str:
    """The text of these bytes."""
    return data.decode(encoding_of(data), "replace")


def text_lines(file: BinaryIO, reading: Reading) -> Iterator[tuple[int, str]]:
    """The lines with their numbers from 1; a line over the limit is a problem and the end."""
    file.seek(0)
    encoding = encoding_of(file.read(4096))
    file.seek(0)
    # Go prints what the wire held, CRLF included; other line ends are text.
    with io.TextIOWrapper(_Kept(file), encoding=encoding, errors="replace", newline=None) as text:
        number = 0
        while line := text.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                message = f"a line of more than {MAX_LINE} characters; reading stopped"
                reading.problem(f"line {number}", message)
                return
            yield number, line


def encoding_of(head: bytes) -> str:
    """UTF-16 by its mark or its NULs, else UTF-8."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head[1:2] == b"\0" and head[3:4] == b"\0" and head[:1] != b"\0":
        return "utf-16-le"
    if head[:1] == b"\0" and head[2:3] == b"\0" and head[1:2] != b"\0":
        return "utf-16-be"
    return "utf-8-sig"
