"""How large commands are in the form that a message is sent in.

The parts of a message do not depend on each other, so sizes add up; in WBXML only the change of
code page between two commands does not, for which each is counted with its longest form.
"""

from __future__ import annotations

from dataclasses import replace

from mdmcore.syncml.model import AnyCommand, Item, Status, SyncHdr, SyncML
from mdmcore.syncml.wire import WireForm, encode_body

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
        """Bytes that the command adds to a message."""
        if self._empty is None:
            self._empty = self.message(self._frame)
        whole = self.message(replace(self._frame, commands=(*self._frame.commands, command)))
        return whole - self._empty + (_PAGE_SWITCH if self._form.is_wbxml else 0)

    def data(self, item: Item) -> int:
        """Bytes of an item's data as transported: what Meta/Size says (session.md 1.7)."""
        return data_size(item, is_wbxml=self._form.is_wbxml)


def data_size(item: Item, *, is_wbxml: bool) -> int:
    """The transported size: UTF-8 of the text, in WBXML the bytes that base64 stands for."""
    text = item.data if item.data is not None else item.data_xml or ""
    if is_wbxml and item.is_binary:
        packed = text.rstrip("=")
        return len(packed) * 3 // 4
    return len(text.encode())
