"""Which format a capture has, told by its content and never by its name alone.

Source: formats.md section 5.0 (sniffing order). The formats themselves are read by ``flows``,
``har``, ``saz`` and ``log``.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from mdmcore.capture import har, log
from mdmcore.capture.frames import SIGNATURE
from mdmcore.capture.options import USUAL_OPTIONS, CaptureOptions
from mdmcore.capture.source import (
    Capture,
    CaptureFormat,
    Reader,
    Reading,
    Record,
    RecordReader,
    of_file,
)
from mdmcore.errors import CaptureError, NoCapture

_HEAD_SIZE = 64 * 1024
_LOG_SEARCH_SIZE = 16 * 1024 * 1024

# A flow file whose beginning is damaged still shows the keys that every flow has.
_ZIP = b"PK\x03\x04"
_DAMAGED_FLOWS = re.compile(rb"11:client_conn[;,]|9:websocket[;,]0:~")

_OTHER_FORMATS: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (re.compile(rb"PK\x03\x04"), "a zip archive without Fiddler's sessions", ""),
    (
        re.compile(
            rb"\n\r\r\n|\xa1\xb2[\xc3\x3c][\xd4\x4d]|[\xd4\x4d][\xc3\x3c]\xb2\xa1|GMBU|RTSS"
        ),
        "a packet capture",
        "",
    ),
    (re.compile(rb"\x1f\x8b"), "a gzip file", "unpack it first; "),
    (re.compile(rb"(\xef\xbb\xbf)?\s*\{"), "JSON and no HAR", ""),
    (re.compile(rb"0[\x80-\x84]|-----BEGIN "), "a certificate or key", "use `mdmproxy lint`; "),
    (re.compile(rb"(\xef\xbb\xbf)?\s*<"), "an XML or HTML document", ""),
)
_READABLE = (
    "mitmproxy flow files, HAR, Fiddler's .saz and text logs of requests and responses can be read"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """A file that was opened, with its first bytes."""

    file: BinaryIO
    head: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """A format: how a file of it is told, and what reads it."""

    format: CaptureFormat
    is_meant: Callable[[_Looked], bool]
    reader: Callable[[Path, CaptureOptions], Reader]
    record_reader: RecordReader | None = None


def open_capture(
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    options: CaptureOptions = USUAL_OPTIONS,
) -> Capture:
    """The capture at that path, ready to be read; ``name`` (default: the path) names it.

    Raises CaptureError, saying what to do, when it cannot be opened or is no capture that can be
    read. An empty file is a flow file without flows: a recording during which nothing happened.
    """
    path = Path(path)
    # File names may hold bytes that are no text; reports are UTF-8.
    shown = (name if name is not None else str(path)).encode("utf-8", "replace").decode("utf-8")
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise CaptureError(f"{shown}: this is not a file")
        with path.open("rb") as file:
            looked = _Looked(file=file, head=file.read(_HEAD_SIZE))
            kind = next((each for each in _KINDS if each.is_meant(looked)), None)
    except OSError as error:
        raise CaptureError(f"{shown}: {error.strerror or error}") from error
    except ValueError as error:  # a NUL in the name
        raise CaptureError(f"{shown!r}: {error}") from error
    if kind is None:
        raise NoCapture(f"{shown}: {_refusal(looked.head)}")
    return Capture(
        path,
        name=shown,
        format=kind.format,
        reader=kind.reader(path, options),
        record_reader=kind.record_reader,
    )


# The modules below are imported when they are used: mitmproxy takes a third of a second, and the
# library for locked archives its time, too, which a text log need not wait for.


def _read_flows(path: Path, options: CaptureOptions) -> Reader:
    from mdmcore.capture.flows import read_flows

    return of_file(read_flows)


def _read_records(path: Path, reading: Reading) -> Iterator[Record]:
    from mdmcore.capture.flows import read_records

    return of_file(read_records)(path, reading)


def _read_saz(path: Path, options: CaptureOptions) -> Reader:
    from mdmcore.capture.saz import read_saz

    return of_file(partial(read_saz, limits=options.limits, password=options.password))


def _read_har(path: Path, options: CaptureOptions) -> Reader:
    return of_file(partial(har.read_har, limits=options.limits))


def _read_log(path: Path, options: CaptureOptions) -> Reader:
    return of_file(log.read_log)


def _is_saz(looked: _Looked) -> bool:
    if not looked.head.startswith(_ZIP):
        return False
    from mdmcore.capture.saz import is_saz

    return is_saz(looked.file)


def _is_log(looked: _Looked) -> bool:
    looked.file.seek(0)
    return log.has_banner(looked.file.read(_LOG_SEARCH_SIZE))


def _is_damaged_flows(looked: _Looked) -> bool:
    return not looked.head or bool(_DAMAGED_FLOWS.search(looked.head))


# In the order in which they are tried.
_KINDS: tuple[_Kind, ...] = (
    _Kind(
        format="flows",
        is_meant=lambda looked: bool(SIGNATURE.match(looked.head)),
        reader=_read_flows,
        record_reader=_read_records,
    ),
    _Kind(format="saz", is_meant=_is_saz, reader=_read_saz),
    _Kind(format="har", is_meant=lambda looked: har.is_har(looked.head), reader=_read_har),
    _Kind(format="log", is_meant=_is_log, reader=_read_log),
    _Kind(
        format="flows",
        is_meant=_is_damaged_flows,
        reader=_read_flows,
        record_reader=_read_records,
    ),
)


def _refusal(head: bytes) -> str:
    for pattern, what, advice in _OTHER_FORMATS:
        if pattern.match(head):
            return f"this is {what} and no capture that can be read; {advice}{_READABLE}"
    return f"this is no capture that can be read; {_READABLE}"
