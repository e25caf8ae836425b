"""Values that the server sends in chunks: MoreData and Size (session.md 1.7; DMPRO 7).

One object can be under way at a time, and it may take several messages. ``Size`` counts what is
transported: base64 text as it stands in XML, bytes where WBXML carries them.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace

from mdmcore.base64_text import decode_base64
from mdmcore.namespaces import ALERT_NO_END_OF_DATA
from mdmcore.syncml.model import Alert, Command, Item, Meta

MAX_OBJECT_BYTES = 16 * 1024 * 1024
"""Larger objects are refused (413): no node holds as much, and the phone keeps it in memory."""

BUFFERED, SIZE_REQUIRED, TOO_LARGE, SIZE_MISMATCH = 213, 411, 413, 424


@dataclass(frozen=True, slots=True, kw_only=True)
class _Started:
    """An object of which not all has come: the command and item of its first chunk, its size."""

    name: str
    item: Item
    size: int


class Assembly:
    """Puts chunks together. ``lost`` are the alerts 1225 to be sent: objects without an end."""

    def __init__(self) -> None:
        self._started: _Started | None = None
        self._buffer = bytearray()
        self._is_binary = False
        self._lost: list[Alert] = []

    def lost(self) -> tuple[Alert, ...]:
        """The alerts since the last call."""
        lost, self._lost = tuple(self._lost), []
        return lost

    def interrupt(self) -> None:
        """Something else came, or the package was closed: an unfinished object is not kept."""
        if self._started is not None:
            item = Item(target=self._started.item.target)
            self._lost.append(Alert(cmd_id="", code=ALERT_NO_END_OF_DATA, items=(item,)))
            self._started = None

    def continues(self, command: Command, item: Item) -> bool:
        """Whether an item is the next chunk: same command and target, no Size (only the first chunk
        has one)."""
        started = self._started
        return (
            started is not None
            and (started.name, started.item.target) == (command.name, item.target)
            and _size_text(command, item) is None
        )

    def take(self, command: Command, item: Item) -> Item | int:
        """The whole item when this was its last chunk, else the status of the chunk."""
        if self.continues(command, item):
            return self._append(item)
        self.interrupt()
        if not item.more_data:
            return item
        text = _size_text(command, item) or ""
        if not (text.isascii() and text.isdigit()):
            return SIZE_REQUIRED
        size = int(text[:12])
        if size > MAX_OBJECT_BYTES:
            return TOO_LARGE
        self._started = _Started(name=command.name, item=item, size=size)
        self._buffer, self._is_binary = bytearray(), False
        return self._append(item)

    def _append(self, item: Item) -> Item | int:
        started = self._started
        assert started is not None
        self._buffer += _transported(item)
        self._is_binary = self._is_binary or item.is_binary
        length = len(self._buffer)
        if item.more_data and length <= started.size:
            return BUFFERED
        self._started = None
        return self._whole(started.item) if length == started.size else SIZE_MISMATCH

    def _whole(self, first: Item) -> Item:
        data = bytes(self._buffer)
        meta = replace(first.meta or Meta(), size=None)
        return replace(
            first,
            meta=meta if meta != Meta() else None,
            data=base64.b64encode(data).decode() if self._is_binary else data.decode(),
            is_binary=self._is_binary,
            more_data=False,
        )


def _size_text(command: Command, item: Item) -> str | None:
    own = item.meta.size if item.meta else None
    return own or (command.meta.size if command.meta else None)


def _transported(item: Item) -> bytes:
    data = item.data or ""
    return (decode_base64(data) or b"") if item.is_binary else data.encode()
