"""How large commands are in the form that a message is sent in.

The parts of a message do not depend on each other, so sizes add up; in WBXML only the change of
code page between two commands does not, for which each is counted with its longest form.
"""

from __future__ import annotations

from dataclasses import replace

from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Command,
    Item,
    Status,
    SyncHdr,
    SyncML,
    walk_commands,
)
from mdmcore.syncml.wbxml.bounds import MAX_WBXML_BYTES, LimitExceeded
from mdmcore.syncml.wire import WireForm, encode_body

_SURELY_FITS = 64 * 1024
"""Bytes that the rest of a message, its Statuses and header, never needs."""
_PAGE_SWITCH = 2
"""Bytes of SWITCH_PAGE (wbxml.md 3)."""


class Sizes:
    """Measures for one form and namespace. Raises what ``encode_body`` raises."""

    def __init__(self, form: WireForm, namespace: str) -> None:
        self._form = form
        status = Status(cmd_id="1", msg_ref="1", cmd_ref="0", cmd="SyncHdr", data="200")
        self._frame = SyncML(
            header=SyncHdr(session_id="1", msg_id="1", target="t", source="s"),
            commands=(status,),
            namespace=namespace,
        )
        self._empty: int | None = None  # not measured where nothing has a limit

    def message(self, message: SyncML) -> int:
        """Bytes of a whole message."""
        return len(encode_body(message, self._form))

    def command(self, command: AnyCommand) -> int:
        """Bytes that the command adds to a message; of one that no message can hold, about."""
        if self._empty is None:
            self._empty = self.message(self._frame)
        try:
            whole = self.message(replace(self._frame, commands=(*self._frame.commands, command)))
        except LimitExceeded:
            return MAX_WBXML_BYTES + self._data(command)
        return whole - self._empty + (_PAGE_SWITCH if self._form.is_wbxml else 0)

    def is_too_large(self, command: AnyCommand) -> bool:
        """Whether no message of this form can hold the command, whatever the device takes."""
        if self._data(command) < _SURELY_FITS:
            return False
        return self.command(command) > MAX_WBXML_BYTES - _SURELY_FITS

    def _data(self, command: AnyCommand) -> int:
        parts = walk_commands((command,))
        return sum(self.data(item) for part in parts for item in items_of(part))

    def data(self, item: Item) -> int:
        """Bytes of an item's data as transported: what Meta/Size says (session.md 1.7)."""
        return data_size(item, is_wbxml=self._form.is_wbxml)


def items_of(command: AnyCommand) -> tuple[Item, ...]:
    """The items of a command itself, not of those within it."""
    return command.items if isinstance(command, Command | Alert) else ()


def data_size(item: Item, *, is_wbxml: bool) -> int:
    """The transported size: UTF-8 of the text, in WBXML the bytes that base64 stands for."""
    text = item.data if item.data is not None else item.data_xml or ""
    if is_wbxml and item.is_binary:
        packed = text.rstrip("=")
        return len(packed) * 3 // 4
    return len(text.encode())
