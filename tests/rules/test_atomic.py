"""Rules on Atomic."""

from __future__ import annotations

import pytest

from mdmcore.syncml.model import AnyCommand, Command, Container, Item, Meta
from mdmcore.syncml.wbxml import encode_wbxml
from mdmcore.syncml.xml import serialize_syncml
from tests.support.commands import atomic, command, loose, message, sent

GET = command("Get", "./DevDetail/SwV")
NODE = "./Vendor/MSFT/X/a"
ATOMIC = "/SyncML/SyncBody/Atomic"


def found_one(profile: str, *commands: AnyCommand) -> tuple[str, str, str, str]:
    (found,) = sent(profile, *commands)
    (place,) = found.places
    assert place.where["part"] == "response"
    return found.rule, str(found.severity), place.where["xpath"], place.evidence


@pytest.mark.parametrize(
    ("profile", "severity"),
    [("wp8", "info"), ("wp81", "info"), ("win81", "warning"), ("win10", "error")],
)
def test_get_in_atomic(profile: str, severity: str) -> None:
    seen = found_one(profile, atomic(GET))
    assert seen == ("atomic-contains-get", severity, f"{ATOMIC}/Get/Item", "./DevDetail/SwV")


def test_get_in_a_sequence_in_an_atomic() -> None:
    inner = atomic(GET, name="Sequence", cmd_id="21")
    assert found_one("win10", atomic(inner))[0] == "atomic-contains-get"


@pytest.mark.parametrize("commands", [(GET,), (atomic(GET, name="Sequence"),)])
def test_get_elsewhere(commands: tuple[AnyCommand, ...]) -> None:
    assert sent("win10", *commands) == ()


def test_loose_messages_in_both_encodings() -> None:
    told = message(atomic(GET))
    for body in (serialize_syncml(told), encode_wbxml(told)):
        (found,) = loose("win10", body)
        assert found.rule == "atomic-contains-get"


def test_nested_atomic() -> None:
    inner = atomic(command("Replace", NODE, "1"), cmd_id="21")
    seen = found_one("wp8", atomic(inner))
    assert seen == ("nested-atomic", "error", f"{ATOMIC}/Atomic", "21")


@pytest.mark.parametrize(("outer", "inner"), [("Atomic", "Sequence"), ("Sequence", "Atomic")])
def test_other_nesting(outer: str, inner: str) -> None:
    nested = atomic(command("Replace", NODE, "1"), name=inner, cmd_id="21")
    assert sent("wp8", atomic(nested, name=outer)) == ()


def test_add_then_replace() -> None:
    add, replace = command("Add", NODE, "1"), command("Replace", f"./Device{NODE[1:]}", "2")
    seen = found_one("wp8", atomic(add, replace))
    assert seen[:3] == ("atomic-add-then-replace", "warning", f"{ATOMIC}/Replace/Item")
    assert seen[3].endswith(NODE[1:])


@pytest.mark.parametrize(
    "commands",
    [
        (command("Add", NODE, "1"), command("Replace", NODE, "2")),
        (atomic(command("Add", NODE, "1")), atomic(command("Replace", NODE, "2"))),
        (atomic(command("Replace", NODE, "1"), command("Add", NODE, "2")),),
        (atomic(command("Add", NODE, "1"), command("Replace", f"{NODE}/b", "2")),),
        (atomic(command("Add", NODE, "1"), command("Replace", f"./User{NODE[1:]}", "2")),),
    ],
)
def test_one_command_for_each_node(commands: tuple[AnyCommand, ...]) -> None:
    assert sent("wp8", *commands) == ()


def test_exec_in_atomic() -> None:
    seen = found_one("wp8", atomic(command("Exec", NODE)))
    assert seen == ("exec-in-atomic", "info", f"{ATOMIC}/Exec/Item", NODE)


DOWNLOAD = "./Vendor/MSFT/EnterpriseAppManagement/4000000001/EnterpriseApps/Download/%7Ba%7D"
SCEP = "./Device/Vendor/MSFT/ClientCertificateInstall/SCEP/a/Install"


@pytest.mark.parametrize(
    "commands",
    [
        (command("Exec", NODE),),
        (atomic(command("Exec", NODE), name="Sequence"),),
        (
            atomic(
                command("Add", f"{DOWNLOAD}/Name", "App"),
                command("Exec", f"{DOWNLOAD}/DownloadInstall", "0", format="int"),
            ),
        ),
        (
            atomic(
                command("Add", f"{SCEP}/SubjectName", "CN=a"),
                command("Exec", f"{SCEP}/Enroll", format="null"),
            ),
        ),
    ],
)
def test_exec_where_it_is_documented(commands: tuple[AnyCommand, ...]) -> None:
    assert sent("win10", *commands) == ()


def policy(name: str, area: str = "WiFi") -> Command:
    target = f"./Vendor/MSFT/PolicyManager/My/{area}/{name}"
    return command("Replace", target, "0", format="int")


def test_policies_of_an_area_outside_atomic() -> None:
    seen = found_one("wp81", policy("AllowWiFi"), policy("AllowInternetSharing"))
    place = "/SyncML/SyncBody/Replace[1]/Item"
    evidence = "./Vendor/MSFT/PolicyManager/My/WiFi/AllowWiFi"
    assert seen == ("policymanager-without-atomic", "warning", place, evidence)


def test_several_items_of_one_command_are_no_atomic() -> None:
    items = tuple(
        Item(
            target=f"./Vendor/MSFT/PolicyManager/My/WiFi/{name}", meta=Meta(format="int"), data="0"
        )
        for name in ("AllowWiFi", "AllowInternetSharing")
    )
    seen = found_one("wp81", Command(name="Replace", cmd_id="9", items=items))
    assert seen[0] == "policymanager-without-atomic"


@pytest.mark.parametrize(
    "commands",
    [
        (atomic(policy("AllowWiFi"), policy("AllowInternetSharing")),),
        (policy("AllowWiFi"),),
        (policy("AllowWiFi"), policy("AllowCamera", "Camera")),
    ],
)
def test_policies_that_belong_together(commands: tuple[AnyCommand, ...]) -> None:
    assert sent("wp81", *commands) == ()


def fire(name: str, part: str, data: str = "1") -> Command:
    target = f"./Vendor/MSFT/Firewall/MdmStore/FirewallRules/{name}/{part}"
    return command("Replace", target, data)


def test_firewall_rules_outside_atomic() -> None:
    told = (fire("A", "LocalPortRanges"), fire("A", "RemotePortRanges"))
    right: Container = atomic(fire("B", "LocalPortRanges"))
    (found,) = sent("win10", *told, right)
    assert (found.rule, found.severity, found.count) == (
        "firewall-rule-without-atomic",
        "warning",
        1,
    )
    assert found.places[0].where["xpath"] == "/SyncML/SyncBody/Replace[1]/Item"
    assert found.places[0].evidence.endswith("/FirewallRules/A/LocalPortRanges")


def test_firewall_rules_in_an_atomic_or_deleted() -> None:
    gone = command("Delete", "./Vendor/MSFT/Firewall/MdmStore/FirewallRules/A")
    assert sent("win10", atomic(fire("A", "LocalPortRanges")), gone) == ()
