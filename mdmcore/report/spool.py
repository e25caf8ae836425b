"""The exchanges of an analysis on their way to a report: JSON lines in a temporary file.

Who reports needs them only when everything has been read (captures stand before exchanges), or
again (which server an exchange was with). So they wait on disk, and memory does not grow with them.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast
from urllib.parse import urlsplit

import msgspec

from mdmcore.report.model import ExchangeRow

IN_MEMORY = 4 * 1024 * 1024
"""Bytes of exchanges that are held in memory before a spool becomes a file."""

_ENCODER = msgspec.json.Encoder()
_TEXT_OF_HOST = 255


class ExchangeLines(Protocol):
    """Exchanges in the order of reading."""

    def lines(self) -> Iterator[bytes]:
        """Each as JSON, without a line end. May be called again."""
        ...


class ExchangeSpool(AbstractContextManager["ExchangeSpool"]):
    """Keeps exchanges; a context manager, it owns its file: ``path``, which stays, or else a
    temporary one once they take more than ``in_memory`` bytes."""

    def __init__(self, path: Path | None = None, *, in_memory: int = IN_MEMORY) -> None:
        self._file: BinaryIO = (
            cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=in_memory))  # noqa: SIM115
            if path is None
            else path.open("w+b")
        )

    def __exit__(self, *details: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def add(self, row: ExchangeRow) -> None:
        """Keep an exchange."""
        self._file.write(encode(row) + b"\n")

    def lines(self) -> Iterator[bytes]:
        """All that were kept so far; none may be added meanwhile."""
        self._file.seek(0)
        for line in self._file:
            yield line.rstrip(b"\n")
        self._file.seek(0, 2)


@dataclass(frozen=True, slots=True)
class FileLines:
    """The exchanges of spools that are files, one file after the other."""

    paths: tuple[Path, ...]

    def lines(self) -> Iterator[bytes]:
        """Each as JSON, without a line end."""
        for path in self.paths:
            with path.open("rb") as file:
                for line in file:
                    yield line.rstrip(b"\n")


class _Wanted(msgspec.Struct, frozen=True):
    id: str
    url: str
    kind: str
    life: str | None = None


_DECODER = msgspec.json.Decoder(_Wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeFacts:
    """What finding and summary need of an exchange; ``life`` is the id that it had then."""

    id: str
    host: str
    kind: str
    life: str | None = None


def facts_of(lines: ExchangeLines) -> Iterator[ExchangeFacts]:
    """The facts of all exchanges, one after the other."""
    for line in lines.lines():
        one = _DECODER.decode(line)
        yield ExchangeFacts(id=one.id, host=host_of(one.url), kind=one.kind, life=one.life)


def facts_by_id(lines: ExchangeLines, ids: Collection[str]) -> dict[str, ExchangeFacts]:
    """The facts of the exchanges of those ids."""
    if not ids:
        return {}
    return {facts.id: facts for facts in facts_of(lines) if facts.id in ids}


def rows_by_id(lines: ExchangeLines, ids: Collection[str]) -> Iterator[ExchangeRow]:
    """The exchanges of those ids, in the order of reading."""
    if not ids:
        return
    for line in lines.lines():
        if _DECODER.decode(line).id in ids:
            yield msgspec.json.decode(line, type=ExchangeRow)


def host_of(url: str) -> str:
    """The host of a URL in lower case with its port, empty where there is none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()[:_TEXT_OF_HOST]
    except ValueError:
        return ""


def encode(value: object) -> bytes:
    """JSON as UTF-8. Text that cannot be UTF-8 (of a file's name) has ``?`` in its place."""
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:
        builtins = msgspec.to_builtins(value)
        return json.dumps(builtins, ensure_ascii=False).encode("utf-8", "replace")
