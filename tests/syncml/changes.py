"""Messages changed throughout, for what another program cannot carry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import cast

from mdmcore.syncml.model import Status, SyncML


def with_texts[T](value: T, change: Callable[[str], str]) -> T:
    """The message (or a part of it) with every text changed."""
    if isinstance(value, str):
        return cast(T, change(value))
    if isinstance(value, tuple):
        return cast(T, tuple(with_texts(part, change) for part in value))
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changed = {
        item.name: with_texts(getattr(value, item.name), change)
        for item in fields(value)
        if item.init and item.name != "next_nonce"
    }
    return (
        replace(value, next_nonce=None, **changed)
        if hasattr(value, "next_nonce")
        else replace(value, **changed)
    )


def without_attributes(message: SyncML) -> SyncML:
    """The message without the only attribute that a SyncML element has (MS-MDM 2.2.5.1)."""
    commands = tuple(
        replace(command, original_error=None) if isinstance(command, Status) else command
        for command in message.commands
    )
    return replace(message, commands=commands)
