"""Commands on the phone's tree (ets.md 4, role C): each from a scripted server's package 2."""

from __future__ import annotations

from base64 import b64decode

import pytest

from mdmcore.http import Request, Response
from mdmcore.phone import EnrolledPhone, SessionOutcome, run, sync
from mdmcore.phone.settings import UriLimits, UserAnswer, UserReaction
from tests.ets import text as t
from tests.ets.scripted import LAST, PROFILES, ask, ask_phone, enrolled, first, hold, then, turn
from tests.ets.text import Message
from tests.phone.scripted import client_certificate, thumbprint
from tests.support.ets import PHONE
from tests.support.server import FixedClock, counted_random

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


@ets("DMC-217", PHONE)
def test_a_correlator_is_not_supported_by_windows() -> None:
    exec_ = t.execute("5", "./Vendor/MSFT/RemoteWipe/doWipe").replace(
        "<Item>", "<Correlator>c-1</Correlator><Item>"
    )
    told = ask(exec_)
    assert told.code("5")
    assert "1226" not in told.alerts


def numbered(told: Message) -> list[tuple[str, str]]:
    """CmdRef and code of each Status but that of the header, in order."""
    return [(one.cmd_ref, one.code) for one in told.statuses if one.cmd_ref != "0"]


@ets("DMC-218", PHONE)
@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_a_sequence_in_order(profile: str) -> None:
    told = ask(
        t.sequence(
            "5",
            t.replace("6", DMID, "one"),
            t.get("7", DMID),
            t.replace("8", DMID, "two"),
            t.get("9", DMID),
        ),
        profile=profile,
    )
    assert numbered(told) == [(str(number), "200") for number in range(5, 10)]
    found = [t.text(results, "Item/Data") for results in told.body.iterfind("{*}Results")]
    assert found == ["one", "two"]


@ets("DMC-218", PHONE)
def test_a_sequence_with_a_failure_was_executed_all_the_same() -> None:
    """Whether what stands behind a failure is executed is not said [U]."""
    told = ask(t.sequence("5", t.get("6", "./Nowhere"), t.get("7", SWV)))
    assert numbered(told)[:2] == [("5", "200"), ("6", "404")]
    assert told.code("7") in {"200", "215"}
    assert (SWV in told.values) == (told.code("7") == "200")


CONFIRM = (
    "<Alert><CmdID>6</CmdID><Data>1101</Data><Item><Data>MINDT=10</Data></Item>"
    "<Item><Data>Go on?</Data></Item></Alert>"
)


@ets("DMC-219", PHONE)
def test_no_interrupts_a_sequence() -> None:
    phone = enrolled("wp8", user_answer=UserAnswer(reaction=UserReaction.REJECT))
    told = ask(t.sequence("5", CONFIRM, t.replace("7", DMID, "X"), t.get("8", SWV)), phone=phone)
    assert numbered(told) == [("5", "200"), ("6", "304"), ("7", "215"), ("8", "215")]
    assert told.values == {}


@ets("DMC-220", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_an_atomic_that_works(profile: str) -> None:
    told = ask(
        t.atomic("5", t.replace("6", DMID, "A"), t.replace("7", DMID, "B")),
        t.get("8", DMID),
        profile=profile,
    )
    assert numbered(told) == [("5", "200"), ("6", "200"), ("7", "200"), ("8", "200")]
    assert told.values == {DMID: "B"}


@ets("DMC-221", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_an_atomic_that_fails_changes_nothing(profile: str) -> None:
    told = ask(
        t.get("1", DMID),
        t.atomic(
            "5",
            t.replace("6", DMID, "CHANGED"),
            t.replace("7", "./Vendor/MSFT/Nothing", "1"),
            t.replace("8", DMID, "AGAIN"),
        ),
        profile=profile,
    )
    assert numbered(told)[1:] == [("5", "507"), ("6", "216"), ("7", "404"), ("8", "215")]
    after = ask(t.get("9", DMID), profile=profile)
    assert told.values[DMID] == after.values[DMID] != "CHANGED"


@ets("DMC-221", PHONE)
def test_an_atomic_that_fails_is_undone_in_the_same_message() -> None:
    told = ask(
        t.add("4", LENGTH, "6", "int"),
        t.atomic(
            "5",
            t.delete("6", f"{LOCK}/ExampleMDM"),
            t.add("7", f"{ACCOUNT}/Domain", "corp"),
            t.replace("8", "./Nowhere", "x"),
        ),
        t.get("9", LENGTH),
        t.get("10", ACCOUNT),
    )
    assert [told.code(number) for number in ("5", "6", "7", "8")] == ["507", "216", "216", "404"]
    assert told.values == {LENGTH: "6"}
    assert told.code("10") == "404"


@ets("DMC-222", PHONE)
def test_what_cannot_be_undone_says_516() -> None:
    told = ask(
        t.atomic(
            "5",
            t.execute("6", "./Vendor/MSFT/RemoteWipe/doWipe"),
            t.replace("7", "./Vendor/MSFT/Nothing", "1"),
        )
    )
    assert told.code("6") == "516"
    assert told.code("7") == "404"
    assert told.code("5") in {"507", "516"}


@ets("DMC-223", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_nested_atomic(profile: str) -> None:
    told = ask(
        t.atomic("5", t.replace("6", DMID, "X"), t.atomic("7", t.replace("8", DMID, "Y"))),
        t.get("9", DMID),
        profile=profile,
    )
    assert told.code("5") == "507"
    assert told.code("7") == "500"
    assert told.values[DMID] not in {"X", "Y"}


@ets("DMC-223", PHONE)
def test_a_get_in_an_atomic_on_windows_10() -> None:
    told = ask(t.atomic("5", t.replace("6", DMID, "X"), t.get("7", SWV)), profile="win10")
    assert (told.code("5"), told.code("7")) == ("507", "500")
    assert told.code("6") == "216"


@ets("DMC-223", PHONE)
@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_a_get_in_an_atomic_on_phones(profile: str) -> None:
    """field-problems.md 1: phones answer it; OMA wants 500."""
    told = ask(t.atomic("5", t.replace("6", DMID, "X"), t.get("7", SWV)), profile=profile)
    assert (told.code("5"), told.code("7")) in {("200", "200"), ("507", "500")}


@ets("DMC-224", PHONE)
@pytest.mark.parametrize(("count", "code"), [(20, "200"), (200, "517")])
def test_an_atomic_whose_answer_is_too_large(count: int, code: str) -> None:
    """A device that names MaxMsgSize: the Statuses of an Atomic must fit into one message."""
    phone = enrolled("win10", max_message_bytes=8192)
    children = "".join(t.replace(str(100 + n), DMID, "X") for n in range(count))
    said, outcome = all_said(t.atomic("5", children), phone)
    assert [one.code("5") for one in said if one.codes("5")] == [code]
    inner = [one.code for message in said for one in message.statuses if one.cmd == "Replace"]
    assert set(inner) == ({"200"} if code == "200" else {"216"})
    told, _ = then(outcome.phone, t.get("6", DMID))
    assert (told.values[DMID] == "X") == (code == "200")


def all_said(commands: str, phone: EnrolledPhone) -> tuple[list[Message], SessionOutcome]:
    """A session in which the phone may take several messages to answer."""
    said: list[Message] = []

    def server(request: Request) -> Response:
        said.append(Message(request.body or b""))
        if len(said) == 1:
            return first(commands)(said[-1], request)
        assert len(said) < 20
        if said[-1].is_final:
            return LAST(said[-1], request)
        return turn(t.alert("800", "1222"), final=False)(said[-1], request)

    outcome = run(sync(phone, random=counted_random("said"), clock=FixedClock()), server)
    return said[1:], outcome


@ets("DMC-225", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_command_with_items_that_differ(profile: str) -> None:
    both = t.command("Get", "5", t.item(SWV), t.item("./Nowhere"), t.item("./DevInfo/Man"))
    told = ask(both, profile=profile)
    found = [(one.target, one.code) for one in told.statuses if one.cmd_ref == "5"]
    assert found == [(SWV, "200"), ("./Nowhere", "404"), ("./DevInfo/Man", "200")]
    assert set(told.values) == {SWV, "./DevInfo/Man"}


@ets("DMC-225", PHONE)
def test_a_command_with_items_that_agree() -> None:
    told = ask(t.command("Get", "5", t.item(SWV), t.item("./DevInfo/Man")))
    assert set(told.codes("5")) == {"200"}
    assert len(told.codes("5")) in {1, 2}


@ets("DMC-226", PHONE)
@pytest.mark.parametrize("name", ["Put", "Map", "Sync", "Search", "Blah"])
def test_an_unknown_command(name: str) -> None:
    told = ask(t.command(name, "5", t.item(SWV)), t.get("6", SWV))
    assert told.code("5") in {"400", "406"}
    assert told.code("6") == "200"


@ets("DMC-227", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_command_without_an_id(profile: str) -> None:
    told = ask(t.get("", SWV), t.get("6", "./DevInfo/Man"), profile=profile)
    assert told.codes("") == ["400"]
    assert told.code("6") == "200"
    assert set(told.values) == {"./DevInfo/Man"}


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


@ets("DMC-218", PHONE)
def test_commands_of_several_packages_see_each_others_work() -> None:
    said, _ = hold(
        first(t.add("5", LENGTH, "6", "int")),
        turn(t.replace("5", LENGTH, "8", "int")),
        turn(t.get("5", LENGTH)),
        LAST,
    )
    assert said[3].values == {LENGTH: "8"}
