"""The nodes that are there, with an index of children and a journal to go back by.

Nothing here knows what a node may hold or who may change it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from mdmcore.csp import Access, CspNode
from mdmcore.phone.tree.behaviour import Value
from mdmcore.phone.tree.paths import Key, Names

NODE = Value(format="node", type="")
"""What an interior node has instead of a value."""


class Origin(StrEnum):
    """Where a node comes from."""

    GIVEN = "given"
    """The device and its enrolment."""
    FACT = "fact"
    """A behaviour tells it."""
    WRITTEN = "written"
    """The server has written it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredNode:
    """A node. ``definition`` is ``None`` for what only leads to CSPs; ``order`` is its age."""

    context: str
    names: Names
    key: Key
    definition: CspNode | None
    value: Value = NODE
    origin: Origin = Origin.GIVEN
    order: int = 0

    @property
    def name(self) -> str:
        """Its own name, ``.`` for the root."""
        return self.names[-1] if self.names else "."

    @property
    def is_interior(self) -> bool:
        """Whether it has children instead of a value."""
        return self.definition is None or self.definition.is_interior


def allows(node: StoredNode, access: Access) -> bool:
    """Whether a command is allowed; what only leads to CSPs can be read."""
    if node.definition is None:
        return access is Access.GET
    return access in node.definition.access


class NodeStore:
    """Nodes by key. The oldest child comes first."""

    def __init__(self) -> None:
        self._nodes: dict[Key, StoredNode] = {}
        self._children: dict[Key, set[Key]] = {}
        self._journal: list[tuple[Key, StoredNode | None]] = []
        self._made = 0

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[StoredNode]:
        return iter(self._nodes.values())

    def get(self, key: Key) -> StoredNode | None:
        """The node, ``None`` when there is none."""
        return self._nodes.get(key)

    def next_order(self) -> int:
        """The place of a new node behind all others."""
        self._made += 1
        return self._made

    def put(self, node: StoredNode) -> None:
        """Add or change a node; its parent must be there."""
        self._journal.append((node.key, self._nodes.get(node.key)))
        self._set(node.key, node)

    def remove(self, key: Key) -> None:
        """Remove a node and all below it."""
        for node in reversed(tuple(self.subtree(key))):
            self._journal.append((node.key, node))
            self._set(node.key, None)

    def children(self, key: Key) -> list[StoredNode]:
        """The nodes directly below, in order of their age."""
        found = (self._nodes[child] for child in self._children.get(key, ()))
        return sorted(found, key=lambda node: node.order)

    def subtree(self, key: Key) -> Iterator[StoredNode]:
        """The node and all below it, each before its children."""
        node = self._nodes.get(key)
        left = [] if node is None else [node]
        while left:
            node = left.pop()
            yield node
            left.extend(reversed(self.children(node.key)))

    def mark(self) -> int:
        """A point to come back to."""
        return len(self._journal)

    def undo(self, mark: int) -> None:
        """Go back to that point."""
        while len(self._journal) > mark:
            self._set(*self._journal.pop())

    def _set(self, key: Key, node: StoredNode | None) -> None:
        if node is None:
            del self._nodes[key]
            siblings = self._children[key[:-1]]
            siblings.discard(key)
            if not siblings:
                del self._children[key[:-1]]
        else:
            self._nodes[key] = node
            if len(key) > 1:
                self._children.setdefault(key[:-1], set()).add(key)
