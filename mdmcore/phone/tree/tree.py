"""The tree of one phone in one session: operations, answered with SyncML codes (session.md 2, 7).

A command that fails has changed nothing. Which nodes there can be stands in ``schema``, how they
come to be in ``growth`` and ``start``, what a value must be in ``values``, what CSPs do in
``live``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from mdmcore.csp import Access, CspNode
from mdmcore.phone.device.state import DeviceState
from mdmcore.phone.settings import Random
from mdmcore.phone.state import EnrolledPhone, NodeValue
from mdmcore.phone.tree.account import account_names, with_account
from mdmcore.phone.tree.behaviour import Behaviour, Value
from mdmcore.phone.tree.facts import Facts
from mdmcore.phone.tree.growth import Growth
from mdmcore.phone.tree.live import Live, LiveState
from mdmcore.phone.tree.paths import DEVICE, USER, Address, Names, key_of, read_uri
from mdmcore.phone.tree.properties import SUPPORTED
from mdmcore.phone.tree.reading import Got, read_node
from mdmcore.phone.tree.schema import schema_of, target_of
from mdmcore.phone.tree.start import begin, deleted_uris, written_values
from mdmcore.phone.tree.store import NODE, NodeStore, Origin, allows
from mdmcore.phone.tree.values import WRONG_FORMAT, judge, may_execute

_NOT_FOUND, _NOT_ALLOWED, _UNSUPPORTED, _FULL, _DENIED, _NO_USER = 404, 405, 406, 420, 425, 500

MAX_NODES = 20_000
"""More than any policy needs; a server that adds without end is told that the device is full."""

_FOR_OPERATORS = (("Vendor", "MSFT", "Registry"),)
"""Not to be changed by an enterprise over DM [U] (session.md 7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A state of the tree to come back to."""

    mark: int
    live: LiveState


class DeviceTree:
    """The tree. Without ``now`` it is the time of the enrolment."""

    def __init__(
        self,
        phone: EnrolledPhone,
        *,
        behaviours: Iterable[Behaviour] = (),
        now: datetime | None = None,
        random: Random | None = None,
    ) -> None:
        self._phone = phone
        self._schema = schema_of(phone.settings, phone.account.provider_id or "")
        self._store = NodeStore()
        moment = now or phone.enrolled
        self._growth = Growth(self._store, self._schema, Facts(phone, moment))
        self._given = begin(phone, self._store, self._schema, self._growth)
        self._live = Live(
            phone,
            self._store,
            self._growth,
            self._schema.csps,
            behaviours,
            now=moment,
            random=random,
        )
        self._live.refresh()

    @property
    def device(self) -> DeviceState:
        """What the device is now."""
        return self._live.device

    @property
    def is_unenrolling(self) -> bool:
        """Whether the server has executed Unenroll."""
        return self.device.is_leaving

    def end_message(self) -> None:
        """What holds within one message only is over."""
        self._live.device = self._live.device.after_message()

    def snapshot(self) -> Snapshot:
        """The state to come back to when an Atomic fails."""
        return Snapshot(mark=self._store.mark(), live=self._live.snapshot())

    def can_restore(self, state: Snapshot) -> bool:
        """Whether nothing irreversible has happened since (otherwise 516)."""
        return self._live.irreversible == state.live.irreversible

    def restore(self, state: Snapshot) -> bool:
        """Undo everything since that snapshot; whether that was possible altogether."""
        self._store.undo(state.mark)
        self._live.restore(state.live)
        return self.can_restore(state)

    @property
    def written(self) -> tuple[NodeValue, ...]:
        """What management has written, for the phone's state."""
        return tuple(value for _names, value in written_values(self._store))

    @property
    def deleted(self) -> frozenset[str]:
        """What management has deleted of what was given."""
        return deleted_uris(self._given, self._store)

    def leave(self, phone: EnrolledPhone) -> EnrolledPhone:
        """The phone with all that this session has changed."""
        of_account = account_names(phone.account)
        written = written_values(self._store)
        kept = (value for names, value in written if names not in of_account)
        return replace(
            with_account(phone, self._written_value),
            written=tuple(kept),
            deleted=self.deleted,
            device=self.device,
        )

    def value(self, uri: str) -> str:
        """The value of an existing leaf, empty for anything else."""
        return self.get(uri).value

    def get(self, uri: str) -> Got:
        """Value of a leaf, the names below an interior node, a property or a branch."""
        address = self._address(uri)
        if isinstance(address, int):
            return Got(code=address)
        node = self._store.get(address.key)
        if node is None:
            return Got(code=_NOT_FOUND)
        if not allows(node, Access.GET):
            return Got(code=_NOT_ALLOWED)
        return read_node(node, address, self._store, self._live)

    def add(
        self,
        uri: str,
        value: str | None,
        format: str | None,
        type: str | None = None,
        *,
        is_binary: bool = False,
    ) -> int:
        """Create a node and the parents it lacks; 418 when it is there."""
        address = self._to_change(uri)
        if isinstance(address, int):
            return address
        context, names = address.context, address.names
        definition = self._schema.find(context, names)
        node = self._store.get(address.key)
        if definition is None:
            return _NOT_ALLOWED if node is not None or self._leaf_above(address) else _NOT_FOUND
        if Access.ADD not in definition.access:
            return _NOT_ALLOWED
        if node is not None:
            return self._live.collide(target_of(context, node.names, definition)).code
        kept = judge(definition, value, format, type, is_binary=is_binary)
        if isinstance(kept, int):
            return kept
        before = self.snapshot()
        code = self._add_parents(context, names)
        if code < 400:
            code = self._write(context, names, definition, kept)
        if code >= 400:
            self.restore(before)
        return code

    def replace(
        self,
        uri: str,
        value: str | None,
        format: str | None,
        type: str | None = None,
        *,
        is_binary: bool = False,
    ) -> int:
        """Change a node that exists; never creates one."""
        address = self._to_change(uri)
        if isinstance(address, int):
            return address
        node = self._store.get(address.key)
        if node is None:
            return _NOT_FOUND
        if node.definition is None or not allows(node, Access.REPLACE):
            return _NOT_ALLOWED
        kept = judge(node.definition, value, format, type, is_binary=is_binary)
        if isinstance(kept, int):
            return kept
        return self._write(node.context, node.names, node.definition, kept)

    def delete(self, uri: str) -> int:
        """Remove a node and all below it; permanent ones and the root stay (405)."""
        address = self._to_change(uri)
        if isinstance(address, int):
            return address
        node = self._store.get(address.key)
        if node is None:
            return _NOT_FOUND
        if node.definition is None or not allows(node, Access.DELETE):
            return _NOT_ALLOWED
        code = self._live.delete(target_of(node.context, node.names, node.definition)).code
        if code < 400:
            self._store.remove(node.key)
        return code

    def execute(self, uri: str, value: str | None, format: str | None = None) -> int:
        """Execute a node that can be executed; what comes of it is its CSP's."""
        address = self._to_change(uri)
        if isinstance(address, int):
            return address
        node = self._store.get(address.key)
        if node is None:
            return _NOT_FOUND
        if node.definition is None or not allows(node, Access.EXEC):
            return _NOT_ALLOWED
        if not may_execute(node.definition, format):
            return WRONG_FORMAT
        given = None if value is None else Value(content=value, format=format or "chr")
        target = target_of(node.context, node.names, node.definition)
        return self._live.execute(target, given).code

    def _address(self, uri: str) -> Address | int:
        settings = self._phone.settings
        address = read_uri(
            uri, prefixes=settings.device.context_prefixes, limits=settings.uri_limits
        )
        if isinstance(address, int):
            return address
        if address.context == USER and not settings.is_user_logged_in:
            return _NO_USER
        self._live.refresh()
        return address

    def _to_change(self, uri: str) -> Address | int:
        """The address for anything but a Get; properties cannot be changed."""
        address = self._address(uri)
        if isinstance(address, int):
            return address
        if address.context == USER and self._phone.sessions < self._phone.settings.oobe_sessions:
            return _NOT_ALLOWED
        if address.listing is not None:
            return _UNSUPPORTED
        if address.prop is not None:
            if self._store.get(address.key) is None:
                return _NOT_FOUND
            return _NOT_ALLOWED if address.prop in SUPPORTED else _UNSUPPORTED
        for root in _FOR_OPERATORS:
            key = key_of(address.context, root)
            if address.names[: len(root)] == root and self._store.get(key) is not None:
                return _DENIED
        return address

    def _write(self, context: str, names: Names, definition: CspNode, value: Value) -> int:
        """Ask the CSP, then keep the value, unless the CSP has removed the place for it."""
        key = key_of(context, names)
        if self._store.get(key) is None and len(self._store) >= MAX_NODES:
            return _FULL
        outcome = self._live.write(target_of(context, names, definition), value)
        if outcome.code >= 400:
            return outcome.code
        if outcome.content is not None:
            value = replace(value, content=outcome.content)
        node = self._store.get(key)
        if node is not None and not node.is_interior:
            self._store.put(replace(node, value=value, origin=Origin.WRITTEN))
        elif node is None and self._store.get(key[:-1]) is not None:
            self._growth.make(context, names, definition, value, origin=Origin.WRITTEN)
        return outcome.code

    def _add_parents(self, context: str, names: Names) -> int:
        for length in range(1, len(names)):
            above = names[:length]
            if self._store.get(key_of(context, above)) is not None:
                continue
            definition = self._schema.find(context, above)
            if definition is None:
                return _NOT_FOUND
            if not definition.access & {Access.ADD, Access.DELETE}:
                return _NOT_ALLOWED
            code = self._write(context, above, definition, NODE)
            if code >= 400:
                return code
        return 200

    def _leaf_above(self, address: Address) -> bool:
        """Whether the address lies below a leaf."""
        for length in range(len(address.names) - 1, 0, -1):
            node = self._store.get(address.key[: length + 1])
            if node is not None:
                return not node.is_interior
        return False

    def _written_value(self, names: Names) -> Value | None:
        node = self._store.get(key_of(DEVICE, names))
        return node.value if node is not None and node.origin is Origin.WRITTEN else None
