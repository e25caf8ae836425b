"""The management tree: what operations find, by status code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.phone import EnrolledPhone
from mdmcore.phone.nodes import Node
from mdmcore.phone.tree import DeviceTree
from tests.phone.scripted import (
    DEVICE_ID,
    HUB_URL,
    EnrollmentScript,
    enrolled,
    enrolled_with,
    provisioning_document,
)

PROVIDER = "./Vendor/MSFT/DMClient/Provider/ExampleMDM"
HUB = "./Vendor/MSFT/EnterpriseAppManagement/4000000001"


def tree() -> DeviceTree:
    return DeviceTree(enrolled())


@pytest.mark.parametrize(
    ("uri", "value", "format"),
    [
        ("./DevInfo/DevId", DEVICE_ID, "chr"),
        ("DevInfo/Man", "NOKIA", "chr"),
        ("./DevDetail/LrgObj", "false", "bool"),
        ("./DevDetail/URI/MaxDepth", "0", "int"),
        ("./DevInfo", "DevId/Man/Mod/DmV/Lang", "node"),
        ("./DevInfo/", "DevId/Man/Mod/DmV/Lang", "node"),
        (".", "DevInfo/DevDetail/Vendor", "node"),
        ("./DevDetail/URI", "MaxDepth/MaxTotLen/MaxSegLen", "node"),
        (f"{PROVIDER}/EntDMID", "DEVICE-0001", "chr"),
        ("./Vendor/MSFT", "DMClient/EnterpriseAppManagement", "node"),
        (f"{HUB}/StoreUri", HUB_URL, "chr"),
    ],
)
def test_get_finds_leaves_and_interior_nodes(uri: str, value: str, format: str) -> None:
    got = tree().get(uri)
    assert (got.code, got.value, got.format) == (200, value, format)


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("./Nowhere", 404),
        ("./DevInfo/Nothing", 404),
        ("/DevInfo/DevId", 404),
        ("./DevInfo/./DevId", 404),
        ("./DevInfo/DevId ", 404),
        ("./DevInfo\\DevId", 404),
        ("./devinfo/DevId", 404),
        ("./Device/DevInfo/DevId", 404),
        ("./Vendor/MSFT/PolicyManager", 404),
        ("./DevInfo/DevId?prop=Format", 406),
        ("", 404),
    ],
)
def test_get_of_what_is_not_there(uri: str, code: int) -> None:
    assert tree().get(uri).code == code


def widened(**changes: object) -> EnrolledPhone:
    """A phone of a profile that differs from wp8 in these values."""
    phone = enrolled()
    settings = phone.settings
    device = replace(settings.device, **changes)  # type: ignore[arg-type]

    class Widened:
        """Settings whose profile is not in the table."""

        def __getattr__(self, name: str) -> object:
            return device if name == "device" else getattr(settings, name)

    return replace(phone, settings=Widened())  # type: ignore[arg-type]


def test_a_context_prefix_is_skipped_where_the_profile_knows_it() -> None:
    found = DeviceTree(widened(context_prefixes=("Device",)))
    assert found.get("./Device/DevInfo/Man").value == "NOKIA"


WRITABLE = (
    Node(uri="./Test/Int", value="zero", format="int", access="AGRD"),
    Node(uri="./Test/Bool", value="large_objects", format="bool", access="GR"),
)


@pytest.mark.parametrize(
    ("uri", "format", "value", "code"),
    [
        ("./Test/Int", "int", "7", 200),
        ("./Test/Int", "int", "-7", 200),
        ("./Test/Int", "int", "seven", 500),
        ("./Test/Int", "int", "", 500),
        ("./Test/Int", None, "7", 415),
        ("./Test/Bool", "bool", "true", 200),
        ("./Test/Bool", "bool", "yes", 500),
    ],
)
def test_values_must_be_of_their_format(
    uri: str, format: str | None, value: str, code: int
) -> None:
    found = DeviceTree(enrolled(), WRITABLE)
    assert found.replace(uri, value, format) == code


def test_what_was_deleted_stays_away_until_it_is_added_again() -> None:
    phone = enrolled()
    found = DeviceTree(phone, WRITABLE)
    assert found.replace("./Test/Int", "7", "int") == 200
    assert found.delete("./Test/Int") == 200
    assert found.delete("./Test/Int") == 404
    assert (found.written, found.deleted) == ((), frozenset({"Test/Int"}))
    later = DeviceTree(replace(phone, deleted=found.deleted), WRITABLE)
    assert later.get("./Test/Int").code == 404
    assert later.add("./Test/Int", "8", "int") == 200
    assert (later.deleted, later.get("./Test/Int").value) == (frozenset(), "8")


def test_a_provider_that_needs_escaping_is_found_escaped_only() -> None:
    found = DeviceTree(enrolled_with(("ExampleMDM", "Example MDM")))
    base = "./Vendor/MSFT/DMClient/Provider"
    assert found.get(f"{base}/Example MDM/EntDMID").code == 404
    assert found.get(f"{base}/Example%20MDM/EntDMID").value == "DEVICE-0001"
    assert found.get(base).value == "Example%20MDM"


def test_without_a_hub_its_branch_is_not_there() -> None:
    document = provisioning_document()
    start = document.index('  <characteristic type="EnterpriseAppManagement">')
    script = EnrollmentScript(document=document[:start] + "</wap-provisioningdoc>")
    assert DeviceTree(enrolled(script)).get(HUB).code == 404


@pytest.mark.parametrize(
    ("uri", "value", "format", "code"),
    [
        (f"{PROVIDER}/EntDMID", "NEW", None, 200),
        (f"{PROVIDER}/EntDMID", "NEW", "chr", 200),
        (f"{PROVIDER}/EntDMID", "NEW", "int", 415),
        (f"{PROVIDER}/EntDMID", None, None, 412),
        (f"{PROVIDER}/EntDeviceName", "NEW", None, 405),
        ("./DevInfo/Man", "NEW", None, 405),
        ("./DevInfo", "NEW", None, 405),
        ("./Nowhere", "NEW", None, 404),
        ("/x", "NEW", None, 404),
    ],
)
def test_replace_changes_only_what_may_be_changed(
    uri: str, value: str | None, format: str | None, code: int
) -> None:
    found = tree()
    before = found.get(uri)
    assert found.replace(uri, value, format) == code
    assert found.get(uri).value == (value if code == 200 else before.value)


def test_add_creates_a_known_leaf_once() -> None:
    found = DeviceTree(
        enrolled_with(('<parm name="EntDMID" value="DEVICE-0001" datatype="string"/>', ""))
    )
    uri = f"{PROVIDER}/EntDMID"
    assert found.get(uri).code == 404
    assert found.replace(uri, "X", None) == 404
    assert found.add(uri, "X", "chr") == 200
    assert found.add(uri, "Y", "chr") == 418
    assert found.get(uri).value == "X"
    assert [(node.uri, node.value) for node in found.written] == [(uri[2:], "X")]


@pytest.mark.parametrize(("uri", "code"), [("./DevInfo", 418), ("./DevInfo/New", 404), ("/x", 404)])
def test_add_elsewhere(uri: str, code: int) -> None:
    assert tree().add(uri, "x", None) == code


@pytest.mark.parametrize(
    ("uri", "code"),
    [("./DevInfo/Man", 405), ("./DevInfo", 405), ("./Nowhere", 404), ("./a?list=x", 406)],
)
def test_permanent_nodes_are_neither_deleted_nor_executed(uri: str, code: int) -> None:
    assert tree().delete(uri) == code
    assert tree().execute(uri, None) == code


def test_a_snapshot_undoes_everything_after_it() -> None:
    found = tree()
    state = found.snapshot()
    assert found.replace(f"{PROVIDER}/EntDMID", "NEW", None) == 200
    found.restore(state)
    assert found.get(f"{PROVIDER}/EntDMID").value == "DEVICE-0001"
    assert found.written == ()


def test_written_values_come_back_in_the_next_session() -> None:
    found = tree()
    found.replace(f"{PROVIDER}/EntDMID", "NEW", None)
    phone = replace(enrolled(), written=found.written, deleted=found.deleted)
    assert DeviceTree(phone).get(f"{PROVIDER}/EntDMID").value == "NEW"
