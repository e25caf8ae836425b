"""Which format a capture has, told by its content and never by its name alone.

Source: formats.md section 5.0 (sniffing order). The formats themselves are read by the modules
beside this one; what a file is that none of them reads is told by ``refusal``, and captures inside
archives are unpacked by ``packed``.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mdmcore.capture.formats import KINDS, Kind, Looked
from mdmcore.capture.options import USUAL_OPTIONS, CaptureOptions
from mdmcore.capture.refusal import refusal
from mdmcore.capture.source import Capture, CaptureFormat, Reader, Reading, RecordReader
from mdmcore.errors import CaptureError, NoCapture
from mdmcore.http import Exchange

_HEAD_SIZE = 64 * 1024
_ZIP = b"PK\x03\x04"
_GZIP = b"\x1f\x8b"
_LOOKED_AT = 300
"""Files in an archive that are looked into."""
_SHOWN = 4
_APPS = ("appxmanifest.xml", "wmappmanifest.xml", "appxblockmap.xml")
_REPORT = "mdmdiagreport.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """What a capture is, and what reads it."""

    format: CaptureFormat
    reader: Reader
    record_reader: RecordReader | None = None


def open_capture(
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    options: CaptureOptions = USUAL_OPTIONS,
) -> Capture:
    """The capture at that path, ready to be read; ``name`` (default: the path) names it. A folder
    is one of loose messages.

    Raises CaptureError, saying what to do, when it cannot be opened or is no capture that can be
    read. An empty file is a flow file without flows: a recording during which nothing happened.
    """
    path = Path(path)
    # File names may hold bytes that are no text; reports are UTF-8.
    shown = (name if name is not None else str(path)).encode("utf-8", "replace").decode("utf-8")
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            chosen = _folder(path, shown, options)
        elif stat.S_ISREG(mode):
            with path.open("rb") as file:
                chosen = _file(file, path, shown, options)
        else:
            raise CaptureError(f"{shown}: this is not a file")
    except OSError as error:
        raise CaptureError(f"{shown}: {error.strerror or error}") from error
    except ValueError as error:  # a NUL in the name
        raise CaptureError(f"{shown!r}: {error}") from error
    return Capture(
        path,
        name=shown,
        format=chosen.format,
        reader=chosen.reader,
        record_reader=chosen.record_reader,
    )


def _folder(path: Path, shown: str, options: CaptureOptions) -> _Chosen:
    from mdmcore.capture.folder import has_messages, read_folder

    if not has_messages(path):
        raise NoCapture(
            f"{shown}: this is not a file, and no messages lie in this folder (01-request.xml, "
            "01-response.xml, 01_c.txt, *.wbxml ...); give the captures in it"
        )

    def read(folder: Path, reading: Reading) -> Iterator[Exchange]:
        return read_folder(folder, reading, limits=options.limits)

    return _Chosen(format="folder", reader=read)


def _file(file: BinaryIO, path: Path, shown: str, options: CaptureOptions) -> _Chosen:
    looked = Looked(file=file, head=file.read(_HEAD_SIZE))
    kind = _kind_of(looked)
    if kind is not None:
        try:
            reader = kind.reader(path, options)
        except CaptureError as error:
            raise CaptureError(f"{shown}: {error}") from error
        return _Chosen(
            format=kind.format,
            reader=reader,
            record_reader=kind.record_reader,
        )
    packed = None
    if looked.head.startswith(_ZIP):
        packed = _in_zip(file, shown, options)
    elif looked.head.startswith(_GZIP):
        packed = _in_gzip(file, options)
    if packed is None:
        raise NoCapture(f"{shown}: {refusal(looked.head)}")
    return packed


def _kind_of(looked: Looked) -> Kind | None:
    return next((each for each in KINDS if each.is_meant(looked)), None)


def _in_gzip(file: BinaryIO, options: CaptureOptions) -> _Chosen | None:
    from mdmcore.capture.packed import unpacked_gzip

    file.seek(0)
    try:
        data = unpacked_gzip(file, limits=options.limits, most=16 * 1024 * 1024)
    except CaptureError:
        return None
    kind = _kind_of(Looked(file=io.BytesIO(data), head=data[:_HEAD_SIZE])) if data else None
    if kind is None or kind.stream is None:
        return None
    stream = kind.stream(options)

    def read(path: Path, reading: Reading) -> Iterator[Exchange]:
        with path.open("rb") as packed:
            whole = io.BytesIO(unpacked_gzip(packed, limits=options.limits))
        yield from stream(whole, reading)

    return _Chosen(format=kind.format, reader=read)


def _in_zip(file: BinaryIO, shown: str, options: CaptureOptions) -> _Chosen | None:
    """The one capture in an archive, or its loose messages; ``None`` for neither.

    Raises CaptureError where it holds several captures, or an app.
    """
    from mdmcore.capture.folder import are_messages, read_files
    from mdmcore.capture.packed import heads, loose_files, member_of, members

    limits, password = options.limits, options.password
    found = members(file, limits=limits, password=password, name=shown)
    names = {member.name.rpartition("/")[2].lower() for member in found}
    if not names.isdisjoint(_APPS):
        raise NoCapture(f"{shown}: this is an app (a Company Hub's package) and no capture")
    known = [
        (member, kind)
        for member, head in heads(found, _LOOKED_AT)
        if (kind := _kind_by_head(member.read, head)) is not None
    ]
    reports = [each for each in known if each[0].name.lower().endswith(_REPORT)]
    known = reports[:1] or known
    is_loose = len(known) != 1 and all(kind.is_of_messages for _, kind in known)
    if is_loose and are_messages(loose_files(found)):

        def read_loose(path: Path, reading: Reading) -> Iterator[Exchange]:
            with path.open("rb") as archive:
                inside = members(archive, limits=limits, password=password, name=shown)
                yield from read_files(loose_files(inside), reading, limits=limits)

        return _Chosen(format="folder", reader=read_loose)
    if len(known) > 1:
        some = ", ".join(member.name for member, _ in known[:_SHOWN])
        more = ", ..." if len(known) > _SHOWN else ""
        raise CaptureError(
            f"{shown}: this archive holds {len(known)} captures ({some}{more}); unpack it and give "
            "the folder or the files"
        )
    if not known:
        return None
    member, kind = known[0]
    if kind.stream is None:
        raise CaptureError(f"{shown}: {member.name} in it cannot be read there; unpack it first")
    stream: Callable[[BinaryIO, Reading], Iterator[Exchange]] = kind.stream(options)

    def read_member(path: Path, reading: Reading) -> Iterator[Exchange]:
        inside = member_of(path, member.name, limits=limits, password=password, name=shown)
        yield from stream(inside, reading)

    return _Chosen(format=kind.format, reader=read_member)


def _kind_by_head(read: Callable[[], bytes], head: bytes) -> Kind | None:
    """The kind of a file in an archive; an archive in it is looked at as a whole. An empty file is
    none."""
    if not head:
        return None
    try:
        whole = read() if head.startswith(_ZIP) else head
    except CaptureError:
        return None
    return _kind_of(Looked(file=io.BytesIO(whole), head=head))
