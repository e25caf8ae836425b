"""The items of a message that may be parts of a large object (session.md 1.7)."""

from __future__ import annotations

from mdmcore.syncml.model import Command, Item, Results, SyncML

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
