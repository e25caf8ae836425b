"""The store of nodes: children in order, branches, and the way back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.csp import Access, find_node
from mdmcore.phone.tree.behaviour import Value
from mdmcore.phone.tree.store import NODE, NodeStore, StoredNode, allows


def node(store: NodeStore, *names: str, value: Value = NODE) -> StoredNode:
    made = StoredNode(
        context="device",
        names=names,
        key=("device", *names),
        definition=None,
        value=value,
        order=store.next_order(),
    )
    store.put(made)
    return made


@pytest.fixture
def store() -> NodeStore:
    found = NodeStore()
    node(found)
    for names in (("b",), ("a",), ("b", "x"), ("b", "x", "deep"), ("c",)):
        node(found, *names)
    return found


def names(store: NodeStore) -> list[str]:
    return ["/".join(each.names) for each in store.subtree(("device",))]


ALL = ["", "b", "b/x", "b/x/deep", "a", "c"]


def test_the_oldest_child_comes_first(store: NodeStore) -> None:
    assert [child.name for child in store.children(("device",))] == ["b", "a", "c"]
    assert names(store) == ALL
    assert store.children(("device", "nowhere")) == []
    assert list(store.subtree(("device", "nowhere"))) == []


def test_a_change_keeps_the_place(store: NodeStore) -> None:
    found = store.get(("device", "b"))
    assert found is not None
    store.put(replace(found, value=Value(content="x")))
    assert names(store) == ALL


def test_removing_takes_the_branch_and_undo_brings_it_back(store: NodeStore) -> None:
    mark = store.mark()
    store.remove(("device", "b"))
    node(store, "d")
    assert (names(store), len(store)) == (["", "a", "c", "d"], 4)
    inner = store.mark()
    node(store, "b")
    store.undo(inner)
    assert names(store) == ["", "a", "c", "d"]
    store.undo(mark)
    assert names(store) == ALL


def test_undo_brings_back_values(store: NodeStore) -> None:
    found = node(store, "v", value=Value(content="old"))
    mark = store.mark()
    store.put(replace(found, value=Value(content="new")))
    store.put(replace(found, value=Value(content="newer")))
    store.undo(mark)
    assert store.get(found.key) == found


def test_what_only_leads_to_csps_can_be_read(store: NodeStore) -> None:
    leading = store.get(("device", "b"))
    assert leading is not None
    assert [access for access in Access if allows(leading, access)] == [Access.GET]
    defined = replace(leading, definition=find_node("./DevInfo/DevId"))
    assert not defined.is_interior
    assert not allows(defined, Access.REPLACE)
