"""The record layer (RFC 5246 6.2, RFC 8446 5): a stream of bytes cut into records, one direction.

One record is kept at most, some 18 KiB. What stands in them is known to ``observer``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from mdmcore.errors import ParseError

HEADER = 5
MAX_FRAGMENT = 2**14 + 2048
"""Octets of a record's fragment with all that compression and encryption may add."""


class Content(IntEnum):
    """Content types (RFC 8446 B.1, and heartbeats of RFC 6520)."""

    CHANGE_CIPHER_SPEC = 20
    ALERT = 21
    HANDSHAKE = 22
    APPLICATION_DATA = 23
    HEARTBEAT = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record; its fragment may be encrypted."""

    content: Content
    fragment: bytes


class RecordReader:
    """Cuts what one side sends into records; ParseError for what cannot be one."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[Record]:
        """The records that are whole now."""
        self._waiting += data
        at = 0
        try:
            while len(self._waiting) - at >= HEADER:
                content, length = _header(self._waiting[at : at + HEADER])
                end = at + HEADER + length
                if end > len(self._waiting):
                    break
                yield Record(content=content, fragment=bytes(self._waiting[at + HEADER : end]))
                at = end
        finally:
            del self._waiting[:at]


def _header(header: bytes | bytearray) -> tuple[Content, int]:
    try:
        content = Content(header[0])
    except ValueError:
        raise ParseError(f"no TLS record begins with 0x{header[0]:02X}") from None
    length = int.from_bytes(header[3:5], "big")
    if header[1] != 3 or length > MAX_FRAGMENT:
        raise ParseError("no TLS record: its version or its length cannot be")
    return content, length
