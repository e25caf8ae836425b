"""Commands as they may be shown to people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from mdmcore.syncml.fragment import serialize_commands
from mdmcore.syncml.model import AnyCommand, Command, Container, Item
from mdmcore.xml import parse_strict, pretty_print

if TYPE_CHECKING:
    from mdmcore.inspector.masking import Mask


def shown_commands(commands: Iterable[AnyCommand], mask: Mask) -> str:
    """The SyncBody with these commands, laid out for people, secrets masked."""
    masked = tuple(_masked(command, mask) for command in commands)
    return pretty_print(parse_strict(serialize_commands(masked).encode()))


def _masked[AnyCommandT: AnyCommand](command: AnyCommandT, mask: Mask) -> AnyCommandT:
    match command:
        case Container():
            inner = tuple(_masked(each, mask) for each in command.commands)
            return replace(command, commands=inner)
        case Command():
            return replace(command, items=tuple(_masked_item(item, mask) for item in command.items))
        case _:
            return command


def _masked_item(item: Item, mask: Mask) -> Item:
    from mdmcore.cli.device.values import masked_value

    if item.data_xml is not None:
        shown = masked_value(item.target or "", item.data_xml, mask)
        return item if shown == item.data_xml else replace(item, data_xml=None, data=shown)
    shown = masked_value(item.target or "", item.data, mask)
    return item if shown == item.data else replace(item, data=shown, is_binary=False)
