"""Writing a capture, whatever its format: into a file of its own that is there when it is whole.

Formats that are written: mitmproxy flows, HAR, Fiddler's archives. The writer of flows knows
mitmproxy and is handed in. Records come one by one, and none is kept.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

from mdmcore.capture.har.writer import HarWriter
from mdmcore.capture.source import Record
from mdmcore.errors import ConfigError
from mdmcore.http import Exchange

WrittenFormat = Literal["flows", "har", "saz"]

_SUFFIXES: dict[str, WrittenFormat] = {
    ".mitm": "flows",
    ".flow": "flows",
    ".flows": "flows",
    ".har": "har",
    ".saz": "saz",
}


class RecordWriter(Protocol):
    """What writes a capture of one format."""

    def add(self, record: Record) -> None:
        """Write a record. One that is no HTTP is left out where the format has no room for it."""
        ...

    def finish(self, until: datetime | None = None) -> None:
        """Write what comes last: ``until`` when everything is in it, where that is told."""
        ...

    def abandon(self) -> None:
        """Let go of the file, which will not be whole."""
        ...


type OpenWriter = Callable[[BinaryIO], RecordWriter]


class _Exchanges(Protocol):
    def add(self, exchange: Exchange) -> None: ...

    def finish(self, until: datetime | None = None) -> None: ...

    def abandon(self) -> None: ...


class ExchangeRecords:
    """A writer of records for a format that has exchanges alone."""

    def __init__(self, writer: _Exchanges) -> None:
        self._writer = writer

    def add(self, record: Record) -> None:
        """Write the exchange, if it is one."""
        if record.exchange is not None:
            self._writer.add(record.exchange)

    def finish(self, until: datetime | None = None) -> None:
        """Write what comes last."""
        self._writer.finish(until)

    def abandon(self) -> None:
        """Let go of the file."""
        self._writer.abandon()


def format_of(path: Path) -> WrittenFormat:
    """The format that a name asks for. Raises ConfigError for another name."""
    found = _SUFFIXES.get(path.suffix.lower())
    if found is None:
        names = ", ".join(_SUFFIXES)
        raise ConfigError(f"{path}: its name tells no format ({names}); name one with --to")
    return found


def har_writer(
    out: BinaryIO, *, version: str, remark: Callable[[], str] = lambda: ""
) -> RecordWriter:
    """A writer of a HAR; ``version`` is that of mdmproxy, ``remark`` is asked at the end what is
    to be said of the whole."""
    return ExchangeRecords(HarWriter(out, version=version, remark=remark))


def saz_writer(
    out: BinaryIO, *, password: str | None = None, remark: Callable[[], str] = lambda: ""
) -> RecordWriter:
    """A writer of a Fiddler archive, locked where there is a password; ``remark`` as above."""
    from mdmcore.capture.saz.writer import SazWriter  # its library takes its time

    return ExchangeRecords(SazWriter(out, password=password, remark=remark))


@contextlib.contextmanager
def writing(path: Path, begin: OpenWriter, *, force: bool = False) -> Iterator[RecordWriter]:
    """A writer of a file that takes its place at the end, once the writer is finished; after an
    error nothing is left of it.

    ``force``: it may replace a file. Raises ConfigError, one line, where it cannot be written.
    """
    with new_file(path, force=force) as out:
        writer = begin(out)
        try:
            yield writer
        except BaseException:
            writer.abandon()
            raise


@contextlib.contextmanager
def new_file(path: Path, *, force: bool = False) -> Iterator[BinaryIO]:
    """The same for bytes."""
    check_target(path, force=force)
    try:
        part, file = _opened(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {_reason(error)}") from None
    except ValueError as error:  # a NUL in the name
        raise ConfigError(f"{str(path)!r}: cannot be written: {error}") from None
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        check_target(path, force=force)
        part.replace(path)
    except OSError as error:
        _remove(part)
        raise ConfigError(f"{path}: cannot be written: {_reason(error)}") from None
    except BaseException:
        _remove(part)
        raise


def _remove(part: Path) -> None:
    with contextlib.suppress(OSError):
        part.unlink()


def check_target(path: Path, *, force: bool) -> None:
    """Raises ConfigError where a capture may not be written to that path."""
    try:
        is_there = path.exists() or path.is_symlink()
        is_file = path.is_file()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {_reason(error)}") from None
    if is_there and not is_file:
        raise ConfigError(f"{path}: this is not a file; name a file to write to")
    if is_there and not force:
        raise ConfigError(f"{path}: it is there already; --force replaces it")


def _opened(path: Path) -> tuple[Path, BinaryIO]:
    """A new file whose name tells what it will be."""
    number = 0
    while True:
        number += 1
        part = path.with_name(f"{path.name}.part-{number}")
        try:
            return part, part.open("xb")
        except FileExistsError:
            continue


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
