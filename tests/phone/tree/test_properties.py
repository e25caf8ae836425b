"""Properties of nodes."""

from __future__ import annotations

import pytest

from mdmcore.csp import find_node
from mdmcore.phone.tree.behaviour import Value
from mdmcore.phone.tree.properties import SUPPORTED, read_property
from mdmcore.phone.tree.store import NODE, StoredNode


def node(value: Value, uri: str, *names: str) -> StoredNode:
    return StoredNode(
        context="device",
        names=names,
        key=("device", *names),
        definition=find_node(uri),
        value=value,
    )


LEAF = node(Value(content="Größe", type="text/html"), "./DevInfo/Man", "DevInfo", "Man")
BYTES = node(Value(content=b"\0\1", format="b64"), "./DevInfo/Man", "A b")
INTERIOR = node(NODE, "./DevInfo", "DevInfo")


@pytest.mark.parametrize(
    ("of", "name", "value"),
    [
        (LEAF, "Name", "Man"),
        (LEAF, "Format", "chr"),
        (LEAF, "Type", "text/html"),
        (LEAF, "Size", "7"),
        (BYTES, "Name", "A b"),
        (BYTES, "Format", "bin"),
        (BYTES, "Size", "2"),
        (INTERIOR, "Format", "node"),
        (INTERIOR, "Type", ""),
        (INTERIOR, "Size", None),
        (LEAF, "ACL", None),
        (LEAF, "VerNo", None),
        (LEAF, "name", None),
    ],
)
def test_a_property_or_none(of: StoredNode, name: str, value: str | None) -> None:
    assert read_property(of, name) == value


def test_each_supported_property_is_there_for_a_leaf() -> None:
    assert all(read_property(LEAF, name) is not None for name in SUPPORTED)
