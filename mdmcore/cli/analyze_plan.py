"""What is to be analysed: the captures that paths mean, opened, and how they are judged.

Files that are named are one analysis: a device that is in several has one life. What lies in
folders is judged capture by capture. Either can be asked for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mdmcore.cli.analyze_settings import AnalyzeSettings
from mdmcore.cli.capture_paths import FoundPath, found_paths, has_folder

if TYPE_CHECKING:
    from mdmcore.capture import Capture


_RECORDINGS = frozenset({"flows", "saz", "har", "pcap"})
"""Formats of files that hold many messages each."""

_LOOKED_AT = 1000
"""Files of a folder that are looked at to tell what it is."""

_WORTH_BYTES = 8 * 1024 * 1024
_WORTH_CAPTURES = 40
"""What is read in about the time that it takes to start a process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``captures`` can be opened; ``problems`` are lines about what cannot; ``passed_over`` are
    files in folders that are no captures."""

    captures: tuple[Capture, ...]
    problems: tuple[str, ...]
    passed_over: tuple[Path, ...]
    is_separate: bool


def is_one_capture(path: Path) -> bool:
    """Whether a folder is itself a capture, one of loose messages, not a place where captures lie.
    One that holds a recording is such a place, whatever lies beside it."""
    from mdmcore.capture.folder import has_messages

    return has_messages(path) and not _holds_recording(path)


def _holds_recording(folder: Path) -> bool:
    from mdmcore.capture import open_capture
    from mdmcore.errors import MdmError

    for path in sorted(folder.iterdir())[:_LOOKED_AT]:
        with suppress(MdmError, OSError):
            if path.is_file() and open_capture(path).format in _RECORDINGS and path.stat().st_size:
                return True
    return False


def make_plan(paths: Sequence[Path], settings: AnalyzeSettings, *, joined: bool | None) -> Plan:
    """What the paths mean. ``joined`` is what the user wants, ``None`` for the usual."""
    opened: list[Capture] = []
    problems: list[str] = []
    passed_over: list[Path] = []
    for found in _found(paths):
        _open(found, settings, opened, problems, passed_over)
    if joined is None:
        joined = not has_folder(paths, is_one_capture=is_one_capture)
    return Plan(
        captures=tuple(opened),
        problems=tuple(problems),
        passed_over=tuple(passed_over),
        is_separate=not joined and len(opened) > 1,
    )


def _found(paths: Iterable[Path]) -> Iterable[FoundPath]:
    return found_paths(paths, is_one_capture=is_one_capture)


def _open(
    found: FoundPath,
    settings: AnalyzeSettings,
    opened: list[Capture],
    problems: list[str],
    passed_over: list[Path],
) -> None:
    from mdmcore.errors import CaptureError, NoCapture

    if found.problem:
        problems.append(f"{found.path}: {found.problem}")
        return
    try:
        opened.append(settings.open(found.path))
    except NoCapture as error:
        if found.is_named:
            problems.append(str(error))
        else:
            passed_over.append(found.path)
    except CaptureError as error:
        problems.append(str(error))


def jobs_for(captures: Sequence[Capture], wanted: int | None) -> int:
    """How many processes read the captures: what was asked for, else as many as pay."""
    if wanted is not None:
        return wanted
    size = sum(_size(capture.path) for capture in captures)
    worth = max(size // _WORTH_BYTES, len(captures) // _WORTH_CAPTURES, 1)
    return min(worth, len(captures), _processors())


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _processors() -> int:
    """Those that this process may use, where the system tells."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable is not None else os.cpu_count() or 1
