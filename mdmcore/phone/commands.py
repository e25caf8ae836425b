"""Executing the server's commands on the tree, and what each is answered (session.md 2.1, 2.2).

Atomic and Sequence as phones do them: a Get inside an Atomic is answered, a nested Atomic fails.
That a failed child stops its Sequence is [U]. Messages are put together in ``messages``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from mdmcore.namespaces import ALERT_NEXT_MESSAGE
from mdmcore.phone.tree import DeviceTree, Part
from mdmcore.phone.tree.behaviour import DEFAULT_FORMAT
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Command,
    Container,
    Item,
    Meta,
    Results,
    Status,
    UnknownCommand,
)

type Nested = Alert | Command | Container | UnknownCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What became of one command, or of one of its targets.

    ``target`` is set when targets of one command fared differently; ``results`` are the items of
    a Get, to be sent behind all Statuses.
    """

    cmd_id: str
    name: str
    code: int
    target: str | None = None
    uris: tuple[str, ...] = ()
    results: tuple[Item, ...] = ()


def is_work(command: AnyCommand) -> bool:
    """Whether a part of a message is a command that must be answered with a Status."""
    return not isinstance(command, Status | Results)


def execute(
    commands: Iterable[AnyCommand], tree: DeviceTree, *, unreadable: Iterable[str] = ()
) -> tuple[Answered, ...]:
    """Execute in order. ``unreadable`` are the places of elements in a namespace not their own;
    a command that holds one is answered 415 and not executed."""
    places = tuple(unreadable)
    answered: list[Answered] = []
    for command in commands:
        if not isinstance(command, Status | Results):
            answered += _one(command, tree, places, added=None)
    tree.end_message()
    return tuple(answered)


def decline(commands: Iterable[AnyCommand], code: int) -> tuple[Answered, ...]:
    """The answers of a device that does not (yet) believe the server: nothing is executed."""
    answered: list[Answered] = []
    for command in commands:
        if not isinstance(command, Status | Results):
            answered += _all(command, code)
    return tuple(answered)


def _one(
    command: Nested, tree: DeviceTree, places: tuple[str, ...], *, added: set[str] | None
) -> list[Answered]:
    """``added`` are the targets that an Atomic around it has added, ``None`` outside of one.

    Once the device is told to leave it does nothing more.
    """
    if tree.is_unenrolling:
        return []
    if not command.cmd_id:
        return _all(command, 400)
    if isinstance(command, Container):
        if command.name == "Atomic":
            return _nested_atomic(command) if added is not None else _atomic(command, tree, places)
        return _sequence(command, tree, places, added=added)
    if any(place.startswith(f"{command.place}/") for place in places):
        return _all(command, 415)
    if isinstance(command, Alert):
        return _all(command, 200 if command.code == ALERT_NEXT_MESSAGE else 406)
    if isinstance(command, UnknownCommand) or command.name == "Copy":
        return _all(command, 406)
    return _items(command, tree, added=added)


def _items(command: Command, tree: DeviceTree, *, added: set[str] | None) -> list[Answered]:
    if not command.items:
        return _all(command, 412)
    parts = [_item(command, item, tree, added=added) for item in command.items]
    codes = {part.code for part in parts}
    if len(codes) > 1:
        return [replace(part, target=part.uris[0]) for part in parts]
    return [
        Answered(
            cmd_id=command.cmd_id,
            name=command.name,
            code=parts[0].code,
            uris=tuple(uri for part in parts for uri in part.uris),
            results=tuple(item for part in parts for item in part.results),
        )
    ]


def _item(command: Command, item: Item, tree: DeviceTree, *, added: set[str] | None) -> Answered:
    uri = item.target or ""
    results: tuple[Item, ...] = ()
    if not uri:
        code = 412
    elif item.more_data:
        code = 406  # no large objects on phones (session.md 1.7)
    elif command.name == "Get":
        got = tree.get(uri)
        code = got.code
        if code == 200:
            results = tuple(map(_result, got.parts))
    else:
        code = _change(command, item, uri, tree, added=added)
    return Answered(
        cmd_id=command.cmd_id, name=command.name, code=code, uris=(uri,), results=results
    )


def _change(
    command: Command, item: Item, uri: str, tree: DeviceTree, *, added: set[str] | None
) -> int:
    format, type = _meta(command, item, "format"), _meta(command, item, "type")
    if command.name == "Add":
        code = tree.add(uri, item.data, format, type, is_binary=item.is_binary)
        if added is not None and code == 200:
            added.add(uri)
        return code
    if command.name == "Replace":
        if added is not None and uri in added:
            return 500  # Add and Replace of one node in one Atomic (OMAsup)
        return tree.replace(uri, item.data, format, type, is_binary=item.is_binary)
    if command.name == "Delete":
        return tree.delete(uri)
    return tree.execute(uri, item.data, format)


def _meta(command: Command, item: Item, name: Literal["format", "type"]) -> str | None:
    """Format or Type of an item, its own before that of the command."""
    own = getattr(item.meta, name) if item.meta else None
    return own or (getattr(command.meta, name) if command.meta else None)


def _result(part: Part) -> Item:
    """An item of Results; Format chr and Type text/plain need not be said (DMREP 6.6.7)."""
    meta = Meta(format=part.format, type=part.type or None)
    return Item(
        source=part.uri,
        meta=None if meta == Meta(format=DEFAULT_FORMAT) else meta,
        data=part.value,
        is_binary=part.is_binary,
    )


def _atomic(command: Container, tree: DeviceTree, places: tuple[str, ...]) -> list[Answered]:
    """All or nothing: 507, with 216 for what was undone, 516 for what cannot be undone, and 215
    for what was not tried."""
    before = tree.snapshot()
    added: set[str] = set()
    done: list[Answered] = []
    undone: list[Answered] = []
    failed: list[Answered] = []
    for child in command.commands:
        if failed:
            failed += _all(child, 215)
            continue
        start = tree.snapshot()
        parts = _one(child, tree, places, added=added)
        if any(part.code >= 400 for part in parts):
            failed = parts
            continue
        done += parts
        code = 216 if tree.can_restore(start) else 516
        undone += (replace(part, code=code, results=()) for part in parts)
    if failed:
        tree.restore(before)
        return [_of(command, 507), *undone, *failed]
    return [_of(command, 200), *done]


def _nested_atomic(command: Container) -> list[Answered]:
    inner = [part for child in command.commands for part in _all(child, 215)]
    return [_of(command, 500), *inner]


def _sequence(
    command: Container, tree: DeviceTree, places: tuple[str, ...], *, added: set[str] | None
) -> list[Answered]:
    answered: list[Answered] = []
    failed = False
    for child in command.commands:
        parts = _all(child, 215) if failed else _one(child, tree, places, added=added)
        failed = failed or any(part.code >= 400 for part in parts)
        answered += parts
    return [_of(command, 200), *answered]


def _all(command: Nested, code: int) -> list[Answered]:
    """One code for a command and everything in it."""
    answered = [_of(command, code)]
    if isinstance(command, Container):
        for child in command.commands:
            answered += _all(child, code)
    return answered


def _of(command: Nested, code: int) -> Answered:
    uris: tuple[str, ...] = ()
    if isinstance(command, Command):
        uris = tuple(item.target for item in command.items if item.target)
    return Answered(cmd_id=command.cmd_id, name=command.name, code=code, uris=uris)
