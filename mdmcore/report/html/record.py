"""What is kept of an exchange until the page is written, and the spool that keeps it.

Of an exchange the page's fragment and a few facts are written to a spool (in memory while it is
small, then a temporary file), since what stands before the exchanges is known only at the end.
The facts can be read alone: diagrams are drawn from them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime

import msgspec

_LENGTH_BYTES = 4


class Record(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """The facts of an exchange. ``number`` counts all exchanges of the page from 1; ``life`` is the
    id it had then; ``session`` is the number of its DM session in that life, 0 for none.

    ``failure`` says why there was no answer. ``rules`` are those that spoke at the time, each with
    whether it spoke of the request.
    """

    number: int
    id: str
    capture: str
    index: int
    started: datetime | None
    kind: str
    life: str | None
    session: int
    method: str
    url: str
    host: str
    status: int | None
    summary: str
    asked: str
    answered: str
    failure: str
    rules: tuple[tuple[str, bool], ...]


class Spool:
    """Records and their fragments, in order. Whoever makes it closes it."""

    def __init__(self, *, in_memory: int) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=in_memory)  # noqa: SIM115
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Record)

    def close(self) -> None:
        """Give up the file."""
        self._file.close()

    def add(self, record: Record, fragment: str) -> None:
        """Keep an exchange."""
        for data in (self._encoder.encode(record), fragment.encode()):
            self._file.write(len(data).to_bytes(_LENGTH_BYTES))
            self._file.write(data)

    def records(self) -> Iterator[Record]:
        """All records; nothing may be added meanwhile."""
        for record, _ in self._read(with_fragments=False):
            yield record

    def read(self) -> Iterator[tuple[Record, str]]:
        """All records with their fragments."""
        return self._read(with_fragments=True)

    def _read(self, *, with_fragments: bool) -> Iterator[tuple[Record, str]]:
        self._file.seek(0)
        while data := self._next():
            record = self._decoder.decode(data)
            if with_fragments:
                yield record, self._next().decode()
            else:
                length = int.from_bytes(self._file.read(_LENGTH_BYTES))
                self._file.seek(length, 1)
                yield record, ""

    def _next(self) -> bytes:
        return self._file.read(int.from_bytes(self._file.read(_LENGTH_BYTES)))
