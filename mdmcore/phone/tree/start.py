"""The nodes at the beginning of a session: given by device and enrolment, then what management
has written and deleted before."""

from __future__ import annotations

from collections.abc import Mapping

from mdmcore.base64_text import decode_base64
from mdmcore.phone.state import EnrolledPhone, NodeValue
from mdmcore.phone.tree.account import account_nodes
from mdmcore.phone.tree.behaviour import Value
from mdmcore.phone.tree.facts import provisioned
from mdmcore.phone.tree.growth import Growth
from mdmcore.phone.tree.paths import DEVICE, USER, Key, Names, kept_uri, key_of, read_kept
from mdmcore.phone.tree.schema import Schema
from mdmcore.phone.tree.store import NODE, NodeStore, Origin

type Given = Mapping[Key, tuple[str, Names]]
"""Context and names of the nodes that are there without management."""


def begin(phone: EnrolledPhone, store: NodeStore, schema: Schema, growth: Growth) -> Given:
    """Fill the store; which nodes were given, so that it can be told what was deleted."""
    contexts = [DEVICE]
    if USER in map(str.lower, phone.settings.device.context_prefixes):
        contexts.append(USER)
    for context in contexts:
        growth.plant(context)
    for names, content in provisioned(phone):
        growth.place(DEVICE, names, content, Origin.GIVEN)
    for names, content in account_nodes(phone.account):
        growth.place(DEVICE, names, content, Origin.GIVEN)
    given = {node.key: (node.context, node.names) for node in store}
    for written in phone.written:
        _write(written, store, schema, growth)
    given |= {node.key: (node.context, node.names) for node in store if node.origin is Origin.GIVEN}
    for uri in phone.deleted:
        store.remove(key_of(*read_kept(uri)))
    return given


def deleted_uris(given: Given, store: NodeStore) -> frozenset[str]:
    """The given nodes that are not there any more."""
    return frozenset(kept_uri(*where) for key, where in given.items() if store.get(key) is None)


def written_values(store: NodeStore) -> tuple[tuple[Names, NodeValue], ...]:
    """What management has written, parents before children."""
    written = sorted(
        (node for node in store if node.origin is Origin.WRITTEN), key=lambda node: node.order
    )
    return tuple(
        (
            node.names,
            NodeValue(
                uri=kept_uri(node.context, node.names),
                value=node.value.text,
                format=node.value.format,
                type=node.value.type,
            ),
        )
        for node in written
    )


def _write(written: NodeValue, store: NodeStore, schema: Schema, growth: Growth) -> None:
    """Bring back a node; one that this device cannot have, or without its parent, is dropped."""
    context, names = read_kept(written.uri)
    definition = schema.find(context, names)
    if definition is None or store.get(key_of(context, names)[:-1]) is None:
        return
    value = NODE
    if not definition.is_interior:
        is_binary = written.format in {"b64", "bin"}
        content = (decode_base64(written.value) or b"") if is_binary else written.value
        value = Value(content=content, format=written.format, type=written.type)
    growth.make(context, names, definition, value, origin=Origin.WRITTEN)
