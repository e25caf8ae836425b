"""What tshark prints of followed connections (``follow,tcp,yaml`` and ``follow,tls,yaml``), read.

Source: formats.md section 3.2. Only this one form of YAML is read, line by line; keys that are not
known are passed over.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from mdmcore.capture.pcap.streams import Endpoint, time_of

_MISSING = re.compile(rb"\[(\d{1,10}) bytes missing in capture file\]\0?")
_ENTRY = re.compile(rb" +(- )?([a-z]+): ?(.*)")
_DATA_INDENT = b"      "


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Bytes that one peer sent, read in that frame; ``missing`` counts bytes that are not in the
    capture instead."""

    peer: int
    frame: int
    time: datetime | None
    data: bytes
    missing: int = 0


@dataclass(slots=True, kw_only=True)
class Document:
    """One followed connection; a peer that is not known has no host."""

    peers: list[Endpoint] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)

    def turned(self) -> Document:
        """With the other peer first."""
        pieces = [replace(piece, peer=1 - piece.peer) for piece in self.pieces]
        return Document(peers=self.peers[::-1], pieces=pieces)


@dataclass(slots=True)
class _Entry:
    """The entry that is being read."""

    values: dict[bytes, bytes] = field(default_factory=dict)
    lines: list[bytes] = field(default_factory=list)


def documents(lines: Iterable[bytes]) -> Iterator[Document]:
    """Each followed connection, once it is whole."""
    document: Document | None = None
    entry = _Entry()
    for raw in lines:
        if raw.startswith(_DATA_INDENT):  # nearly all lines are data
            entry.lines.append(raw)
            continue
        line = raw.rstrip(b"\r\n")
        if line == b"peers:":
            if document is not None:
                _end(document, entry)
                yield document
            document, entry = Document(), _Entry()
        elif document is None:
            continue
        elif (found := _ENTRY.fullmatch(line)) is not None:
            if found[1]:
                _end(document, entry)
                entry = _Entry()
            entry.values[found[2]] = found[3].strip()
        elif line == b"packets:":
            _end(document, entry)
            entry = _Entry()
    if document is not None:
        _end(document, entry)
        yield document


def _end(document: Document, entry: _Entry) -> None:
    values = entry.values
    if b"host" in values:
        host = values[b"host"].decode("utf-8", "replace")
        document.peers.append((host, _number(values.get(b"port"))))
    elif b"packet" in values:
        piece = _piece(values, entry.lines)
        if piece.data or piece.missing:
            document.pieces.append(piece)


def _piece(values: dict[bytes, bytes], lines: list[bytes]) -> Piece:
    try:
        data = base64.b64decode(b"".join(lines))
    except binascii.Error:  # the last piece of a program that was stopped
        data = b""
    stamp = values.get(b"timestamp", b"").decode("ascii", "replace")
    lost = _MISSING.fullmatch(data) if stamp.strip("0.") == "" else None
    return Piece(
        peer=_number(values.get(b"peer")),
        frame=_number(values.get(b"packet")),
        time=None if lost is not None else time_of(stamp),
        data=b"" if lost is not None else data,
        missing=0 if lost is None else int(lost[1]),
    )


def _number(text: bytes | None) -> int:
    return int(text) if text is not None and text.isdigit() else 0
