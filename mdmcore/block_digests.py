"""Digests of a file's blocks, by which parts of it can be compared without being kept.

A block has 4096 bytes and begins at a multiple of that, whatever part it comes in; so parts that
begin elsewhere are compared where they share whole blocks. Each block that was seen whole has eight
bytes of its SHA-256; what is smaller, or stands at a part's ends, is not compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

BLOCK_BYTES = 4096
DIGEST_BYTES = 8
MAX_BLOCKS = 128 * 1024
"""Blocks that are remembered of one file: the first 512 MB, in 1 MB."""

_UNKNOWN = bytes(DIGEST_BYTES)  # that a digest begins so is as good as impossible


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDigests:
    """The digests of a row of blocks: ``first`` is the number of the first one, ``data`` has eight
    bytes for each, zeros for one in between that was not seen."""

    first: int = 0
    data: bytes = b""

    @property
    def end(self) -> int:
        """The number of the block behind the last."""
        return self.first + len(self.data) // DIGEST_BYTES

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Number and digest of each block that was seen."""
        for number in range(self.first, self.end):
            digest = self._from(number, number + 1)
            if digest != _UNKNOWN:
                yield number, digest

    def first_difference(self, other: BlockDigests) -> int | None:
        """The offset, in bytes of the file, of the first block that has another digest there."""
        begin, end = max(self.first, other.first), min(self.end, other.end)
        if begin >= end or self._from(begin, end) == other._from(begin, end):
            return None
        # As numbers, for speed: there may be 128 thousand; zero is what was not seen.
        pairs = zip(self._numbers(begin, end), other._numbers(begin, end), strict=True)
        differing = (at for at, (one, two) in enumerate(pairs, begin) if one != two and one and two)
        number = next(differing, None)
        return None if number is None else number * BLOCK_BYTES

    def joined(self, newer: BlockDigests) -> BlockDigests:
        """The blocks of both; where both have one, the newer."""
        if not newer.data or not self.data:
            return newer if newer.data else self
        first = min(self.first, newer.first)
        data = bytearray((max(self.end, newer.end) - first) * DIGEST_BYTES)
        for begin, row in ((self.first, self.data), *newer._seen()):
            at = (begin - first) * DIGEST_BYTES
            data[at : at + len(row)] = row
        return BlockDigests(first=first, data=bytes(data))

    def _from(self, begin: int, end: int) -> bytes:
        return self.data[(begin - self.first) * DIGEST_BYTES : (end - self.first) * DIGEST_BYTES]

    def _numbers(self, begin: int, end: int) -> memoryview[int]:
        return memoryview(self._from(begin, end)).cast("Q")

    def _seen(self) -> Iterator[tuple[int, bytes]]:
        """What was seen, in rows: the number of the first block, and the digests."""
        if _UNKNOWN not in self.data:
            yield self.first, self.data
        else:
            yield from self


NO_BLOCKS = BlockDigests()


class BlockMeter:
    """Makes the digests of what passes, however it is cut; ``start`` is where in the file it
    begins."""

    def __init__(self, start: int = 0) -> None:
        self._first = -(-start // BLOCK_BYTES)
        self._skip = self._first * BLOCK_BYTES - start
        self._missing = BLOCK_BYTES
        self._digest = hashlib.sha256()
        self._data = bytearray()

    def take(self, data: bytes) -> None:
        """The next bytes."""
        at = min(self._skip, len(data))
        self._skip -= at
        view = memoryview(data)
        room = MAX_BLOCKS - self._first
        while at < len(data) and len(self._data) < room * DIGEST_BYTES:
            piece = view[at : at + self._missing]
            self._digest.update(piece)
            at += len(piece)
            self._missing -= len(piece)
            if not self._missing:
                self._data += self._digest.digest()[:DIGEST_BYTES]
                self._digest, self._missing = hashlib.sha256(), BLOCK_BYTES

    @property
    def blocks(self) -> BlockDigests:
        """The blocks that were whole so far."""
        if not self._data:
            return NO_BLOCKS
        return BlockDigests(first=self._first, data=bytes(self._data))


def blocks_of(data: bytes, start: int = 0) -> BlockDigests:
    """The digests of all whole blocks in ``data``, which stands at ``start`` in the file."""
    meter = BlockMeter(start)
    meter.take(data)
    return meter.blocks
