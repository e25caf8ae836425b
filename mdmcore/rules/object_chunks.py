"""The items of a message that may be parts of a large object (session.md 1.7)."""

from __future__ import annotations

from mdmcore.rules.life import Chunks, DmSession
from mdmcore.syncml.model import Command, Item, Results, SyncML

_FAILED = "400"

type Found = tuple[Item, str]
"""An item, and the LocURI it is about."""


def carrying_items(message: SyncML) -> tuple[Found, ...]:
    """Every item with data in commands and Results, in order; those of Gets aside."""
    return tuple(
        (item, item.target or item.source or "")
        for command in message.walk()
        if isinstance(command, Command | Results) and command.name != "Get"
        for item in command.items
    )


def last_item(message: SyncML) -> Found | None:
    """The last of them: nothing may follow a chunk in its message."""
    found = carrying_items(message)
    return found[-1] if found else None


def wanted_download(session: DmSession, asked: SyncML) -> Chunks | None:
    """The server's object that is not complete; ``None`` when the device refuses its last chunk
    with this message, so that no other one is to follow."""
    under_way = session.download
    if under_way is None:
        return None
    chunks = {one.cmd_id for one in session.sent if under_way.uri in one.targets}
    is_refused = any(
        status.msg_ref == session.server_msg_id
        and status.cmd_ref in chunks
        and status.data.strip() >= _FAILED
        for status in asked.statuses
    )
    return None if is_refused else under_way
