"""How the tree comes to be: what a device has from the start, and what comes with a new node.

A node that its parent brings along is one that nobody can add: it is permanent, or has no Add.
What the device knows (``facts``) is there from the start, even where it could be added.
"""

from __future__ import annotations

from dataclasses import replace

from mdmcore.csp import Access, CspNode
from mdmcore.phone.tree.behaviour import Content, Value
from mdmcore.phone.tree.facts import Facts
from mdmcore.phone.tree.paths import Names, key_of
from mdmcore.phone.tree.schema import Schema, spelt
from mdmcore.phone.tree.store import NODE, NodeStore, Origin, StoredNode
from mdmcore.phone.tree.values import first_value


class Growth:
    """Makes nodes in a store."""

    def __init__(self, store: NodeStore, schema: Schema, facts: Facts) -> None:
        self._store = store
        self._schema = schema
        self._facts = facts

    def plant(self, context: str) -> None:
        """The root of a context and what leads from it to the CSPs, each with its own nodes."""
        self._put(context, (), None, NODE, Origin.GIVEN)
        for names, definition in self._schema.tops(context):
            for length in range(1, len(names)):
                self._lead(context, names[:length])
            if _comes_by_itself(definition):
                self.make(context, names, definition, is_told=True)

    def make(
        self,
        context: str,
        names: Names,
        definition: CspNode,
        value: Value = NODE,
        *,
        origin: Origin = Origin.GIVEN,
        is_told: bool = False,
    ) -> StoredNode:
        """A node, and below it what comes along; with ``is_told`` also what facts tell."""
        node = self._put(context, names, definition, value, origin)
        if not definition.is_interior:
            return node
        for name, below in self._schema.named_below(context, node.names):
            path = (*node.names, name)
            if self._store.get(key_of(context, path)) is not None:
                continue
            own = Origin.FACT if origin is Origin.FACT else Origin.GIVEN
            comes = _comes_by_itself(below)
            if below.is_interior:
                if comes or (is_told and self._is_told(context, path)):
                    self.make(context, path, below, origin=own, is_told=is_told)
                continue
            content = self._facts.value(below) if below.fact else None
            is_known = content is not None or not below.fact
            if (comes and is_known) or (is_told and content is not None):
                self._put(context, path, below, first_value(below, content), own)
        return node

    def place(self, context: str, names: Names, content: Content | None, origin: Origin) -> None:
        """A node that the device itself puts there, with its parents; an unknown one is not."""
        definition = self._schema.find(context, names)
        if definition is None:
            return
        is_told = origin is Origin.GIVEN
        for length in range(1, len(names)):
            above = self._schema.find(context, names[:length])
            key = key_of(context, names[:length])
            if self._store.get(key) is not None:
                continue
            if above is None or self._store.get(key[:-1]) is None:
                return
            self.make(context, names[:length], above, origin=origin, is_told=is_told)
        value = NODE if definition.is_interior else first_value(definition, content)
        self.make(context, names, definition, value, origin=origin, is_told=is_told)

    def fill(self, node: StoredNode, content: Content | None) -> None:
        """Give a leaf that content; without any what the device knows otherwise."""
        definition = node.definition
        if definition is None or node.is_interior:
            return
        if content is None and definition.fact:
            content = self._facts.value(definition)
        value = first_value(definition, content)
        if value != node.value:
            self._store.put(replace(node, value=value))

    def _is_told(self, context: str, names: Names) -> bool:
        """Whether facts tell a leaf directly below a node that could also be added."""
        below = self._schema.named_below(context, names)
        return any(
            node.fact and Access.ADD in node.access and self._facts.value(node) is not None
            for _name, node in below
        )

    def _lead(self, context: str, names: Names) -> None:
        if self._store.get(key_of(context, names)) is None:
            self._put(context, names, None, NODE, Origin.GIVEN)

    def _put(
        self,
        context: str,
        names: Names,
        definition: CspNode | None,
        value: Value,
        origin: Origin,
    ) -> StoredNode:
        key = key_of(context, names)
        above = self._store.get(key[:-1]) if names else None
        if definition is not None and above is not None:
            names = (*above.names, spelt(definition, names)[-1])
        old = self._store.get(key)
        node = StoredNode(
            context=context,
            names=names,
            key=key,
            definition=definition,
            value=value,
            origin=origin,
            order=self._store.next_order() if old is None else old.order,
        )
        self._store.put(node)
        return node


def _comes_by_itself(node: CspNode) -> bool:
    return (node.is_permanent or Access.ADD not in node.access) and _is_spelt_out(node)


def _is_spelt_out(node: CspNode) -> bool:
    return node.path[-1] != "*" and node.path[-1] != "{enterprise}"
