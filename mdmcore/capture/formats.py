"""The formats that are read: how a file of each is told, and what reads it.

The modules that read them are imported when they are used: mitmproxy takes a third of a second, and
the library for locked archives its time, too, which a text log need not wait for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from mdmcore.capture import har, log
from mdmcore.capture.frames import SIGNATURE
from mdmcore.capture.options import CaptureOptions
from mdmcore.capture.pcap import is_pcap, pcap_reader
from mdmcore.capture.source import (
    CaptureFormat,
    Reader,
    Reading,
    Record,
    RecordReader,
    of_file,
)
from mdmcore.capture.text_lines import decoded
from mdmcore.http import Exchange

Stream = Callable[[BinaryIO, Reading], Iterator[Exchange]]

_LOG_SEARCH_SIZE = 16 * 1024 * 1024
_ZIP = b"PK\x03\x04"
# A flow file whose beginning is damaged still shows the keys that every flow has.
_DAMAGED_FLOWS = re.compile(rb"11:client_conn[;,]|9:websocket[;,]0:~")
_BINARY = re.compile(
    rb"PK\x03\x04|PK\x05\x06|\x1f\x8b|ElfFile\x00|MSCF|\n\r\r\n|\xa1\xb2|\xd4\xc3|\x4d\x3c|GMBU|RTSS"
    rb"|Rar!|7z\xbc\xaf|SQLite format|%PDF-|\x89PNG|\xff\xd8\xff|GIF8|MZ|0[\x80-\x84]"
)
"""What begins so is no text with messages in it, whatever stands further on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A file that was opened, with its first bytes."""

    file: BinaryIO
    head: bytes

    @property
    def text(self) -> str:
        """The first bytes as text, empty for what is none."""
        return "" if _BINARY.match(self.head) else decoded(self.head)

    @property
    def begin(self) -> bytes:
        """As much of it as is searched for what may stand anywhere in a text; empty for what is no
        text."""
        if _BINARY.match(self.head):
            return b""
        self.file.seek(0)
        return self.file.read(_LOG_SEARCH_SIZE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A format: how a file of it is told, and what reads it; ``stream`` where that needs no path;
    ``record_reader`` as in ``Capture``.

    ``is_of_messages``: a file of it may be one of a folder of loose messages.
    """

    format: CaptureFormat
    is_meant: Callable[[Looked], bool]
    reader: Callable[[Path, CaptureOptions], Reader]
    record_reader: RecordReader | None = None
    stream: Callable[[CaptureOptions], Stream] | None = None
    is_of_messages: bool = False


def _of_stream(
    format: CaptureFormat,
    is_meant: Callable[[Looked], bool],
    stream: Callable[[CaptureOptions], Stream],
    *,
    record_reader: RecordReader | None = None,
    is_of_messages: bool = False,
) -> Kind:
    return Kind(
        format=format,
        is_meant=is_meant,
        reader=lambda path, options: of_file(stream(options)),
        record_reader=record_reader,
        stream=stream,
        is_of_messages=is_of_messages,
    )


def _read_flows(options: CaptureOptions) -> Stream:
    from mdmcore.capture.flows import read_flows

    return read_flows


def _read_records(path: Path, reading: Reading) -> Iterator[Record]:
    from mdmcore.capture.flows import read_records

    return of_file(read_records)(path, reading)


def _read_saz(options: CaptureOptions) -> Stream:
    from mdmcore.capture.saz import read_saz

    return partial(read_saz, limits=options.limits, password=options.password)


def _read_pcap(path: Path, options: CaptureOptions) -> Reader:
    return pcap_reader(options)


def _read_har(options: CaptureOptions) -> Stream:
    return partial(har.read_har, limits=options.limits)


def _read_log(options: CaptureOptions) -> Stream:
    return log.read_log


def _read_messages(options: CaptureOptions) -> Stream:
    from mdmcore.capture.messages import read_messages

    return read_messages


def _read_events(options: CaptureOptions) -> Stream:
    from mdmcore.capture.events import read_events

    return read_events


def _read_diagnostics(options: CaptureOptions) -> Stream:
    from mdmcore.capture.diagnostics import read_diagnostics

    return read_diagnostics


def _read_iis_log(options: CaptureOptions) -> Stream:
    from mdmcore.capture.iis import read_iis_log

    return read_iis_log


def _is_saz(looked: Looked) -> bool:
    if not looked.head.startswith(_ZIP):
        return False
    from mdmcore.capture.saz import is_saz

    return is_saz(looked.file)


def _is_log(looked: Looked) -> bool:
    return log.has_banner(looked.begin)


def _is_diagnostics(looked: Looked) -> bool:
    from mdmcore.capture.diagnostics import is_diagnostics

    return is_diagnostics(looked.text)


def _is_event_log(looked: Looked) -> bool:
    from mdmcore.capture.events import is_event_log

    return is_event_log(looked.text)


def _is_iis_log(looked: Looked) -> bool:
    from mdmcore.capture.iis import is_iis_log

    return is_iis_log(looked.text)


def _has_documents(looked: Looked) -> bool:
    from mdmcore.capture.messages import has_documents

    return has_documents(looked.begin)


def _is_pasted_text(looked: Looked) -> bool:
    if looked.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[", b"<")):
        return False
    from mdmcore.capture.events import is_pasted_text

    return is_pasted_text(looked.begin)


def _is_damaged_flows(looked: Looked) -> bool:
    return not looked.head or bool(_DAMAGED_FLOWS.search(looked.head))


KINDS: tuple[Kind, ...] = (
    _of_stream(
        "flows",
        lambda looked: bool(SIGNATURE.match(looked.head)),
        _read_flows,
        record_reader=_read_records,
    ),
    _of_stream("saz", _is_saz, _read_saz),
    Kind(format="pcap", is_meant=lambda looked: is_pcap(looked.head), reader=_read_pcap),
    _of_stream("har", lambda looked: har.is_har(looked.head), _read_har),
    _of_stream("diagnostics", _is_diagnostics, _read_diagnostics),
    _of_stream("log", _is_log, _read_log),
    _of_stream("flows", _is_damaged_flows, _read_flows, record_reader=_read_records),
    _of_stream("log", _is_event_log, _read_events),
    _of_stream("log", _is_iis_log, _read_iis_log),
    _of_stream("log", _has_documents, _read_messages, is_of_messages=True),
    _of_stream("log", _is_pasted_text, _read_events),
)
"""All formats, in the order in which they are tried."""
