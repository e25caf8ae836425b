"""Commands that are to be queued or sent, held against the catalogue before a device sees them.

Sources: session.md 2.2, field-problems.md 1 and 3.3. An error is what a device will refuse, or
answer otherwise than it was meant; all else is a warning. What is wrong with one Item alone stands
in ``item_problems``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from mdmcore.csp.catalogue import find_csp
from mdmcore.csp.model import EXEC_IN_ATOMIC
from mdmcore.csp.recipes.item_problems import item_problems
from mdmcore.csp.uri import parse_uri
from mdmcore.profiles import PROFILES
from mdmcore.syncml.model import Alert, AnyCommand, Command, Container, Item

_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandProblem:
    """What is wrong with a command; ``place`` is its path in the list of commands."""

    message: str
    place: str
    is_error: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedItem:
    """An Item of a command, with the containers around it, outermost first, and its place."""

    command: Command
    item: Item
    parents: tuple[Container, ...]
    place: str

    @property
    def is_in_atomic(self) -> bool:
        """Whether it stands in an Atomic, however deep."""
        return any(parent.name == "Atomic" for parent in self.parents)

    @property
    def format(self) -> str | None:
        """Format of the Item, else of the command; ``None`` where neither says one."""
        for meta in (self.item.meta, self.command.meta):
            if meta is not None and meta.format:
                return meta.format.strip()
        return None


def command_problems(
    commands: Sequence[AnyCommand], *, profile: str, provider: str
) -> tuple[CommandProblem, ...]:
    """Everything that is wrong, in document order; ``profile`` and ``provider`` may be empty for
    a device that is not known."""
    history = _History()
    found: list[CommandProblem] = []
    for command, parents, place in walk_commands(commands):
        for message, is_error in _structure_problems(command, parents):
            found.append(CommandProblem(message=message, place=place, is_error=is_error))
        for placed in _items_of(command, parents, place):
            problems = chain(
                item_problems(placed.command.name, placed.item, placed.format, profile, provider),
                _atomic_problems(placed, profile),
                history.problems(placed),
            )
            for message, is_error in problems:
                found.append(CommandProblem(message=message, place=placed.place, is_error=is_error))
    return tuple(found)


type Walked = tuple[AnyCommand, tuple[Container, ...], str]
"""A command, the containers around it, outermost first, and its place."""


def walk_commands(commands: Sequence[AnyCommand]) -> Iterator[Walked]:
    """Every command in document order, a container before what it holds."""
    left = _level(commands, (), "/SyncBody")
    while left:
        command, parents, place = left.pop()
        yield command, parents, place
        if isinstance(command, Container):
            left += _level(command.commands, (*parents, command), place)


def _level(
    commands: Sequence[AnyCommand], parents: tuple[Container, ...], above: str
) -> list[Walked]:
    """The commands of one container, the last first."""
    counts: Counter[str] = Counter()
    found: list[Walked] = []
    for command in commands:
        counts[command.name] += 1
        place = command.place or f"{above}/{command.name}[{counts[command.name]}]"
        found.append((command, parents, place))
    return found[::-1]


def _items_of(
    command: AnyCommand, parents: tuple[Container, ...], place: str
) -> Iterator[PlacedItem]:
    if not isinstance(command, Command):
        return
    for number, item in enumerate(command.items, 1):
        below = f"{place}/Item[{number}]" if len(command.items) > 1 else f"{place}/Item"
        yield PlacedItem(command=command, item=item, parents=parents, place=item.place or below)


def _structure_problems(
    command: AnyCommand, parents: tuple[Container, ...]
) -> Iterator[tuple[str, bool]]:
    match command:
        case Container():
            if not command.commands:
                yield f"{command.name} holds no commands", True
            if command.name == "Atomic" and any(parent.name == "Atomic" for parent in parents):
                yield "an Atomic stands in an Atomic: the device answers 500 and 507", True
        case Command():
            if not command.items:
                yield f"{command.name} has no Item", True
            if command.name == "Exec" and len(command.items) > 1:
                yield "Exec takes one Item", True
        case Alert():
            pass
        case _:
            yield f"{command.name} is no command of a server", True


def _atomic_problems(placed: PlacedItem, profile: str) -> Iterator[tuple[str, bool]]:
    """field-problems.md 1: phones answer a Get in an Atomic, Windows 10 fails the whole of it."""
    if not placed.is_in_atomic:
        return
    target = _shown(placed.item.target)
    if placed.command.name == "Get":
        known = PROFILES.get(profile)
        is_refused = known is not None and not known.answers_get_in_atomic
        yield f"the Get of {target} stands in an Atomic; use Sequence", is_refused
    if placed.command.name == "Exec":
        csp = find_csp(placed.item.target or "")
        if csp is None or csp.name not in EXEC_IN_ATOMIC:
            yield f"the Exec of {target} stands in an Atomic; use Sequence", False


@dataclass(slots=True)
class _History:
    """What the commands so far did to which node."""

    added: set[tuple[int, str]] = field(default_factory=set)
    executed: set[str] = field(default_factory=set)

    def problems(self, placed: PlacedItem) -> Iterator[tuple[str, bool]]:
        """What is wrong with the command because of those before it, which then has been one."""
        target, name = _shown(placed.item.target), placed.command.name
        key = parse_uri(placed.item.target or "").key
        atomic = next((id(parent) for parent in placed.parents if parent.name == "Atomic"), None)
        if name == "Exec":
            # Every node above it, so that an Add of any is found at once.
            parts = key.split("/")
            self.executed |= {"/".join(parts[:end]) for end in range(2, len(parts) + 1)}
        elif name == "Add":
            if key in self.executed:
                yield f"{target} is added after the Exec that needs it", True
            if atomic is not None:
                self.added.add((atomic, key))
        elif name == "Replace" and atomic is not None and (atomic, key) in self.added:
            yield f"{target} is added and then replaced in one Atomic", True


def _shown(target: str | None) -> str:
    return (target or "nothing")[:_SHOWN]
