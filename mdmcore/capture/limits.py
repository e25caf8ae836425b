"""How much an archive or a compressed file may hold: a few bytes can stand for gigabytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Protocol

from mdmcore.errors import CaptureError

_BLOCK = 64 * 1024


class Readable(Protocol):
    """What has bytes to read."""

    def read(self, size: int = ..., /) -> bytes:
        """The next bytes, empty at the end."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """``entries``: files in an archive; ``entry_bytes``: unpacked bytes of one of them, or of one
    record; ``total_bytes``: unpacked bytes of the whole; ``ratio``: unpacked to packed bytes of an
    entry, looked at above one MiB."""

    entries: int = 200_000
    entry_bytes: int = 256 * 1024 * 1024
    total_bytes: int = 16 * 1024 * 1024 * 1024
    ratio: int = 1100

    def read_all(self, file: Readable, *, packed: int, what: str) -> bytes:
        """All bytes of an entry that takes ``packed`` bytes. Raises CaptureError at a limit."""
        most = self.most_of(packed)
        parts: list[bytes] = []
        size = 0
        while block := file.read(_BLOCK):
            size += len(block)
            if size > most:
                raise CaptureError(f"{what} unpacks to more than {most} bytes: it is not read")
            parts.append(block)
        return b"".join(parts)

    def most_of(self, packed: int) -> int:
        """How many bytes an entry of that packed size may have."""
        return min(self.entry_bytes, max(1024 * 1024, packed * self.ratio))


USUAL_LIMITS = Limits()


class LimitedReader:
    """A stream that ends with CaptureError once more than ``most`` bytes came out of it."""

    def __init__(self, file: Readable, *, most: int, what: str) -> None:
        self._file = file
        self._left = most
        self._message = f"{what} unpacks to more than {most} bytes: reading ends there"

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes. Raises CaptureError beyond the limit."""
        block = self._file.read(_BLOCK if size < 0 else size)
        self._left -= len(block)
        if self._left < 0:
            raise CaptureError(self._message)
        return block


def size_of(file: BinaryIO) -> int:
    """The bytes of a seekable file; it stands at its beginning afterwards."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    return size
