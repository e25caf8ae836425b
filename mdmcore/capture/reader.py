"""Which format a capture has, told by its content and never by its name alone.

Source: formats.md section 5.0 (sniffing order). The formats themselves are read by ``flows``,
``har``, ``saz`` and ``log``.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from mdmcore.capture import har, log
from mdmcore.capture.frames import SIGNATURE
from mdmcore.capture.limits import USUAL_LIMITS, Limits
from mdmcore.capture.source import Capture, Reading, Record
from mdmcore.errors import CaptureError
from mdmcore.http import Exchange

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


def open_capture(
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    password: str | None = None,
    limits: Limits = USUAL_LIMITS,
) -> Capture:
    """The capture at that path, ready to be read; ``name`` (default: the path) names it.

    ``password`` opens a locked archive, ``limits`` are those of what is packed.

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
            head = file.read(_HEAD_SIZE)
            is_saz = head.startswith(_ZIP) and _is_saz(file)
            is_har = har.is_har(head)
            is_log = not (SIGNATURE.match(head) or is_saz or is_har) and _is_log(file)
    except OSError as error:
        raise CaptureError(f"{shown}: {error.strerror or error}") from error
    except ValueError as error:  # a NUL in the name
        raise CaptureError(f"{shown!r}: {error}") from error
    if is_saz:
        reader = partial(_read_saz, limits=limits, password=password)
        return Capture(path, name=shown, format="saz", reader=reader)
    if is_har:
        return Capture(path, name=shown, format="har", reader=partial(har.read_har, limits=limits))
    if is_log:
        return Capture(path, name=shown, format="log", reader=log.read_log)
    if not head or SIGNATURE.match(head) or _DAMAGED_FLOWS.search(head):
        return Capture(
            path, name=shown, format="flows", reader=_read_flows, record_reader=_read_records
        )
    raise CaptureError(f"{shown}: {_refusal(head)}")


def _is_log(file: BinaryIO) -> bool:
    file.seek(0)
    return log.has_banner(file.read(_LOG_SEARCH_SIZE))


def _read_flows(file: BinaryIO, reading: Reading) -> Iterator[Exchange]:
    # mitmproxy takes a third of a second to import, which a text log need not wait for.
    from mdmcore.capture.flows import read_flows

    return read_flows(file, reading)


def _read_records(file: BinaryIO, reading: Reading) -> Iterator[Record]:
    from mdmcore.capture.flows import read_records

    return read_records(file, reading)


def _is_saz(file: BinaryIO) -> bool:
    from mdmcore.capture.saz import is_saz

    return is_saz(file)


def _read_saz(
    file: BinaryIO, reading: Reading, *, limits: Limits, password: str | None
) -> Iterator[Exchange]:
    # The library for locked archives takes its time, too.
    from mdmcore.capture.saz import read_saz

    return read_saz(file, reading, limits=limits, password=password)


def _refusal(head: bytes) -> str:
    for pattern, what, advice in _OTHER_FORMATS:
        if pattern.match(head):
            return f"this is {what} and no capture that can be read; {advice}{_READABLE}"
    return f"this is no capture that can be read; {_READABLE}"
