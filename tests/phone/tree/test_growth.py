"""How nodes come to be."""

from __future__ import annotations

import pytest

from mdmcore.phone.tree.facts import Facts
from mdmcore.phone.tree.growth import Growth
from mdmcore.phone.tree.paths import Names
from mdmcore.phone.tree.schema import schema_of
from mdmcore.phone.tree.store import NodeStore, Origin
from tests.phone.tree.trees import phone_of

HUB = ("Vendor", "MSFT", "EnterpriseAppManagement", "4000000001")


def planted(profile: str = "wp8") -> tuple[Growth, NodeStore]:
    phone = phone_of(profile)
    store = NodeStore()
    schema = schema_of(phone.settings, phone.account.provider_id or "")
    growth = Growth(store, schema, Facts(phone, phone.enrolled))
    growth.plant("device")
    return growth, store


def below(store: NodeStore, *names: str) -> list[str]:
    return [child.name for child in store.children(("device", *names))]


def test_what_only_can_be_added_is_not_there_from_the_start() -> None:
    _growth, store = planted()
    assert below(store, "Vendor", "MSFT", "DeviceLock") == ["Provider", "DeviceValue"]
    assert below(store, "Vendor", "MSFT", "DeviceLock", "Provider") == []
    assert below(store, *HUB[:-1]) == []


def test_what_the_document_names_comes_with_its_facts() -> None:
    growth, store = planted()
    growth.place("device", HUB, None, Origin.GIVEN)
    assert "StoreUri" in below(store, *HUB)
    assert below(store, *HUB, "EnterpriseApps") == ["Inventory", "Download"]


def test_what_a_behaviour_names_comes_without_them() -> None:
    growth, store = planted()
    growth.place("device", HUB, None, Origin.FACT)
    assert below(store, *HUB) == ["Status", "EnterpriseApps"]
    origins = {node.origin for node in store.subtree(("device", *HUB))}
    assert origins == {Origin.FACT}


@pytest.mark.parametrize("names", [("Nowhere",), ("DevInfo", "Man", "Below"), HUB[:2]])
def test_a_place_that_no_node_has_stays_empty(names: Names) -> None:
    growth, store = planted()
    count = len(store)
    growth.place("device", names, "x", Origin.GIVEN)
    assert len(store) == count


def test_what_a_node_has_no_parent_for_is_not_placed() -> None:
    growth, store = planted()
    growth.place("user", ("Vendor", "MSFT", "ActiveSync", "Accounts"), None, Origin.GIVEN)
    assert store.get(("user", "Vendor", "MSFT", "ActiveSync", "Accounts")) is None


def test_a_leaf_is_filled_and_emptied_again() -> None:
    growth, store = planted()
    key = ("device", "DevInfo", "Man")
    for content, wanted in (("OTHER", "OTHER"), (None, "NOKIA")):
        node = store.get(key)
        assert node is not None
        growth.fill(node, content)
        filled = store.get(key)
        assert filled is not None
        assert filled.value.content == wanted
    leading = store.get(("device", "Vendor"))
    assert leading is not None
    growth.fill(leading, "x")
    assert store.get(("device", "Vendor")) == leading
