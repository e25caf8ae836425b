"""The server's commands of an exchange, one target at a time, and where in the catalogue it lies.

What devices answer stands in their Status elements, not here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from mdmcore.csp.catalogue import find_node
from mdmcore.csp.model import CspNode
from mdmcore.csp.uri import LocUri, parse_uri
from mdmcore.rules.model import Hit
from mdmcore.rules.scene import Scene
from mdmcore.syncml.model import AnyCommand, Command, Container, Item

WRITES = frozenset({"Add", "Replace"})
"""Commands that carry a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentItem:
    """One Item of a server's command; ``parents`` are the containers around it, outermost first."""

    command: Command
    item: Item
    parents: tuple[Container, ...] = ()

    @property
    def target(self) -> str:
        """The LocURI of Target without blanks around it, empty where there is none."""
        return (self.item.target or "").strip()

    @property
    def uri(self) -> LocUri:
        """The target taken apart."""
        return parse_uri(self.target)

    @property
    def node(self) -> CspNode | None:
        """The catalogue's node, of whatever profile; ``None`` where it knows none."""
        return _node_of(self.target)

    @property
    def format(self) -> str:
        """Format of the Item, else of the command; empty where neither says one."""
        for meta in (self.item.meta, self.command.meta):
            if meta is not None and meta.format is not None:
                return meta.format.strip()
        return ""

    @property
    def is_write(self) -> bool:
        """Whether the command carries a value."""
        return self.command.name in WRITES

    @property
    def atomic(self) -> Container | None:
        """The outermost Atomic around the command."""
        return next((parent for parent in self.parents if parent.name == "Atomic"), None)

    def hit(self, scene: Scene, message: str, *, evidence: str = "", below: str = "") -> Hit:
        """A hit at this Item of the server's message, or at what is ``below`` it."""
        return scene.hit(
            message,
            part="response",
            xpath=self.item.place + below,
            evidence=evidence or self.target,
        )


@lru_cache(maxsize=4096)
def _node_of(target: str) -> CspNode | None:
    """Every rule asks for the same targets."""
    return find_node(target)


def sent_commands(scene: Scene) -> Iterator[tuple[AnyCommand, tuple[Container, ...]]]:
    """Every element of the server's message in document order, with the containers around it."""
    message = scene.decoded.response_syncml
    left: list[tuple[AnyCommand, tuple[Container, ...]]] = (
        [] if message is None else [(command, ()) for command in reversed(message.commands)]
    )
    while left:
        command, parents = left.pop()
        yield command, parents
        if isinstance(command, Container):
            inside = (*parents, command)
            left += [(child, inside) for child in reversed(command.commands)]


def sent_items(scene: Scene) -> Iterator[SentItem]:
    """Every Item of the server's commands, in document order."""
    for command, parents in sent_commands(scene):
        if isinstance(command, Command):
            for item in command.items:
                yield SentItem(command=command, item=item, parents=parents)
