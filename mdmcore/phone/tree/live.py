"""The behaviours of one session: asks the hooks, and applies what they return.

Facts are asked again only after ``DeviceState`` has changed, and only the differences are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from mdmcore.csp import Csp
from mdmcore.phone.device.state import DeviceState
from mdmcore.phone.settings import Random
from mdmcore.phone.state import EnrolledPhone
from mdmcore.phone.tree.behaviour import Behaviour, Content, Outcome, Path, Target, Value, View
from mdmcore.phone.tree.growth import Growth
from mdmcore.phone.tree.paths import DEVICE, USER, Key, Names, key_of
from mdmcore.phone.tree.store import NodeStore, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """What a snapshot keeps beside the nodes."""

    device: DeviceState
    told_for: DeviceState | None
    told: Mapping[str, frozenset[Key]]
    irreversible: int


class Live:
    """What the CSPs do. ``device`` is the state now; ``irreversible`` counts what no roll-back can
    undo."""

    def __init__(
        self,
        phone: EnrolledPhone,
        store: NodeStore,
        growth: Growth,
        csps: Iterable[Csp],
        behaviours: Iterable[Behaviour],
        *,
        now: datetime,
        random: Random | None,
    ) -> None:
        self.device = phone.device
        self.irreversible = 0
        self._phone, self._store, self._growth = phone, store, growth
        self._now, self._random = now, random
        self._roots = {csp.name: csp.root for csp in csps}
        present = (behaviour for behaviour in behaviours if behaviour.csp in self._roots)
        self._behaviours = {behaviour.csp: behaviour for behaviour in present}
        self._none = Behaviour(csp="")
        self._told: dict[str, frozenset[Key]] = {}
        self._told_for: DeviceState | None = None

    def refresh(self) -> None:
        """Bring the facts up to date with the state."""
        if self._told_for is self.device:
            return
        self._told_for = self.device
        for csp, behaviour in self._behaviours.items():
            told = self._tell(DEVICE, csp, behaviour.facts)
            if self._store.get((USER,)) is not None:
                told |= self._tell(USER, csp, behaviour.user_facts)
            for key in self._told.get(csp, frozenset()) - told:
                self._forget(key)
            self._told[csp] = told

    def snapshot(self) -> LiveState:
        """The state to come back to."""
        return LiveState(
            device=self.device,
            told_for=self._told_for,
            told=dict(self._told),
            irreversible=self.irreversible,
        )

    def restore(self, state: LiveState) -> None:
        """Go back; what was irreversible stays counted."""
        self.device, self._told_for = state.device, state.told_for
        self._told = dict(state.told)

    def read(self, target: Target) -> Outcome:
        """A Get of a leaf."""
        return self._apply(target, self._of(target).read(target, self._view_of(target)))

    def write(self, target: Target, value: Value) -> Outcome:
        """An Add or Replace, before it is kept."""
        return self._apply(target, self._of(target).write(target, value, self._view_of(target)))

    def collide(self, target: Target) -> Outcome:
        """An Add of what is there."""
        return self._apply(target, self._of(target).collide(target, self._view_of(target)))

    def delete(self, target: Target) -> Outcome:
        """A Delete, before the node goes."""
        return self._apply(target, self._of(target).delete(target, self._view_of(target)))

    def execute(self, target: Target, value: Value | None) -> Outcome:
        """An Exec."""
        return self._apply(target, self._of(target).execute(target, value, self._view_of(target)))

    def _of(self, target: Target) -> Behaviour:
        return self._behaviours.get(target.node.csp, self._none)

    def _view_of(self, target: Target) -> View:
        return self._view(target.node.csp, target.context)

    def _view(self, csp: str, context: str) -> View:
        root = self._roots[csp]

        def value(path: Names) -> Value | None:
            node = self._store.get(key_of(context, (*root, *path)))
            return None if node is None or node.is_interior else node.value

        def children(path: Names) -> Names:
            key = key_of(context, (*root, *path))
            return tuple(node.name for node in self._store.children(key))

        return View(
            phone=self._phone,
            device=self.device,
            now=self._now,
            random=self._random,
            value=value,
            children=children,
        )

    def _apply(self, target: Target, outcome: Outcome) -> Outcome:
        if outcome.code >= 400:
            return outcome
        if outcome.device is not None:
            self.device = outcome.device
        if outcome.is_irreversible:
            self.irreversible += 1
        root = self._roots[target.node.csp]
        for path in outcome.removed:
            self._store.remove(key_of(target.context, (*root, *path)))
        return outcome

    def _forget(self, key: Key) -> None:
        """Take back a fact: its node goes, or has again what it had before."""
        node = self._store.get(key)
        if node is not None and node.origin is Origin.FACT:
            self._store.remove(key)
        elif node is not None and node.origin is Origin.GIVEN:
            self._growth.fill(node, None)

    def _tell(
        self, context: str, csp: str, facts: Callable[[View], Mapping[Path, Content]]
    ) -> frozenset[Key]:
        """Put the facts of one CSP into the tree; their keys, and those of all above them."""
        root = self._roots[csp]
        told: set[Key] = set()
        for path, content in facts(self._view(csp, context)).items():
            names = (*root, *path)
            key = key_of(context, names)
            told.update(key[:length] for length in range(len(root) + 2, len(key) + 1))
            node = self._store.get(key)
            if node is None:
                self._growth.place(context, names, content, Origin.FACT)
            elif node.origin is not Origin.WRITTEN:
                self._growth.fill(node, content)
        return frozenset(told)
