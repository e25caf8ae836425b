"""A capture inside a zip archive or a gzip file: read from memory, within limits, never from disk.

Which files of an archive are captures is told by their content, by whoever asks (``reader``).
Source: formats.md sections 1.1 and 5.0.
"""

from __future__ import annotations

import gzip
import io
import posixpath
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyzipper

from mdmcore.capture.folder.files import LooseFile, natural
from mdmcore.capture.limits import Limits, size_of
from mdmcore.capture.saz.archive import ARCHIVE_ERRORS, check_password
from mdmcore.errors import CaptureError

_JUNK = re.compile(r"(?i)(?:^|/)(?:__MACOSX/|\.[^/]*$|thumbs\.db$|desktop\.ini$)")
_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file in an archive; ``read`` and ``head`` raise CaptureError."""

    name: str
    size: int
    read: Callable[[], bytes]
    head: Callable[[], bytes]


def members(file: BinaryIO, *, limits: Limits, password: str | None, name: str) -> list[Member]:
    """The files of a zip archive in their natural order, what systems add to it left out.

    Raises CaptureError where the archive cannot be opened, is locked, or has too many files.
    """
    try:
        archive = pyzipper.AESZipFile(file)
        infos = [
            info
            for info in archive.infolist()
            if not info.is_dir() and not _JUNK.search(info.filename.replace("\\", "/"))
        ]
    except ARCHIVE_ERRORS as error:
        raise CaptureError(f"{name}: this zip archive is damaged: {error}") from None
    if len(infos) > limits.entries:
        raise CaptureError(f"{name}: this archive has more than {limits.entries} files")
    key = None if password is None else password.encode("utf-8")
    check_password(archive, key, name)
    found = [_member(archive, info, key, limits) for info in infos]
    return sorted(found, key=lambda member: natural(member.name))


def loose_files(found: list[Member]) -> list[LooseFile]:
    """The members as files of a folder: below the folder that all of them lie in."""
    folders = {posixpath.dirname(member.name) for member in found}
    common = posixpath.commonpath(folders) if folders and "" not in folders else ""
    prefix = f"{common}/" if common else ""
    return [
        LooseFile(
            name=member.name.removeprefix(prefix),
            size=member.size,
            read=member.read,
            head=_without_errors(member.head),
        )
        for member in found
    ]


def unpacked_gzip(file: BinaryIO, *, limits: Limits, most: int | None = None) -> bytes:
    """What a gzip file holds, or its first ``most`` bytes. Raises CaptureError."""
    packed = size_of(file)
    try:
        with gzip.GzipFile(fileobj=file) as unpacked:
            if most is not None:
                return unpacked.read(most)
            return limits.read_all(unpacked, packed=packed, what="the gzip file")
    except (OSError, EOFError, zlib.error) as error:
        raise CaptureError(f"this gzip file is damaged: {error}") from None


def member_of(
    path: Path, member: str, *, limits: Limits, password: str | None, name: str
) -> BinaryIO:
    """That file of an archive as a file in memory. Raises CaptureError and OSError."""
    with path.open("rb") as file:
        for found in members(file, limits=limits, password=password, name=name):
            if found.name == member:
                return io.BytesIO(found.read())
    raise CaptureError(f"{name}: {member} is not in the archive any more")


def _member(archive: Any, info: Any, key: bytes | None, limits: Limits) -> Member:
    shown = info.filename.replace("\\", "/").lstrip("/")
    shown = shown.encode("utf-8", "replace").decode("utf-8")

    def read() -> bytes:
        return _attempt(lambda file: limits.read_all(file, packed=info.compress_size, what=shown))

    def head() -> bytes:
        return _attempt(lambda file: file.read(_HEAD))

    def _attempt(take: Callable[[Any], bytes]) -> bytes:
        try:
            with archive.open(info, pwd=key) as file:
                return take(file)
        except (RuntimeError, zlib.error, EOFError, *ARCHIVE_ERRORS) as error:
            raise CaptureError(f"{shown} is damaged: {error}") from None

    return Member(name=shown, size=info.file_size, read=read, head=head)


def _without_errors(head: Callable[[], bytes]) -> Callable[[], bytes]:
    def tried() -> bytes:
        try:
            return head()
        except CaptureError:
            return b""

    return tried


def heads(found: list[Member], most: int) -> Iterator[tuple[Member, bytes]]:
    """The first members with their first bytes; those that cannot be read are left out."""
    for member in found[:most]:
        try:
            yield member, member.head()
        except CaptureError:
            continue
