"""The tree at the beginning of a session, from what earlier ones have left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.phone.state import NodeValue
from mdmcore.phone.tree import DeviceTree
from tests.phone.tree.trees import DM_CLIENT, HUB, LOCK, MSFT, phone_of


def test_what_was_written_is_there() -> None:
    written = (
        NodeValue(uri=LOCK[2:], value="", format="node"),
        NodeValue(uri=f"{LOCK[2:]}/DevicePasswordEnabled", value="0", format="int"),
        NodeValue(uri=f"{DM_CLIENT[2:]}/EntDMID", value="NEW"),
    )
    tree = DeviceTree(replace(phone_of(), written=written))
    assert tree.value(f"{LOCK}/DevicePasswordEnabled") == "0"
    assert tree.value(f"{DM_CLIENT}/EntDMID") == "NEW"
    kept = {value.uri: (value.value, value.format) for value in tree.written}
    assert kept == {value.uri: (value.value, value.format) for value in written}


@pytest.mark.parametrize(
    "uri",
    ["Nowhere", f"{LOCK[2:]}/DevicePasswordEnabled", "Vendor/MSFT/Policy", "User/Vendor/MSFT", ""],
)
def test_what_this_device_cannot_have_is_dropped(uri: str) -> None:
    phone = replace(phone_of(), written=(NodeValue(uri=uri, value="x"),))
    assert DeviceTree(phone).written == ()


def test_bytes_that_are_no_base64_are_none() -> None:
    uri = "Vendor/MSFT/CertificateStore/ROOT/System/AB"
    written = (
        NodeValue(uri=uri, value="", format="node"),
        NodeValue(uri=f"{uri}/EncodedCertificate", value="?", format="b64"),
    )
    tree = DeviceTree(replace(phone_of(), written=written))
    assert tree.get(f"./{uri}/EncodedCertificate").value == ""


def test_what_was_deleted_is_not_there() -> None:
    deleted = frozenset({HUB[2:], "Vendor/MSFT/Nowhere"})
    tree = DeviceTree(replace(phone_of(), deleted=deleted))
    assert tree.get(HUB).code == 404
    assert tree.get(f"{MSFT}/EnterpriseAppManagement").value == ""
    assert HUB[2:] in tree.deleted


def test_a_given_node_that_was_changed_and_deleted_stays_away() -> None:
    phone = phone_of("win10")
    tree = DeviceTree(phone)
    uri = f"{DM_CLIENT}/HelpWebsite"
    assert tree.replace(uri, "https://help.example.test/", "chr") == 200
    second = DeviceTree(tree.leave(phone))
    assert second.value(uri) == "https://help.example.test/"
    assert second.delete(uri) == 200
    assert (second.written, second.deleted) == ((), frozenset({uri[2:]}))
    assert DeviceTree(second.leave(phone)).get(uri).code == 404


def test_the_users_tree_is_planted_where_there_are_contexts() -> None:
    assert DeviceTree(phone_of("win10")).get("./User").value == "Vendor"
    assert DeviceTree(phone_of("wp81")).get("./User").code == 404
