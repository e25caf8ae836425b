"""The sessions of a Fiddler archive: which files belong together, and their bytes, within limits.

Source: formats.md sections 1.1, 1.2 and 1.5. Nothing is ever written to disk. An archive that a
mail program cut has no list of its files: then they are found by their own headers, and that is a
problem.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import pyzipper

from mdmcore.capture.extension import read_end
from mdmcore.capture.limits import Limits
from mdmcore.capture.source import Reading
from mdmcore.errors import CaptureError

_PART = re.compile(r"(?:^|.*/)raw/(\d{1,18})_([cs])\.txt|(?:^|.*/)raw/(\d{1,18})_(m)\.xml", re.I)
_LOCAL = b"PK\x03\x04"
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_HAS_NO_SIZE, _IS_LOCKED = 0x8, 0x1
_STORED, _DEFLATED, _AES = 0, 8, 99

END_FILE = "mdmproxy.json"
"""Where our own writer says until when the archive has seen everything."""

Load = Callable[[], bytes]


@dataclass(slots=True, kw_only=True)
class StoredSession:
    """A session's parts by their letter: ``c`` request, ``s`` answer, ``m`` metadata."""

    number: int
    parts: dict[str, Load] = field(default_factory=dict)

    def read(self, part: str) -> bytes:
        """The bytes of a part, empty where it is not there. Raises CaptureError."""
        load = self.parts.get(part)
        return b"" if load is None else load()


def is_saz(file: BinaryIO) -> bool:
    """Whether a zip archive, whole or cut, holds Fiddler's sessions."""
    file.seek(0)
    if file.read(4) != _LOCAL:
        return False
    try:
        with pyzipper.AESZipFile(file) as archive:
            return any(_part_of(info.filename) for info in archive.infolist())
    except _ARCHIVE_ERRORS:
        file.seek(0)
        return any(_part_of(name) for name, *_ in _local_entries(file))


def open_sessions(
    file: BinaryIO, reading: Reading, *, limits: Limits, password: str | None
) -> list[StoredSession]:
    """The sessions in the order of their numbers. What cannot be used is a problem.

    Raises CaptureError where the archive is locked and no or a wrong password was given.
    """
    file.seek(0)
    try:
        archive = pyzipper.AESZipFile(file)
    except _ARCHIVE_ERRORS:
        reading.problem(
            "end of the file", "the archive is cut: its sessions were found by their own headers"
        )
        return _sessions(_recovered(file, limits), reading, limits)
    key = None if password is None else password.encode("utf-8")
    _check_password(archive, key, reading.name)

    def entries() -> Iterator[tuple[str, Load]]:
        for info in archive.infolist():
            yield info.filename, _loader(archive, info, key, limits)

    return _sessions(entries(), reading, limits)


_ARCHIVE_ERRORS = (pyzipper.BadZipFile, OSError, ValueError, struct.error, NotImplementedError)


def _sessions(
    entries: Iterator[tuple[str, Load]], reading: Reading, limits: Limits
) -> list[StoredSession]:
    found: dict[int, StoredSession] = {}
    for count, (name, load) in enumerate(entries):
        if count == limits.entries:
            reading.problem("the archive", f"more than {limits.entries} files: not all are read")
            break
        part = _part_of(name)
        if part is None:
            if name == END_FILE:
                _read_end(load, reading)
            continue
        number, letter = part
        session = found.setdefault(number, StoredSession(number=number))
        if letter in session.parts:
            reading.problem(name, "a second file of that name: the first one is read")
            continue
        session.parts[letter] = load
    return [found[number] for number in sorted(found)]


def _read_end(load: Load, reading: Reading) -> None:
    try:
        until = read_end(json.loads(load()))
    except (CaptureError, ValueError, RecursionError) as error:
        reading.problem(END_FILE, f"the end of the capture cannot be read: {error}")
        return
    if until is not None:
        reading.saw_until(until)


def _part_of(name: str) -> tuple[int, str] | None:
    match = _PART.fullmatch(name.replace("\\", "/"))
    if match is None:
        return None
    return int(match[1] or match[3]), (match[2] or match[4]).lower()


def _check_password(archive: Any, key: bytes | None, name: str) -> None:
    """Try it on the first locked file. Raises CaptureError."""
    locked = next((one for one in archive.infolist() if one.flag_bits & _IS_LOCKED), None)
    if locked is None:
        return
    strength = getattr(locked, "wz_aes_strength", None)
    how = {1: "AES-128", 2: "AES-192", 3: "AES-256"}.get(strength or 0, "ZipCrypto")
    if key is None:
        raise CaptureError(f"{name}: this archive is protected by a password ({how}): --password")
    try:
        with archive.open(locked, pwd=key) as file:
            while file.read(64 * 1024):
                pass
    except (RuntimeError, zlib.error, *_ARCHIVE_ERRORS):
        raise CaptureError(f"{name}: the password does not open this archive ({how})") from None


def _loader(archive: Any, info: Any, key: bytes | None, limits: Limits) -> Load:
    def load() -> bytes:
        try:
            with archive.open(info, pwd=key) as file:
                return limits.read_all(file, packed=info.compress_size, what=info.filename)
        except (RuntimeError, zlib.error, EOFError, *_ARCHIVE_ERRORS) as error:
            raise CaptureError(f"{info.filename} is damaged: {error}") from None

    return load


def _recovered(file: BinaryIO, limits: Limits) -> Iterator[tuple[str, Load]]:
    for name, offset, method, packed, is_locked in _local_entries(file):
        yield name, _local_loader(file, name, offset, method, packed, is_locked, limits)


def _local_loader(
    file: BinaryIO,
    name: str,
    offset: int,
    method: int,
    packed: int | None,
    is_locked: bool,
    limits: Limits,
) -> Load:
    def load() -> bytes:
        if is_locked or method not in (_STORED, _DEFLATED):
            raise CaptureError(f"{name} cannot be read from a cut archive: it is locked or packed")
        file.seek(offset)
        if method == _STORED:
            return file.read(min(packed or 0, limits.entry_bytes))
        unpack = zlib.decompressobj(-15)
        most = limits.entry_bytes
        parts: list[bytes] = []
        size = 0
        try:
            while not unpack.eof and size <= most:
                block = unpack.unconsumed_tail or file.read(64 * 1024)
                if not block:
                    break
                parts.append(unpack.decompress(block, most + 1 - size))
                size += len(parts[-1])
        except zlib.error as error:
            raise CaptureError(f"{name} is damaged: {error}") from None
        if not unpack.eof:
            raise CaptureError(f"{name} is cut")
        return b"".join(parts)

    return load


def _local_entries(file: BinaryIO) -> Iterator[tuple[str, int, int, int | None, bool]]:
    """Name, place of the data, method, packed size (where it is told), whether it is locked."""
    file.seek(0)
    data = file.read(_MOST_SEARCHED)
    at = data.find(_LOCAL)
    while at >= 0 and at + _LOCAL_HEADER.size <= len(data):
        header = _LOCAL_HEADER.unpack_from(data, at)
        flags, method, packed = header[2], header[3], header[7]
        name_size, extra = header[9], header[10]
        begins = at + _LOCAL_HEADER.size
        name = data[begins : begins + name_size].decode("utf-8", "replace")
        offset = begins + name_size + extra
        size = None if flags & _HAS_NO_SIZE else packed
        yield name, offset, method, size, bool(flags & _IS_LOCKED) or method == _AES
        at = data.find(_LOCAL, offset + (size or 0))


_MOST_SEARCHED = 1024 * 1024 * 1024
"""Bytes of a cut archive that are searched."""
