"""The files of a folder, or of a zip of one, in their natural order, within limits.

Only the folder itself counts, and folders in it that are called after requests or answers: a tree
of captures is no folder of messages.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mdmcore.capture.limits import Limits
from mdmcore.capture.source import Reading
from mdmcore.errors import CaptureError

_SUBFOLDERS = re.compile(
    r"(?i)(?:raw|requests?|responses?|req|resp?|answers?|in|out|client|server|messages|bodies)"
)
_JUNK = re.compile(r"(?i)(?:\.|~\$|thumbs\.db$|desktop\.ini$|__macosx)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseFile:
    """A file by its name below the folder (``/`` between parts); ``read`` raises CaptureError."""

    name: str
    size: int
    read: Callable[[], bytes]
    head: Callable[[], bytes]
    """Its first bytes; empty where it cannot be read."""


def files_in(folder: Path, reading: Reading, *, limits: Limits) -> list[LooseFile]:
    """The files in their order. What is not read, by its kind or a limit, is a problem by name.

    Raises OSError where the folder itself cannot be read.
    """
    found: list[LooseFile] = []
    total = 0
    for path, name in _paths(folder, reading, limits):
        try:
            facts = path.lstat()
        except OSError as error:
            reading.problem(name, error.strerror or str(error))
            continue
        if not stat.S_ISREG(facts.st_mode):
            what = "a link" if stat.S_ISLNK(facts.st_mode) else "no file"
            reading.problem(name, f"this is {what}: it is not followed")
            continue
        total += facts.st_size
        if total > limits.total_bytes:
            reading.problem(name, f"the folder has more than {limits.total_bytes} bytes")
            break
        found.append(_loose(path, name, facts.st_size, limits))
    return sorted(found, key=lambda file: natural(file.name))


def is_in_scope(name: str) -> bool:
    """Whether a file of that name, ``/`` between parts, counts."""
    parts = name.split("/")
    if any(_JUNK.match(part) for part in parts):
        return False
    return all(_SUBFOLDERS.fullmatch(part) for part in parts[:-1])


def natural(name: str) -> list[tuple[int, int, str]]:
    """A key by which ``2-x`` comes before ``10-x``."""
    parts = re.findall(r"\d{1,18}|\D+|\d+", name.lower())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def _paths(folder: Path, reading: Reading, limits: Limits) -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []
    pending = [(folder, "")]
    while pending:
        here, prefix = pending.pop(0)
        with os.scandir(here) as entries:
            for entry in entries:
                shown = entry.name.encode("utf-8", "replace").decode("utf-8")
                name = f"{prefix}{shown}"
                if _JUNK.match(shown):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if not prefix and _SUBFOLDERS.fullmatch(shown):
                        pending.append((Path(entry.path), f"{shown}/"))
                    continue
                if len(found) == limits.entries:
                    reading.problem(str(here), f"more than {limits.entries} files")
                    return _in_order(found)
                found.append((Path(entry.path), name))
    return _in_order(found)


def _in_order(found: list[tuple[Path, str]]) -> list[tuple[Path, str]]:
    return sorted(found, key=lambda each: natural(each[1]))


def _loose(path: Path, name: str, size: int, limits: Limits) -> LooseFile:
    def read() -> bytes:
        if size > limits.entry_bytes:
            raise CaptureError(f"{name} has more than {limits.entry_bytes} bytes: it is not read")
        try:
            with _opened(path) as file:
                return file.read(limits.entry_bytes + 1)[: limits.entry_bytes]
        except OSError as error:
            raise CaptureError(error.strerror or str(error)) from None

    def head() -> bytes:
        try:
            with _opened(path) as file:
                return file.read(8192)
        except OSError:
            return b""

    return LooseFile(name=name, size=size, read=read, head=head)


def _opened(path: Path) -> BinaryIO:
    """Open it, unless a link has taken its place meanwhile."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags | getattr(os, "O_NONBLOCK", 0)), "rb")
