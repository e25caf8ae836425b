"""Commands on nodes of the phone's tree (ets.md 4, role C), from a scripted server's package 2."""

from __future__ import annotations

from base64 import b64decode

import pytest

from mdmcore.phone.settings import UriLimits
from tests.ets import text as t
from tests.ets.scripted import PROFILES, ask, ask_phone, enrolled, then
from tests.ets.text import Message
from tests.phone.scripted import client_certificate, thumbprint
from tests.support.ets import PHONE

ets = pytest.mark.ets

SWV = "./DevDetail/SwV"
CLIENT = "./Vendor/MSFT/DMClient/Provider/ExampleMDM"
DMID = f"{CLIENT}/EntDMID"
LOCK = "./Vendor/MSFT/DeviceLock/Provider"
LENGTH = f"{LOCK}/ExampleMDM/MinDevicePasswordLength"
ACCOUNT = "./Vendor/MSFT/ActiveSync/Accounts/%7B11111111-1111-4111-8111-111111111111%7D"
HUB = "./Vendor/MSFT/EnterpriseAppManagement/4000000001"
XML = '<a b="1">x &amp; y</a>'
ESCAPED = "&lt;a b=&quot;1&quot;&gt;x &amp;amp; y&lt;/a&gt;"


def format_of(told: Message, uri: str) -> str:
    """Format in the Results item for that node, ``chr`` where none stands (the default)."""
    for results in told.body.iterfind("{*}Results"):
        outer = t.text(results, "Meta/Format")
        for item in results.iterfind("{*}Item"):
            if t.text(item, "Source/LocURI") == uri:
                return t.text(item, "Meta/Format") or outer or "chr"
    raise AssertionError(f"no Results for {uri}")


@ets("DMC-201", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_get_of_a_leaf(profile: str) -> None:
    told = ask(t.get("5", SWV), t.get("6", "./DevDetail/LrgObj"), profile=profile)
    assert told.code("5") == told.code("6") == "200"
    assert told.values[SWV]
    assert told.values["./DevDetail/LrgObj"].lower() in {"true", "false"}
    assert format_of(told, SWV) == "chr"
    assert format_of(told, "./DevDetail/LrgObj") == "bool"


@ets("DMC-201", PHONE)
def test_the_results_name_the_command() -> None:
    told = ask(t.get("5", SWV))
    (results,) = told.body.iterfind("{*}Results")
    assert (t.text(results, "MsgRef"), t.text(results, "CmdRef")) == ("2", "5")


@ets("DMC-202", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_get_of_an_interior_node_names_its_children(profile: str) -> None:
    told = ask(t.get("5", "./DevDetail"), t.get("6", "./DevDetail/URI"), profile=profile)
    assert told.code("5") == "200"
    names = {"DevTyp", "OEM", "FwV", "SwV", "HwV", "LrgObj", "URI", "Ext"}
    assert names <= set(told.values["./DevDetail"].split("/"))
    expected = ["MaxDepth", "MaxSegLen", "MaxTotLen"]
    assert sorted(told.values["./DevDetail/URI"].split("/")) == expected
    assert format_of(told, "./DevDetail") == "node"


@ets("DMC-203", PHONE)
@pytest.mark.parametrize("uri", [LOCK, "./Vendor/MSFT/ActiveSync/Accounts"])
def test_get_of_an_interior_node_without_children(uri: str) -> None:
    told = ask(t.get("5", uri))
    assert told.code("5") == "200"
    assert told.values == {uri: ""}
    assert format_of(told, uri) == "node"


@ets("DMC-204", PHONE)
@pytest.mark.parametrize(
    "uri", ["./DevDetail/Nothing", "./Nowhere/At/All", "./Vendor/MSFT/Nothing", f"{LOCK}/X/Y"]
)
@pytest.mark.parametrize("profile", PROFILES)
def test_get_of_an_unknown_node(uri: str, profile: str) -> None:
    told = ask(t.get("5", uri), profile=profile)
    assert told.code("5") == "404"
    assert "Results" not in told.names


@ets("DMC-205", PHONE)
@pytest.mark.parametrize("query", ["Struct", "StructData", "TNDS"])
def test_get_of_a_subtree(query: str) -> None:
    told = ask(t.get("5", f"./DevDetail/URI?list={query}"))
    code = told.code("5")
    assert code in {"200", "406", "415"}
    if code != "200":
        assert "Results" not in told.names
    elif query != "TNDS":
        wanted = {"./DevDetail/URI"} | {
            f"./DevDetail/URI/{name}" for name in ("MaxDepth", "MaxTotLen", "MaxSegLen")
        }
        assert set(told.values) == wanted
        has_values = told.values["./DevDetail/URI/MaxDepth"] != ""
        assert has_values == (query == "StructData")


@ets("DMC-205", PHONE)
def test_struct_data_of_the_inventory_works() -> None:
    told = ask(t.get("5", f"{HUB}/EnterpriseApps/Inventory?list=StructData"))
    assert told.code("5") == "200"


@ets("DMC-206", PHONE)
@pytest.mark.parametrize(
    ("uri", "name", "value"),
    [
        ("./DevDetail/LrgObj", "Format", "bool"),
        (SWV, "Format", "chr"),
        ("./DevDetail", "Format", "node"),
        (SWV, "Name", "SwV"),
    ],
)
def test_get_of_a_property(uri: str, name: str, value: str) -> None:
    told = ask(t.get("5", f"{uri}?prop={name}"))
    assert told.code("5") in {"200", "406"}
    if told.code("5") == "200":
        assert list(told.values.values()) == [value]


@ets("DMC-206", PHONE)
@pytest.mark.parametrize("name", ["TStamp", "VerNo", "Nonsense"])
def test_get_of_a_property_that_is_not_supported(name: str) -> None:
    told = ask(t.get("5", f"{SWV}?prop={name}"))
    assert told.code("5") == "406"
    assert "Results" not in told.names


@ets("DMC-207", PHONE)
@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_add_of_a_leaf_with_its_parents(profile: str) -> None:
    told = ask(t.add("5", LENGTH, "6", "int"), t.get("6", LENGTH), t.get("7", LOCK),
               profile=profile)  # fmt: skip
    assert told.code("5") == "200"
    assert told.values == {LENGTH: "6", LOCK: "ExampleMDM"}


@ets("DMC-207", PHONE)
def test_add_of_an_interior_node() -> None:
    told = ask(t.add_node("5", ACCOUNT), t.get("6", ACCOUNT))
    assert told.code("5") == "200"
    assert told.code("6") == "200"


@ets("DMC-207", PHONE)
def test_what_was_added_is_there_in_the_next_session() -> None:
    _, phone = ask_phone(t.add("5", LENGTH, "6", "int"))
    assert then(phone, t.get("5", LENGTH))[0].values == {LENGTH: "6"}


@ets("DMC-208", PHONE)
@pytest.mark.parametrize("uri", [LENGTH])
def test_add_of_what_exists(uri: str) -> None:
    told = ask(t.add("5", uri, "6", "int"), t.add("6", uri, "8", "int"), t.get("7", uri))
    assert (told.code("5"), told.code("6")) == ("200", "418")
    assert told.values == {uri: "6"}


@ets("DMC-208", PHONE)
def test_add_of_an_interior_node_that_exists() -> None:
    node = f"{LOCK}/ExampleMDM"
    told = ask(t.add_node("5", node), t.add_node("6", node))
    assert (told.code("5"), told.code("6")) == ("200", "418")


@ets("DMC-209", PHONE)
@pytest.mark.parametrize("uri", [f"{SWV}/X", "./DevInfo/Man/X"])
def test_add_below_a_leaf(uri: str) -> None:
    assert ask(t.add("5", uri, "x")).code("5") == "405"


@ets("DMC-209", PHONE)
@pytest.mark.parametrize("uri", ["./DevInfo/Man", "./DevInfo"])
def test_add_on_a_permanent_node(uri: str) -> None:
    assert ask(t.add("5", uri, "x")).code("5") in {"405", "418"}


@ets("DMC-210", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_replace_of_a_leaf(profile: str) -> None:
    told = ask(t.replace("5", DMID, "D-77"), t.get("6", DMID), profile=profile)
    assert told.code("5") == "200"
    assert told.values == {DMID: "D-77"}


@ets("DMC-211", PHONE)
@pytest.mark.parametrize(
    "uri", [LENGTH, f"{ACCOUNT}/Domain", "./Vendor/MSFT/Nothing", f"{CLIENT}/NoSuchLeaf"]
)
def test_replace_never_makes_a_node(uri: str) -> None:
    format = "int" if uri == LENGTH else "chr"
    told = ask(t.replace("5", uri, "6", format), t.get("6", uri))
    assert (told.code("5"), told.code("6")) == ("404", "404")


@ets("DMC-212", PHONE)
def test_replace_with_another_format() -> None:
    told = ask(
        t.add("5", LENGTH, "6", "int"),
        t.replace("6", LENGTH, "8", "bool"),
        t.replace("7", DMID, "9", "int"),
        t.get("8", LENGTH),
    )
    assert (told.code("6"), told.code("7")) == ("415", "415")
    assert told.values == {LENGTH: "6"}


@ets("DMC-213", PHONE)
def test_delete_of_a_leaf_and_of_a_subtree() -> None:
    told = ask(
        t.add("1", f"{ACCOUNT}/UserName", "anna"),
        t.add("2", f"{ACCOUNT}/Domain", "corp"),
        t.delete("3", f"{ACCOUNT}/Domain"),
        t.get("4", f"{ACCOUNT}/Domain"),
        t.get("5", f"{ACCOUNT}/UserName"),
        t.delete("6", ACCOUNT),
        t.get("7", f"{ACCOUNT}/UserName"),
        t.get("8", ACCOUNT),
    )
    codes = [told.code(str(number)) for number in range(1, 9)]
    assert codes == ["200", "200", "200", "404", "200", "200", "404", "404"]


@ets("DMC-213", PHONE)
def test_delete_of_what_is_not_there() -> None:
    assert ask(t.delete("5", ACCOUNT)).code("5") == "404"


@ets("DMC-214", PHONE)
@pytest.mark.parametrize("uri", ["./DevInfo", "./DevInfo/Man", ".", "./Vendor/MSFT/DMClient"])
@pytest.mark.parametrize("profile", PROFILES)
def test_delete_of_a_permanent_node(uri: str, profile: str) -> None:
    told = ask(t.delete("5", uri), t.get("6", "./DevInfo/Man"), profile=profile)
    assert told.code("5") == "405"
    assert told.code("6") == "200"


@ets("DMC-215", PHONE)
def test_copy_of_a_leaf() -> None:
    target = f"{CLIENT}/ManagementServiceAddress"
    copy = f"<Copy><CmdID>5</CmdID>{t.item(target, source=DMID)}</Copy>"
    told = ask(copy, t.get("6", target), t.get("7", DMID))
    assert told.code("5") in {"200", "400", "406"}
    assert (told.values[target] == told.values[DMID]) == (told.code("5") == "200")


@ets("DMC-216", PHONE)
def test_exec() -> None:
    told = ask(t.execute("5", "./Vendor/MSFT/RemoteWipe/doWipe"))
    assert told.code("5") in {"200", "202"}


@ets("DMC-216", PHONE)
@pytest.mark.parametrize("uri", [SWV, DMID, "./DevInfo"])
def test_exec_of_another_node(uri: str) -> None:
    assert ask(t.execute("5", uri)).code("5") in {"405", "406"}


@ets("DMC-228", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("limit", "uri"),
    [
        ("MaxTotLen", "./Vendor/MSFT/" + "/".join(["abcdefgh"] * 60)),
        ("MaxDepth", "./" + "/".join("abcdefghijklmnopqrstuvwxyz" * 2)),
        ("MaxSegLen", f"./Vendor/MSFT/{'x' * 400}"),
    ],
)
def test_a_uri_against_the_devices_own_limits(profile: str, limit: str, uri: str) -> None:
    told = ask(t.get("5", f"./DevDetail/URI/{limit}"), t.get("6", uri), profile=profile)
    value = int(told.values[f"./DevDetail/URI/{limit}"])
    size = {
        "MaxTotLen": len(uri),
        "MaxDepth": len(uri.split("/")) - 1,
        "MaxSegLen": max(len(part) for part in uri.split("/")),
    }[limit]
    assert told.code("6") == ("414" if 0 < value < size else "404")


@ets("DMC-228", PHONE)
@pytest.mark.parametrize(
    ("limits", "uri"),
    [
        (UriLimits(length=40), f"./Vendor/MSFT/{'x' * 40}"),
        (UriLimits(depth=4), "./Vendor/MSFT/DMClient/Provider/ExampleMDM/EntDMID"),
        (UriLimits(segment=20), f"./Vendor/MSFT/{'x' * 21}"),
    ],
)
def test_a_device_with_limits(limits: UriLimits, uri: str) -> None:
    told = ask(t.get("5", uri), t.get("6", "./DevInfo/Man"),
               phone=enrolled("wp8", uri_limits=limits))  # fmt: skip
    assert (told.code("5"), told.code("6")) == ("414", "200")


@ets("DMC-229", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("uri", ["./DevInfo/Man", SWV])
def test_no_permission(profile: str, uri: str) -> None:
    """Windows has no ACLs: a node that may not be written answers 405, or 425."""
    told = ask(t.replace("5", uri, "X"), t.get("6", uri), profile=profile)
    assert told.code("5") in {"405", "425"}
    assert told.values[uri] != "X"


@ets("DMC-230", PHONE)
@pytest.mark.parametrize("data", [ESCAPED, f"<![CDATA[{XML}]]>"])
@pytest.mark.parametrize("profile", PROFILES)
def test_markup_is_kept_as_text(data: str, profile: str) -> None:
    told = ask(t.replace("5", DMID, data), t.get("6", DMID), profile=profile)
    assert told.code("5") == "200"
    assert told.values == {DMID: XML}


@ets("DMC-231", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_binary_data_in_base64(profile: str) -> None:
    der = client_certificate("device2")
    uri = f"./Vendor/MSFT/CertificateStore/CA/System/{thumbprint(der)}/EncodedCertificate"
    told = ask(
        t.add("5", uri, t.b64(der), "b64"),
        t.get("6", uri),
        t.get("7", f"{uri}?prop=Format"),
        profile=profile,
    )
    assert told.code("5") == "200"
    assert b64decode(told.values[uri]) == der
    assert format_of(told, uri) == "b64"
    assert told.code("7") in {"200", "406"}
    if told.code("7") == "200":
        assert told.values[f"{uri}?prop=Format"] == "bin"


@ets("DMC-231", PHONE)
def test_what_is_no_base64_is_not_stored() -> None:
    uri = f"./Vendor/MSFT/CertificateStore/CA/System/{'0' * 40}/EncodedCertificate"
    told = ask(t.add("5", uri, "**** no base64", "b64"), t.get("6", uri))
    assert told.code("5")[0] in "45"
    assert told.code("6") == "404"


@ets("DMC-232", PHONE)
def test_there_are_no_access_control_lists_on_windows() -> None:
    told = ask(t.get("5", f"{DMID}?prop=ACL"), t.replace("6", f"{DMID}?prop=ACL", "Get=*"))
    assert told.code("5") == "406"
    assert told.code("6") in {"405", "406"}
