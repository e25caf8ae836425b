"""Operations on the management tree, by status code: DMC-201 to DMC-216 of the checklist."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from mdmcore.phone.tree import DeviceTree, Got
from mdmcore.phone.tree import tree as module
from tests.phone.scripted import (
    DEVICE_ID,
    HUB_URL,
    enrolled_with,
)
from tests.phone.tree.trees import (
    ACTIVE_SYNC,
    CERTIFICATES,
    DM_CLIENT,
    HUB,
    LOCK,
    MSFT,
    PRODUCT,
    WIFI,
    phone_of,
    tree_of,
)

CERTIFICATE = base64.b64encode(b"\x30\x03\x02\x01\x05").decode()
HASH = "0123456789ABCDEF0123456789ABCDEF01234567"


def answer(got: Got) -> tuple[int, str, str]:
    return got.code, got.value, got.format


# --- Get (DMC-201 to DMC-206) -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "value", "format"),
    [
        ("./DevInfo/DevId", DEVICE_ID, "chr"),
        ("DevInfo/Man", "NOKIA", "chr"),
        ("./DevDetail/LrgObj", "false", "bool"),
        ("./DevDetail/URI/MaxDepth", "0", "int"),
        (f"{DM_CLIENT}/EntDMID", "DEVICE-0001", "chr"),
        (f"{HUB}/StoreUri", HUB_URL, "chr"),
        (f"{MSFT}/Storage/Disable", "False", "bool"),
    ],
)
def test_get_of_a_leaf_gives_value_and_format(uri: str, value: str, format: str) -> None:
    got = tree_of().get(uri)
    assert answer(got) == (200, value, format)
    assert (got.parts[0].uri, got.parts[0].type) == (uri, "")


@pytest.mark.parametrize(
    ("uri", "names"),
    [
        ("./DevInfo", "DevId/Man/Mod/DmV/Lang"),
        ("./DevInfo/", "DevId/Man/Mod/DmV/Lang"),
        (".", "Vendor/DevInfo/DevDetail/SyncML"),
        ("./Vendor", "MSFT"),
        ("./DevDetail/URI", "MaxDepth/MaxTotLen/MaxSegLen"),
        (
            MSFT,
            "DMClient/CertificateStore/DeviceLock/EnterpriseAppManagement/RemoteWipe/Storage/"
            "ActiveSync/EMAIL2/Registry",
        ),
    ],
)
def test_get_of_an_interior_node_names_its_children(uri: str, names: str) -> None:
    assert answer(tree_of().get(uri)) == (200, names, "node")


def test_names_of_children_are_encoded() -> None:
    tree = tree_of("wp81")
    assert tree.add(f"{WIFI}/My%20%7BNet%7D%2F1/WlanXml", "<x/>", "chr") == 200
    assert tree.get(WIFI).value == "My%20%7BNet%7D%2F1"


@pytest.mark.parametrize("uri", [f"{MSFT}/DeviceLock/Provider", f"{MSFT}/EMAIL2"])
def test_an_interior_node_without_children_is_empty(uri: str) -> None:
    assert answer(tree_of().get(uri)) == (200, "", "node")


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("./Nowhere", 404),
        ("./DevInfo/Nothing", 404),
        ("/DevInfo/DevId", 404),
        ("./DevInfo/./DevId", 404),
        ("./DevInfo/../DevDetail", 404),
        ("./DevInfo/DevId ", 404),
        ("./DevInfo\\DevId", 404),
        ("./devinfo/DevId", 404),
        ("./Device/DevInfo/DevId", 404),
        ("./User/DevInfo/DevId", 404),
        (f"{MSFT}/PolicyManager", 404),
        (f"{HUB}/EnterpriseApps/Inventory/{{1}}", 404),
        ("./DevInfo//DevId", 404),
        ("./DevInfo/%ff", 404),
        ("./DevInfo/%4", 404),
        ("", 404),
    ],
)
def test_get_of_what_is_not_there(uri: str, code: int) -> None:
    got = tree_of().get(uri)
    assert (got.code, got.parts) == (code, ())


@pytest.mark.parametrize(
    ("profile", "uri"),
    [
        ("wp8", "AppAuth/CLCRED/AAuthSecret"),
        ("win10", "AppAuth/SRVCRED/AAuthData"),
    ],
)
def test_a_secret_of_the_account_cannot_be_read(profile: str, uri: str) -> None:
    tree = tree_of(profile)
    uid = tree.get("./SyncML/DMAcc").value
    found = f"./SyncML/DMAcc/{uid}/{uri}"
    for asked in (found, f"{found}?prop=Format"):
        assert tree.get(asked) == Got(code=405)


@pytest.mark.parametrize(
    ("query", "code", "value"),
    [
        ("prop=Format", 200, "chr"),
        ("prop=Name", 200, "Man"),
        ("prop=Size", 200, "5"),
        ("prop=Type", 200, "text/plain"),
        ("prop=ACL", 406, ""),
        ("prop=Title", 406, ""),
        ("prop=TStamp", 406, ""),
        ("prop=VerNo", 406, ""),
        ("prop=Colour", 406, ""),
        ("prop=", 406, ""),
        ("list=Struct", 406, ""),
        ("list=StructData", 406, ""),
        ("list=TNDS", 406, ""),
        ("order=up", 406, ""),
        ("", 406, ""),
    ],
)
def test_properties_and_lists(query: str, code: int, value: str) -> None:
    got = tree_of().get(f"./DevInfo/Man?{query}")
    assert (got.code, got.value) == (code, value)


def test_properties_of_an_interior_node() -> None:
    tree = tree_of()
    assert tree.get("./DevInfo?prop=Format").value == "node"
    assert answer(tree.get("./DevInfo?prop=Type")) == (200, "", "chr")
    assert tree.get("./DevInfo?prop=Size").code == 406
    assert tree.get(".?prop=Name").value == "."
    assert tree.get("./Nowhere?prop=Name").code == 404


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("./DevInfo/Man?prop=Name", 405),
        ("./DevInfo/Man?prop=ACL", 406),
        ("./Nowhere?prop=Name", 404),
        ("./DevInfo?list=StructData", 406),
        ("./Nowhere?list=x", 406),
    ],
)
def test_properties_are_not_changed(uri: str, code: int) -> None:
    tree = tree_of()
    assert tree.add(uri, "x", None) == code
    assert tree.replace(uri, "x", None) == code
    assert tree.delete(uri) == code
    assert tree.execute(uri, None) == code


def test_a_branch_is_listed_with_its_data() -> None:
    tree = tree_of()
    download = f"{HUB}/EnterpriseApps/Download"
    assert tree.add(f"{download}/{PRODUCT}/Name", "Tool", "chr") == 200
    got = tree.get(f"{download}?list=StructData")
    assert [(part.uri, part.format, part.value) for part in got.parts] == [
        (download, "node", None),
        (f"{download}/{PRODUCT}", "node", None),
        (f"{download}/{PRODUCT}/Status", "int", "0"),
        (f"{download}/{PRODUCT}/LastError", "int", "0"),
        (f"{download}/{PRODUCT}/LastErrorDesc", "chr", ""),
        (f"{download}/{PRODUCT}/Name", "chr", "Tool"),
    ]
    assert tree.get(f"{download}?list=Struct").code == 406
    assert tree.get(f"{download}?list=TNDS").code == 406


# --- Add (DMC-207 to DMC-209) -----------------------------------------------------------------


def test_add_creates_a_known_leaf_once() -> None:
    parm = '<parm name="EntDMID" value="DEVICE-0001" datatype="string"/>'
    tree = DeviceTree(enrolled_with((parm, "")))
    uri = f"{DM_CLIENT}/EntDMID"
    assert tree.get(uri).code == 404
    assert tree.replace(uri, "X", None) == 404
    assert tree.add(uri, "X", "chr") == 200
    assert tree.add(uri, "Y", "chr") == 418
    assert tree.get(uri).value == "X"
    assert [(node.uri, node.value) for node in tree.written] == [(uri[2:], "X")]


def test_add_makes_the_parents_that_are_missing() -> None:
    tree = tree_of("wp81")
    assert tree.add(f"{ACTIVE_SYNC}/Options/UseSSL", "1", "chr") == 200
    assert answer(tree.get(ACTIVE_SYNC)) == (200, "Options", "node")
    assert tree.add(ACTIVE_SYNC, None, "node") == 418
    assert tree.get(f"{ACTIVE_SYNC}/Options").value == "UseSSL"


def test_a_new_node_brings_along_what_nobody_can_add() -> None:
    tree = tree_of("win10")
    rule = f"{MSFT}/Firewall/MdmStore/FirewallRules/Rule1"
    assert tree.add(f"{rule}/Protocol", "6", "int") == 200
    assert tree.get(f"{rule}/Action").value == "Type"
    assert tree.replace(f"{rule}/Enabled", "true", "bool") == 200
    assert tree.replace(f"{rule}/Direction", "OUT", "chr") == 200


def test_the_node_of_a_certificate_is_made_by_adding_it() -> None:
    tree = tree_of()
    uri = f"{CERTIFICATES}/ROOT/System/{HASH}"
    assert tree.add(uri, None, "node") == 405
    assert tree.add(f"{uri}/EncodedCertificate", CERTIFICATE, "b64") == 200
    assert tree.get(uri).code == 200


@pytest.mark.parametrize(
    ("uri", "format", "code"),
    [
        (f"{ACTIVE_SYNC}", "node", 200),
        (f"{ACTIVE_SYNC}", None, 415),
        (f"{ACTIVE_SYNC}", "chr", 415),
        (f"{ACTIVE_SYNC}/UserName", "node", 415),
        (f"{LOCK}/DevicePasswordEnabled", None, 415),
    ],
)
def test_an_interior_node_needs_format_node(uri: str, format: str | None, code: int) -> None:
    value = "0" if uri.endswith("Enabled") else None
    assert tree_of().add(uri, value, format) == code


def test_an_interior_node_has_no_value() -> None:
    tree = tree_of()
    assert tree.add(ACTIVE_SYNC, "x", "node") == 500
    assert tree.add(ACTIVE_SYNC, " ", "node") == 200


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("./DevInfo", 405),
        (".", 405),
        ("./Vendor", 405),
        ("./DevInfo/Man", 405),
        ("./DevInfo/Man/Below", 405),
        (f"{DM_CLIENT}/EntDMID/Below/It", 405),
        ("./DevInfo/New", 404),
        ("./Nowhere/New", 404),
        (f"{MSFT}/PolicyManager/My/Camera/AllowCamera", 404),
        (f"{MSFT}/DMClient/Provider/Other/EntDMID", 404),
        (f"{HUB}/EnterpriseApps/Inventory/{PRODUCT}/Version", 405),
        (f"{DM_CLIENT}/EntDMID", 418),
        ("/x", 404),
    ],
)
def test_add_elsewhere(uri: str, code: int) -> None:
    tree = tree_of()
    assert tree.add(uri, "x", None) == code
    assert tree.written == ()


def test_an_add_that_fails_leaves_no_parents() -> None:
    tree = tree_of()
    assert tree.add(f"{LOCK}/MinDevicePasswordLength", "3", "int") == 500
    assert tree.get(LOCK).code == 404


def test_a_device_can_be_full(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = tree_of("wp81")
    monkeypatch.setattr(module, "MAX_NODES", 200)
    codes = [tree.add(f"{WIFI}/Net{number}/WlanXml", "<x/>", "chr") for number in range(50)]
    assert set(codes) == {200, 420}
    assert codes == sorted(codes)
    first = codes.index(420)
    assert tree.get(f"{WIFI}/Net{first}").code == 404
    assert tree.delete(f"{WIFI}/Net0") == 200
    assert tree.add(f"{WIFI}/Net{first}/WlanXml", "<x/>", "chr") == 200


# --- Replace (DMC-210 to DMC-212) -------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "value", "format", "code"),
    [
        (f"{DM_CLIENT}/EntDMID", "NEW", None, 200),
        (f"{DM_CLIENT}/EntDMID", "NEW", "chr", 200),
        (f"{DM_CLIENT}/EntDMID", "", "chr", 200),
        (f"{DM_CLIENT}/EntDMID", "NEW", "int", 415),
        (f"{DM_CLIENT}/EntDMID", None, None, 412),
        (f"{DM_CLIENT}/EntDeviceName", "NEW", None, 405),
        ("./DevInfo/Man", "NEW", None, 405),
        ("./DevInfo", "NEW", None, 405),
        (".", "NEW", None, 405),
        ("./Vendor/MSFT", "NEW", None, 405),
        ("./Nowhere", "NEW", None, 404),
        (f"{LOCK}/DevicePasswordEnabled", "0", "int", 404),
        ("/x", "NEW", None, 404),
    ],
)
def test_replace_changes_only_what_may_be_changed(
    uri: str, value: str | None, format: str | None, code: int
) -> None:
    tree = tree_of()
    before = tree.get(uri)
    assert tree.replace(uri, value, format) == code
    assert tree.get(uri).value == (value if code == 200 else before.value)


@pytest.mark.parametrize(
    ("value", "code"), [("True", 200), ("False", 200), ("true", 500), ("yes", 500), ("1", 500)]
)
def test_storage_takes_its_words_in_exact_case(value: str, code: int) -> None:
    assert tree_of().replace(f"{MSFT}/Storage/Disable", value, "bool") == code


def test_without_a_card_slot_there_is_no_storage_node() -> None:
    phone = replace(phone_of(), device=replace(phone_of().device, has_card_slot=False))
    tree = DeviceTree(phone)
    assert tree.get(f"{MSFT}/Storage/Disable").code == 404
    assert tree.replace(f"{MSFT}/Storage/Disable", "True", "bool") == 404


@pytest.mark.parametrize(
    ("type", "code"),
    [(None, 200), ("", 200), ("text/plain", 200), ("text/xml", 200), ("image/png", 415)],
)
def test_a_type_must_fit_the_format(type: str | None, code: int) -> None:
    tree = tree_of()
    assert tree.replace(f"{DM_CLIENT}/EntDMID", "NEW", "chr", type) == code
    if code == 200:
        told = "" if type in {None, "text/plain"} else type
        assert tree.get(f"{DM_CLIENT}/EntDMID").parts[0].type == told
        assert tree.value(f"{DM_CLIENT}/EntDMID?prop=Type") == (type or "text/plain")


@pytest.mark.parametrize("profile", ["wp8", "wp81"])
@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("MinDevicePasswordLength", "18", "19"),
        ("DevicePasswordHistory", "50", "51"),
        ("MaxInactivityTimeDeviceLock", "999", "-1"),
        ("DevicePasswordEnabled", "0", "2"),
        ("DevicePasswordExpiration", "730", "99999999999999999999"),
    ],
)
def test_a_lock_policy_out_of_range_is_a_failure(
    profile: str, name: str, good: str, bad: str
) -> None:
    tree = tree_of(profile)
    assert tree.add(f"{LOCK}/{name}", bad, "int") == 500
    assert tree.add(f"{LOCK}/{name}", good, "int") == 200
    assert tree.replace(f"{LOCK}/{name}", bad, "int") == 500
    assert tree.get(f"{LOCK}/{name}").value == good


# --- Delete, Exec (DMC-213 to DMC-216) --------------------------------------------------------


def test_delete_takes_a_leaf_or_a_whole_branch() -> None:
    tree = tree_of("wp81")
    for name in ("UserName", "Domain", "Options/UseSSL"):
        value = "1" if name.endswith("SSL") else "x"
        assert tree.add(f"{ACTIVE_SYNC}/{name}", value, "chr") == 200
    assert tree.delete(f"{ACTIVE_SYNC}/Domain") == 200
    assert tree.get(ACTIVE_SYNC).value == "UserName/Options"
    assert tree.delete(ACTIVE_SYNC) == 200
    assert tree.get(f"{ACTIVE_SYNC}/Options/UseSSL").code == 404
    assert tree.delete(ACTIVE_SYNC) == 404
    assert tree.written == ()


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("./DevInfo/Man", 405),
        ("./DevInfo", 405),
        (".", 405),
        (MSFT, 405),
        ("./Nowhere", 404),
        ("./a?list=x", 406),
    ],
)
def test_permanent_nodes_are_neither_deleted_nor_executed(uri: str, code: int) -> None:
    assert tree_of().delete(uri) == code
    assert tree_of().execute(uri, None) == code


@pytest.mark.parametrize(
    ("format", "code"), [(None, 200), ("chr", 200), ("null", 200), ("int", 415), ("node", 415)]
)
def test_exec_takes_the_formats_of_its_node(format: str | None, code: int) -> None:
    assert tree_of().execute(f"{MSFT}/RemoteWipe/doWipe", None, format) == code
