"""Finding one device in a state, and what recipes must know of it; for commands of all kinds."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.csp.recipes import RecipeContext
    from mdmcore.records import ManagedDevice, ServerFacts
    from mdmcore.store import Database

VERSION_NODE = "./DevDetail/SwV"
"""Where a device tells the version of its operating system."""
_MIN_PREFIX = 3


def find_device(store: Database, wanted: str) -> ManagedDevice:
    """The one enrolment that goes by that name; one that has ended only if there is no other."""
    text = wanted.casefold()
    devices = store.devices()
    for matches in (str.__eq__, str.startswith):
        if matches is str.startswith and len(text) < _MIN_PREFIX:
            break
        found = [one for one in devices if any(matches(name, text) for name in _names(one))]
        found = [one for one in found if one.account.unenrolled is None] or found[:1]
        if len(found) > 1:
            listed = ", ".join(map(name_of, found))
            raise ConfigError(f"{wanted!r} may be any of {listed}")
        if found:
            return found[0]
    raise ConfigError(f"no device {wanted!r}; see: mdmproxy device list")


def _names(device: ManagedDevice) -> Iterator[str]:
    for name in (device.account.name, device.account.device_id):
        if name is not None:
            yield name.casefold()


def name_of(device: ManagedDevice) -> str:
    """What the device is called in messages, fit for a terminal."""
    from mdmcore.report.plain import plain

    return plain(device.account.device_id or device.account.name)


def facts_of(store: Database) -> ServerFacts:
    """The server that last used the state, or one without a configuration."""
    from mdmcore.server.settings import ServerSettings

    return store.server_facts() or ServerSettings(domains=()).facts("")


def context_of(store: Database, device: ManagedDevice) -> RecipeContext:
    """The context of a device of that server."""
    from mdmcore.server.planning import recipe_context

    facts = facts_of(store)
    account = device.account
    values = store.inventory(account.device_id) if account.device_id else {}
    return recipe_context(
        facts,
        profile=account.profile or facts.profile,
        version=values.get(VERSION_NODE, ""),
        random=secrets.token_bytes,
    )
