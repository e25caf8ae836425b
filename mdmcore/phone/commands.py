"""Executing the server's commands on the tree, and what each is answered (session.md 2.1, 2.2).

Atomic, Sequence and the order of things; single values come from ``tree``, chunks from
``large_objects``, the user's answers from ``user_alerts``. That a failed child stops its Sequence,
and that a Cred in a command makes it 400, are [U].
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mdmcore.namespaces import ALERT_NEXT_MESSAGE, ALERT_NO_END_OF_DATA
from mdmcore.phone.answered import SUCCESS, Nested, answer_of, answers_of, skipped
from mdmcore.phone.answered import Answered as Answered
from mdmcore.phone.large_objects import Assembly
from mdmcore.phone.settings import PhoneSettings, UserAnswer
from mdmcore.phone.tree import DeviceTree, Part
from mdmcore.phone.tree.behaviour import DEFAULT_FORMAT
from mdmcore.phone.user_alerts import CANCELLED, REJECTED, USER_ALERTS, ask_user
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

_SYNC_COMMANDS = frozenset({"Put", "Search", "Sync", "Map"})
"""Commands of data synchronisation (DMREP): known, and not supported; others are no commands."""

_UNDERSTOOD = frozenset({ALERT_NEXT_MESSAGE, ALERT_NO_END_OF_DATA})


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What a device does with commands. ``user`` answers alerts, ``None``: they are not shown."""

    takes_large_objects: bool = False
    answers_get_in_atomic: bool = True
    user: UserAnswer | None = None


def abilities_of(settings: PhoneSettings) -> Abilities:
    """Those of a phone, by its profile, its user, and what it says of itself (DevDetail/LrgObj)."""
    told = settings.details.get("large_objects")
    return Abilities(
        takes_large_objects=settings.device.takes_large_objects if told is None else told == "true",
        answers_get_in_atomic=settings.device.answers_get_in_atomic,
        user=settings.user_answer,
    )


def is_work(command: AnyCommand) -> bool:
    """Whether a part of a message is a command that must be answered with a Status."""
    return not isinstance(command, Status | Results)


class Executor:
    """Executes the commands of one session, message by message.

    ``fits``: whether these answers have room in one message, asked for each Atomic.
    """

    def __init__(
        self,
        tree: DeviceTree,
        abilities: Abilities,
        fits: Callable[[Sequence[Answered]], bool] = lambda _answered: True,
    ) -> None:
        self.assembly = Assembly()
        self._tree = tree
        self._abilities = abilities
        self._fits = fits
        self._unreadable: tuple[str, ...] = ()
        self._is_cancelled = False

    def execute(
        self, commands: Iterable[AnyCommand], *, unreadable: Iterable[str] = ()
    ) -> tuple[Answered, ...]:
        """Execute in order. ``unreadable`` are the places of elements in a namespace not their own;
        a command that holds one is answered 415 and not executed."""
        self._unreadable = tuple(unreadable)
        self._is_cancelled = False
        answered: list[Answered] = []
        for command in commands:
            if not isinstance(command, Status | Results):
                answered += self._one(command, added=None)
        self._tree.end_message()
        return tuple(answered)

    def _one(self, command: Nested, *, added: set[str] | None) -> list[Answered]:
        """``added`` are the targets that an Atomic around it has added, ``None`` outside of one.

        Once the device is told to leave it does nothing more; what follows a cancelled alert in
        its message is not executed.
        """
        if self._tree.is_unenrolling:
            return []
        if self._is_cancelled:
            return skipped(command)
        if not self._continues(command):
            self.assembly.interrupt()
        if not command.cmd_id:
            return answers_of(command, 400)
        match command:
            case Container(name="Atomic"):
                return self._atomic(command) if added is None else _nested_atomic(command)
            case Container():
                return self._sequence(command, added=added)
            case UnknownCommand():
                return [answer_of(command, 406 if command.name in _SYNC_COMMANDS else 400)]
        if any(place.startswith(f"{command.place}/") for place in self._unreadable):
            return [answer_of(command, 415)]
        if command.cred is not None:
            return [answer_of(command, 400)]
        if isinstance(command, Alert):
            return [self._alert(command)]
        return self._items(command, added=added)

    def _continues(self, command: Nested) -> bool:
        """Whether it is the next chunk of the object under way."""
        if not isinstance(command, Command) or not command.items:
            return False
        return self.assembly.continues(command, command.items[0])

    def _alert(self, alert: Alert) -> Answered:
        if alert.code in USER_ALERTS and self._abilities.user is not None:
            code, items = ask_user(alert, self._abilities.user)
            self._is_cancelled = code == CANCELLED
            return replace(answer_of(alert, code), items=items)
        return answer_of(alert, 200 if alert.code in _UNDERSTOOD else 406)

    # --- commands on nodes ----------------------------------------------------------------------

    def _items(self, command: Command, *, added: set[str] | None) -> list[Answered]:
        if command.name == "Copy":
            return [answer_of(command, 406)]
        is_in_atomic = added is not None
        if command.name == "Get" and is_in_atomic and not self._abilities.answers_get_in_atomic:
            return [answer_of(command, 500)]
        if not command.items:
            return [answer_of(command, 412)]
        parts = [self._item(command, item, added=added) for item in command.items]
        if len({part.code for part in parts}) > 1:
            return [replace(part, target=part.uris[0]) for part in parts]
        return [
            replace(
                parts[0],
                uris=tuple(uri for part in parts for uri in part.uris),
                results=tuple(item for part in parts for item in part.results),
            )
        ]

    def _item(self, command: Command, item: Item, *, added: set[str] | None) -> Answered:
        answer = replace(answer_of(command, 412), uris=(item.target or "",))
        if not item.target:
            return answer
        if not self._abilities.takes_large_objects or added is not None:
            if item.more_data:  # no large objects on phones (session.md 1.7)
                return replace(answer, code=406)
        else:
            whole = self.assembly.take(command, item)
            if isinstance(whole, int):
                return replace(answer, code=whole)
            item = whole
        uri = item.target or ""
        if command.name == "Get":
            code, results = self._get(uri)
            return replace(answer, code=code, results=results)
        return replace(answer, code=self._change(command, item, uri, added=added))

    def _get(self, uri: str) -> tuple[int, tuple[Item, ...]]:
        got = self._tree.get(uri)
        if got.code != 200:
            return got.code, ()
        return 200, tuple(map(_result, got.parts))

    def _change(self, command: Command, item: Item, uri: str, *, added: set[str] | None) -> int:
        format, type = _meta(command, item, "format"), _meta(command, item, "type")
        if command.name == "Add":
            code = self._tree.add(uri, item.data, format, type, is_binary=item.is_binary)
            if added is not None and code == 200:
                added.add(uri)
            return code
        if command.name == "Replace":
            if added is not None and uri in added:
                return 500  # Add and Replace of one node in one Atomic (OMAsup)
            return self._tree.replace(uri, item.data, format, type, is_binary=item.is_binary)
        if command.name == "Delete":
            return self._tree.delete(uri)
        return self._tree.execute(uri, item.data, format)

    # --- containers -----------------------------------------------------------------------------

    def _atomic(self, command: Container) -> list[Answered]:
        """All or nothing: 507, with 216 for what was undone (516: could not be) and 215 for what
        was not tried; 517 when it was done and its answer has no room."""
        before = self._tree.snapshot()
        added: set[str] = set()
        done: list[Answered] = []
        undone: list[Answered] = []
        failed = False
        for child in command.commands:
            if failed:
                undone += skipped(child)
                continue
            start = self._tree.snapshot()
            parts = self._one(child, added=added)
            code = 216 if self._tree.can_restore(start) else 516
            failed = _is_stopped(parts)
            done += parts
            undone += (_undone(part, code) for part in parts)
        whole = [answer_of(command, 200), *done]
        if self._tree.is_unenrolling or (not failed and self._fits(whole)):
            return whole
        self._tree.restore(before)
        return [answer_of(command, 507 if failed else 517), *undone]

    def _sequence(self, command: Container, *, added: set[str] | None) -> list[Answered]:
        answered: list[Answered] = []
        failed = False
        for child in command.commands:
            parts = skipped(child) if failed else self._one(child, added=added)
            failed = failed or _is_stopped(parts)
            answered += parts
        return [answer_of(command, 200), *answered]


def execute(
    commands: Iterable[AnyCommand],
    tree: DeviceTree,
    *,
    unreadable: Iterable[str] = (),
    abilities: Abilities | None = None,
) -> tuple[Answered, ...]:
    """Execute the commands of one message alone."""
    return Executor(tree, abilities or Abilities()).execute(commands, unreadable=unreadable)


def decline(commands: Iterable[AnyCommand], code: int) -> tuple[Answered, ...]:
    """The answers of a device that does not (yet) believe the server: nothing is executed."""
    answered: list[Answered] = []
    for command in commands:
        if not isinstance(command, Status | Results):
            answered += answers_of(command, code)
    return tuple(answered)


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


def _nested_atomic(command: Container) -> list[Answered]:
    inner = [part for child in command.commands for part in skipped(child)]
    return [answer_of(command, 500), *inner]


def _is_stopped(parts: Iterable[Answered]) -> bool:
    """Whether what follows in the container is not executed: a failure, or the user's No."""
    return any(part.code >= 400 or part.code in {CANCELLED, REJECTED} for part in parts)


def _undone(part: Answered, code: int) -> Answered:
    return replace(part, code=code, results=()) if part.code in SUCCESS else part
