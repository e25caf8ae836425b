"""A folder of loose messages: bodies or whole HTTP messages, each in a file of its own.

Fiddler's unpacked sessions (``raw/01_c.txt``) are read as those of an archive. Else the names tell
which request an answer belongs to (``names``), and the content what a name does not tell. A zip of
such files is read in the same way. Source: formats.md sections 1.1 and 5.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mdmcore.capture.folder.files import LooseFile, files_in, is_in_scope
from mdmcore.capture.folder.messages import exchanges_of, looks_like_message
from mdmcore.capture.limits import USUAL_LIMITS, Limits
from mdmcore.capture.saz import read_sessions
from mdmcore.capture.saz.archive import StoredSession, part_of
from mdmcore.capture.source import Reading
from mdmcore.http import Exchange

__all__ = ["are_messages", "has_messages", "read_files", "read_folder"]

_LOOKED_AT = 200
"""Files that are looked into before a folder counts as one without messages."""


def has_messages(path: Path) -> bool:
    """Whether a folder is one capture of loose messages: some lie in it, or in a folder in it that
    is called after requests or answers. False for what cannot be read."""
    try:
        return are_messages(files_in(path, Reading(name=""), limits=USUAL_LIMITS))
    except OSError:
        return False


def are_messages(files: list[LooseFile]) -> bool:
    """Whether some of these files are messages."""
    return any(looks_like_message(file) for file in files[:_LOOKED_AT])


def read_folder(
    path: Path, reading: Reading, *, limits: Limits = USUAL_LIMITS
) -> Iterator[Exchange]:
    """The exchanges of a folder, in the order of its numbers and names. What cannot be read is a
    problem by its name; links out of the folder are not followed."""
    yield from read_files(files_in(path, reading, limits=limits), reading, limits=limits)


def read_files(
    files: list[LooseFile], reading: Reading, *, limits: Limits = USUAL_LIMITS
) -> Iterator[Exchange]:
    """The exchanges of these files."""
    sessions: dict[int, StoredSession] = {}
    loose: list[LooseFile] = []
    for file in files:
        part = part_of(f"raw/{file.name.rpartition('/')[2]}")
        if part is None or not is_in_scope(file.name):
            loose.append(file)
            continue
        session = sessions.setdefault(part[0], StoredSession(number=part[0]))
        session.parts.setdefault(part[1], file.read)
    yield from read_sessions([sessions[number] for number in sorted(sessions)], reading)
    yield from exchanges_of(loose, reading, limits=limits)
