"""What recipes and checks know of a device, from the state; and commands as they may be shown."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from mdmcore.csp.recipes import RecipeContext
from mdmcore.server.planning import recipe_context
from mdmcore.server.settings import ServerSettings
from mdmcore.syncml.fragment import serialize_commands
from mdmcore.syncml.model import AnyCommand, Command, Container, Item
from mdmcore.xml import parse_strict, pretty_print

if TYPE_CHECKING:
    from mdmcore.inspector.masking import Mask
    from mdmcore.records import ManagedDevice, ServerFacts
    from mdmcore.store import Database

VERSION_NODE = "./DevDetail/SwV"
"""Where a device tells the version of its operating system."""


def facts_of(store: Database) -> ServerFacts:
    """The server that last used the state, or one without a configuration."""
    return store.server_facts() or ServerSettings(domains=()).facts("")


def context_of(store: Database, device: ManagedDevice) -> RecipeContext:
    """The context of a device of that server."""
    facts = facts_of(store)
    account = device.account
    values = store.inventory(account.device_id) if account.device_id else {}
    return recipe_context(
        facts,
        profile=account.profile or facts.profile,
        version=values.get(VERSION_NODE, ""),
        random=secrets.token_bytes,
    )


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
