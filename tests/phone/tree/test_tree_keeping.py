"""What the tree addresses and keeps: DMC-228 to DMC-231 of the checklist, names, later sessions."""

from __future__ import annotations

import base64

import pytest

from mdmcore.phone.settings import UriLimits
from mdmcore.phone.tree import DeviceTree, Got
from tests.phone.scripted import (
    HUB_URL,
    PROVIDER,
    EnrollmentScript,
    enrolled,
    enrolled_with,
    provisioning_document,
)
from tests.phone.tree.trees import (
    ACTIVE_SYNC,
    CERTIFICATES,
    DM_CLIENT,
    HUB,
    LOCK,
    MSFT,
    WIFI,
    later,
    phone_of,
    tree_of,
    with_settings,
)

CERTIFICATE = base64.b64encode(b"\x30\x03\x02\x01\x05").decode()
HASH = "0123456789ABCDEF0123456789ABCDEF01234567"


def answer(got: Got) -> tuple[int, str, str]:
    return got.code, got.value, got.format


# --- addresses (DMC-228, DMC-229) -------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "uri", "code"),
    [
        (UriLimits(), f"./DevInfo/{'x' * 5000}", 404),
        (UriLimits(length=20), "./DevInfo/Man", 200),
        (UriLimits(length=12), "./DevInfo/Man", 414),
        (UriLimits(segment=7), "./DevInfo/Man", 200),
        (UriLimits(segment=6), "./DevInfo/Man", 414),
        (UriLimits(segment=3), "./%41%42%43", 404),
        (UriLimits(depth=2), "./DevInfo/Man", 200),
        (UriLimits(depth=1), "./DevInfo/Man", 414),
    ],
)
def test_a_locuri_may_be_too_long(limits: UriLimits, uri: str, code: int) -> None:
    tree = DeviceTree(with_settings(phone_of(), uri_limits=limits))
    assert tree.get(uri).code == code
    if code == 414:
        assert tree.add(uri, "x", None) == tree.execute(uri, None) == 414


def test_the_limits_stand_in_the_tree() -> None:
    limits = UriLimits(depth=30, length=511, segment=63)
    tree = DeviceTree(with_settings(phone_of(), uri_limits=limits))
    assert tree.value("./DevDetail/URI/MaxDepth") == "30"
    assert tree.value("./DevDetail/URI/MaxTotLen") == "511"
    assert tree.value("./DevDetail/URI/MaxSegLen") == "63"


def test_the_registry_is_not_the_enterprises() -> None:
    tree = tree_of()
    uri = f"{MSFT}/Registry/HKLM/Software/Microsoft/Enrollment/OmaDmRetry"
    assert tree.value(f"{uri}/AuxRetryInterval") == "3"
    assert tree.replace(f"{uri}/AuxRetryInterval", "5", "int") == 425
    assert tree.add(f"{uri}/New", "5", "int") == 425
    assert tree.delete(uri) == tree.execute(uri, None) == 425
    assert tree_of("win10").delete(uri) == 404


def test_a_context_prefix_is_read_where_the_profile_knows_it() -> None:
    tree = tree_of("win81")
    assert tree.get("./Device/DevInfo/Man").value == "VMware, Inc."
    assert tree.get("./device/DevInfo/Man").value == "VMware, Inc."
    assert tree.get("./Device").value == tree.get(".").value


def test_device_and_user_have_their_own_values() -> None:
    tree = tree_of("win10")
    uri = "Vendor/MSFT/Policy/Config/Camera/AllowCamera"
    assert tree.add(f"./User/{uri}", "0", "int") == 200
    assert tree.get(f"./{uri}").code == 404
    assert tree.add(f"./Device/{uri}", "1", "int") == 200
    assert (tree.value(f"./User/{uri}"), tree.value(f"./{uri}")) == ("0", "1")
    assert next(node.uri for node in tree.written) == "User/Vendor/MSFT/Policy/Config/Camera"
    again = later(tree, phone_of("win10"))
    assert (again.value(f"./User/{uri}"), again.value(f"./{uri}")) == ("0", "1")
    assert tree.get("./User/DevInfo").code == 404


def test_the_user_may_have_a_branch_of_a_csp_that_is_the_devices() -> None:
    tree = tree_of("win10")
    uri = f"./User/Vendor/MSFT/DMClient/Provider/{PROVIDER}"
    assert answer(tree.get(uri)) == (200, "", "node")
    assert tree.get(f"{uri}/EntDMID").code == tree.replace(f"{uri}/EntDMID", "x", "chr") == 404
    assert tree.delete(uri) == tree.add(uri, None, "node") == 405
    assert tree.add(f"{uri}/FirstSyncStatus/TimeOutUntilSyncFailure", "60", "int") == 200
    again = later(tree, phone_of("win10"))
    assert again.value(f"{uri}/FirstSyncStatus/TimeOutUntilSyncFailure") == "60"
    assert tree.get(f"{DM_CLIENT}/FirstSyncStatus").code == 404


def test_without_a_user_nothing_reaches_the_users_nodes() -> None:
    tree = DeviceTree(with_settings(phone_of("win10"), is_user_logged_in=False))
    uri = "./User/Vendor/MSFT/Policy/Config/Camera/AllowCamera"
    assert tree.get(uri).code == tree.add(uri, "0", "int") == 500
    assert tree.get("./Device/DevInfo").code == 200


# --- values (DMC-230, DMC-231) ----------------------------------------------------------------


def test_xml_in_a_value_stays_as_it_is() -> None:
    tree = tree_of("wp81")
    text = '<?xml version="1.0"?>\r\n<a b="]]&gt;">\t&amp;<!-- x --></a>\n '
    assert tree.add(f"{WIFI}/Net/WlanXml", text, "chr") == 200
    assert later(tree, phone_of("wp81")).value(f"{WIFI}/Net/WlanXml") == text


@pytest.mark.parametrize("format", ["b64", "bin"])
def test_base64_is_kept_as_bytes(format: str) -> None:
    tree = tree_of()
    uri = f"{CERTIFICATES}/ROOT/System/{HASH}/EncodedCertificate"
    spaced = f"\n {CERTIFICATE[:4]}\n {CERTIFICATE[4:]}\n"
    assert tree.add(uri, spaced, format, "application/x-x509-ca-cert") == 200
    for found in (tree, later(tree, phone_of())):
        (part,) = found.get(uri).parts
        assert (part.value, part.format, part.is_binary) == (CERTIFICATE, "b64", True)
        assert part.type == "application/x-x509-ca-cert"
        assert found.get(f"{uri}?prop=Format").value == "bin"
        assert found.get(f"{uri}?prop=Size").value == "5"
    assert tree.replace(uri, "no base64!", "b64") == 500
    assert tree.replace(uri, CERTIFICATE, "chr") == 415


def test_opaque_data_of_wbxml_is_text_where_the_node_is() -> None:
    tree = tree_of()
    opaque = base64.b64encode("DÉVICE".encode()).decode()
    assert tree.replace(f"{DM_CLIENT}/EntDMID", opaque, "chr", is_binary=True) == 200
    assert tree.value(f"{DM_CLIENT}/EntDMID") == "DÉVICE"
    opaque = base64.b64encode(b"\xff\xfe").decode()
    assert tree.replace(f"{DM_CLIENT}/EntDMID", opaque, "chr", is_binary=True) == 415


def test_size_counts_bytes() -> None:
    tree = tree_of()
    assert tree.replace(f"{DM_CLIENT}/EntDMID", "ÄÖ", "chr") == 200
    assert tree.get(f"{DM_CLIENT}/EntDMID?prop=Size").value == "4"


# --- names ------------------------------------------------------------------------------------


def test_names_of_certificate_stores_compare_without_case() -> None:
    tree = tree_of("wp81")
    uri = f"{CERTIFICATES}/rOOt/SYSTEM/{HASH.lower()}/encodedcertificate"
    assert tree.add(uri, CERTIFICATE, "b64") == 200
    spelt = f"{CERTIFICATES}/Root/System/{HASH}/EncodedCertificate"
    assert tree.add(spelt, CERTIFICATE, "b64") == 418
    assert tree.get(f"{CERTIFICATES}/my/wstep/renew/renewperiod").value == "60"
    assert tree.get(f"{MSFT}/certificatestore/MY").code == 404
    assert "EncodedCertificate" in tree.get(f"{CERTIFICATES}/ROOT/System/{HASH}").value
    assert tree.delete(f"{CERTIFICATES}/ROOT/System/{HASH}") == 200


def test_a_provider_that_needs_escaping_is_found_escaped_only() -> None:
    tree = DeviceTree(enrolled_with(("ExampleMDM", "Example MDM")))
    base = f"{MSFT}/DMClient/Provider"
    assert tree.get(f"{base}/Example MDM/EntDMID").code == 404
    assert tree.get(f"{base}/Example%20MDM/EntDMID").value == "DEVICE-0001"
    assert tree.get(base).value == "Example%20MDM"
    assert tree.add(f"{MSFT}/DeviceLock/Provider/{PROVIDER}", None, "node") == 404


def test_without_a_hub_its_branch_is_not_there() -> None:
    document = provisioning_document()
    start = document.index('  <characteristic type="EnterpriseAppManagement">')
    script = EnrollmentScript(document=document[:start] + "</wap-provisioningdoc>")
    tree = DeviceTree(enrolled(script))
    assert tree.get(HUB).code == 404
    assert tree.add(f"{HUB}/StoreUri", "https://hub.example.test/", "chr") == 200
    assert tree.get(f"{HUB}/EnrollmentToken").code == 404


# --- what stays -------------------------------------------------------------------------------


def test_a_snapshot_undoes_everything_after_it() -> None:
    tree = tree_of()
    names = tree.get(MSFT).value
    state = tree.snapshot()
    assert tree.replace(f"{DM_CLIENT}/EntDMID", "NEW", None) == 200
    assert tree.add(f"{LOCK}/DevicePasswordEnabled", "0", "int") == 200
    assert tree.delete(HUB) == 200
    assert tree.restore(state)
    assert tree.get(f"{DM_CLIENT}/EntDMID").value == "DEVICE-0001"
    assert tree.get(LOCK).code == 404
    assert tree.get(MSFT).value == names
    assert tree.get(f"{HUB}/StoreUri").value == HUB_URL
    assert (tree.written, tree.deleted) == ((), frozenset())


def test_what_was_written_comes_back_in_the_next_session() -> None:
    tree = tree_of("wp81")
    assert tree.replace(f"{DM_CLIENT}/EntDMID", "NEW", None) == 200
    assert tree.add(ACTIVE_SYNC, None, "node") == 200
    assert tree.add(f"{ACTIVE_SYNC}/UserName", "a & b", "chr", "text/html") == 200
    again = later(later(tree, phone_of("wp81")), phone_of("wp81"))
    assert again.get(f"{DM_CLIENT}/EntDMID").value == "NEW"
    assert answer(again.get(ACTIVE_SYNC)) == (200, "UserName", "node")
    assert again.get(f"{ACTIVE_SYNC}/UserName").parts[0].type == "text/html"
    assert again.written == tree.written


def test_what_was_deleted_stays_away_until_it_is_added_again() -> None:
    phone = phone_of("wp81")
    tree = tree_of("wp81")
    poll = f"{DM_CLIENT}/Poll"
    assert tree.value(f"{poll}/NumberOfFirstRetries") == "8"
    assert tree.delete(poll) == 200
    assert f"{poll[2:]}/NumberOfFirstRetries" in tree.deleted
    again = later(tree, phone)
    assert again.get(poll).code == again.replace(f"{poll}/NumberOfFirstRetries", "1", "int") == 404
    assert again.add(poll, None, "node") == 200
    assert answer(again.get(poll)) == (200, "", "node")
    assert again.add(f"{poll}/NumberOfFirstRetries", "1", "int") == 200
    third = later(again, phone)
    assert third.get(poll).value == "NumberOfFirstRetries"
    assert third.deleted == again.deleted


def test_poll_is_not_there_where_the_registry_has_the_schedule() -> None:
    tree = tree_of()
    assert tree.get(f"{DM_CLIENT}/Poll").code == 404
    assert tree.get(f"{MSFT}/Registry/HKLM/Software/Microsoft/Enrollment/RenewalPeriod").value
