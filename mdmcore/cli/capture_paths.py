"""Which captures the paths of a command line mean: files, and folders with all that is in them.

A folder is gone through with its sub-folders in the order of names. Hidden files and folders, and
what is no file, are left out; links are followed, but nothing is read twice. Which of the files
are captures is told by who opens them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPath:
    """A file (or a folder that is one capture). ``is_named``: the user named it, so that it must
    be a capture. ``problem``: why it cannot be gone into or read."""

    path: Path
    is_named: bool
    problem: str = ""


def has_folder(paths: Iterable[Path], *, is_one_capture: Callable[[Path], bool]) -> bool:
    """Whether one of the paths is a folder of captures."""
    return any(os.path.isdir(path) and not is_one_capture(path) for path in paths)


def found_paths(
    paths: Iterable[Path], *, is_one_capture: Callable[[Path], bool]
) -> Iterator[FoundPath]:
    """What the paths mean, in the order in which they were given.

    ``is_one_capture`` tells folders that are captures themselves, such as one of loose messages.
    A file that was named, even twice, comes as often as it was named; in folders it comes once.
    """
    paths = tuple(paths)
    seen = {_identity(path) for path in paths if not os.path.isdir(path)}
    for path in paths:
        if os.path.isdir(path) and not is_one_capture(path):
            yield from _inside(path, seen, is_one_capture)
        else:
            yield FoundPath(path=path, is_named=True)


def _inside(
    folder: Path, seen: set[str], is_one_capture: Callable[[Path], bool]
) -> Iterator[FoundPath]:
    """Without recursion: folders may lie deeper in each other than Python's stack goes."""
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        identity = _identity(path)
        if identity in seen:
            continue
        seen.add(identity)
        is_one = not os.path.isdir(path) or (path is not folder and is_one_capture(path))
        problem = ""
        if not is_one:
            try:
                names = sorted(os.listdir(path), reverse=True)
            except OSError as error:
                problem = error.strerror or str(error)
            else:
                waiting += [path / name for name in names if _is_wanted(path / name)]
                continue
        yield FoundPath(path=path, is_named=False, problem=problem)


def _is_wanted(path: Path) -> bool:
    """Files, folders and what cannot be told; no hidden ones, no pipes, sockets and devices."""
    if path.name.startswith("."):
        return False
    return os.path.isdir(path) or os.path.isfile(path) or not os.path.exists(path)


def _identity(path: Path) -> str:
    """The same for all ways to a file; a link in a circle is itself."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return str(path)
