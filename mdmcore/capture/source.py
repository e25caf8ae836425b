"""A capture: a file of exchanges that is read as a stream, with what could not be read of it.

Sources: design.md sections 2 and 5 (``captures[]``). What the formats look like is known by their
reader modules (``flows``, ``log``); which one a file has is decided in ``reader``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Literal

from mdmcore.errors import CaptureError
from mdmcore.http import Exchange

CaptureFormat = Literal["flows", "log", "har", "saz", "pcap", "folder", "diagnostics"]

MAX_PROBLEMS = 1000
"""A capture keeps at most this many problems; the last one then counts the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureProblem:
    """A part of a capture that was not read: ``where`` (``offset 12`` or ``line 3``) and why."""

    where: str
    message: str


@dataclass(slots=True, kw_only=True)
class Reading:
    """What one pass over a capture notes beside the exchanges it yields."""

    name: str
    problems: list[CaptureProblem] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    exchanges: int = 0
    unlisted_problems: int = 0
    until: datetime | None = None
    tell: Callable[[], int] | None = None
    """Where in its file it stands, where it reads one from its beginning to its end."""

    def problem(self, where: str, message: str) -> None:
        """Note that something at that place could not be read."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(CaptureProblem(where=where, message=message))
        else:
            self.unlisted_problems += 1

    def saw_until(self, until: datetime) -> None:
        """Note that everything until then is in the capture."""
        if self.until is None or until > self.until:
            self.until = until

    def next_index(self) -> int:
        """The index of the next exchange, counted from 1."""
        self.exchanges += 1
        return self.exchanges

    def exchange_id(self, index: int) -> str:
        """``<capture>:<index>``, unique over all captures of an analysis."""
        return f"{self.name}:{index}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a capture holds in one place: an exchange, or ``None`` for what is no HTTP. ``original``
    is what a writer of the same format writes again without loss; each format has its own."""

    exchange: Exchange | None
    original: object | None = None


Reader = Callable[[Path, Reading], Iterator[Exchange]]
"""What reads the exchanges of a path; raises OSError where it cannot be opened."""
RecordReader = Callable[[Path, Reading], Iterator[Record]]


def of_file[Found](
    read: Callable[[BinaryIO, Reading], Iterator[Found]],
) -> Callable[[Path, Reading], Iterator[Found]]:
    """A reader of the path out of one of an open file."""

    def read_path(path: Path, reading: Reading) -> Iterator[Found]:
        with path.open("rb") as file:
            reading.tell = file.tell
            yield from read(file, reading)

    return read_path


class Capture:
    """A capture file whose format is known. ``exchanges()`` may be called again: it starts anew.
    ``record_reader`` is there for a format of which records have an original.

    ``errors``, ``passed_over``, ``until`` and ``count`` belong to the latest pass and are complete
    once it is exhausted.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        format: CaptureFormat,
        reader: Reader,
        record_reader: RecordReader | None = None,
    ) -> None:
        self.path = path
        self.name = name
        self.format: CaptureFormat = format
        self._reader = reader
        self._record_reader = record_reader
        self._reading = Reading(name=name)

    def exchanges(self) -> Iterator[Exchange]:
        """All exchanges that can be read, in the order of the file; one in memory at a time.

        Raises CaptureError only when the file cannot be opened any more; damage inside it goes to
        ``errors``.
        """
        yield from self._read(self._reader)

    def records(self) -> Iterator[Record]:
        """The same for who writes them again: with originals, and with what is no HTTP where the
        format has originals of that."""
        if self._record_reader is not None:
            yield from self._read(self._record_reader)
            return
        for exchange in self.exchanges():
            yield Record(exchange=exchange)

    def _read[Found](self, reader: Callable[[Path, Reading], Iterator[Found]]) -> Iterator[Found]:
        self._reading = Reading(name=self.name)
        try:
            yield from reader(self.path, self._reading)
        except OSError as error:
            raise CaptureError(f"{self.name}: {error.strerror or error}") from error

    @property
    def errors(self) -> tuple[CaptureProblem, ...]:
        """Where the capture is broken, in the order of the file; empty when all was read."""
        unlisted = self._reading.unlisted_problems
        if not unlisted:
            return tuple(self._reading.problems)
        more = CaptureProblem(where="further on", message=f"{unlisted} more such problems")
        return (*self._reading.problems, more)

    @property
    def passed_over(self) -> Mapping[str, int]:
        """How many records it holds that are not HTTP, by kind (``tcp``, ``udp``, ``dns``)."""
        return MappingProxyType(self._reading.passed_over)

    @property
    def until(self) -> datetime | None:
        """Until when everything is in it, where it says so; else its latest exchange is the end."""
        return self._reading.until

    @property
    def position(self) -> int:
        """How many bytes of the file the present pass has behind it, 0 where that is not known."""
        tell = self._reading.tell
        try:
            return 0 if tell is None else tell()
        except ValueError:  # the file is closed: all was read
            return 0

    @property
    def count(self) -> int:
        """How many exchanges the latest pass has read."""
        return self._reading.exchanges
