"""Rules on what the device answers."""

from __future__ import annotations

import pytest

from mdmcore.syncml.model import Alert, AnyCommand, Command, Item, Meta, Results, Status
from tests.support.commands import about_commands, answered, atomic, command, status
from tests.support.story import (
    Story,
    answer,
    device_cred,
    header_status,
    package,
    package1,
)

NODE = "./Vendor/MSFT/X/a"
STATUS = "/SyncML/SyncBody/Status[2]/Data"
LOCK = "./Vendor/MSFT/RemoteLock/Lock"
WIPE = "./Vendor/MSFT/RemoteWipe/doWipe"
POLICY = "./Vendor/MSFT/PolicyManager/My/WiFi/AllowWiFi"

FAILURES = [
    ("wp8", command("Add", NODE, "1"), "418", "add-existing-418", "warning"),
    ("wp8", command("Replace", NODE, "1"), "404", "replace-missing-404", "warning"),
    ("wp81", command("Exec", LOCK, format="null"), "405", "remotelock-405", "info"),
    ("win10", command("Exec", WIPE), "500", "remotewipe-500", "warning"),
    ("wp8", command("Exec", WIPE), "500", "remotewipe-500", "info"),
    (
        "wp8",
        command("Replace", POLICY, "0", format="int"),
        "404",
        "policymanager-on-wp80",
        "info",
    ),
    ("wp8", command("Replace", NODE, "1"), "500", "command-failed-under-200", "warning"),
    ("win10", command("Get", NODE), "405", "command-failed-under-200", "warning"),
]


@pytest.mark.parametrize(("profile", "told", "code", "rule", "severity"), FAILURES)
@pytest.mark.parametrize("has_target", [True, False])
def test_a_failure_is_told_once(
    profile: str, told: Command, code: str, rule: str, severity: str, has_target: bool
) -> None:
    uri = told.items[0].target
    said = status(code, told.name, target=uri if has_target else None)
    (found,) = answered(profile, (told,), said)
    assert (found.rule, found.severity) == (rule, severity)
    (place,) = found.places
    assert place.where == {"part": "request", "xpath": STATUS}
    assert place.evidence == f"{code} {told.name} {uri}"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (command("Add", NODE, "1"), "200"),
        (command("Replace", NODE, "1"), "202"),
        (command("Get", NODE), "404"),
        (command("Delete", NODE), "404"),
        (command("Exec", LOCK, format="null"), "200"),
        (command("Replace", NODE, "1"), "no code"),
    ],
)
def test_what_is_no_failure(told: AnyCommand, code: str) -> None:
    assert answered("wp81", (told,), status(code, told.name)) == ()


def test_a_session_that_does_not_go_on_is_told_elsewhere() -> None:
    said = status("500", "Replace")
    assert answered("wp8", (command("Replace", NODE, "1"),), said, header="407") == ()


def test_a_status_for_another_message_has_no_target() -> None:
    said = status("418", "Add", msg_ref="1")
    (found,) = answered("wp8", (command("Add", NODE, "1"),), said)
    assert found.places[0].evidence == "418 Add CmdRef 9"


def test_a_wrong_locuri_is_named_as_cause() -> None:
    told = command("Replace", "./Vendor/MSFT/X/{a}", "1")
    (found,) = answered("wp8", (told,), status("404", "Replace"))
    assert (found.rule, found.caused_by) == ("replace-missing-404", ("locuri-unencoded-brace",))
    (found,) = answered("wp8", (told,), status("400", "Replace"))
    assert found.rule == "command-failed-under-200"
    assert found.caused_by == ("locuri-unencoded-brace",)


def test_an_unknown_node_was_told_when_it_was_sent() -> None:
    told = command("Replace", "./Vendor/MSFT/Storage/Eject", "1")
    assert answered("wp8", (told,), status("404", "Replace")) == ()


BITLOCKER = "./Device/Vendor/MSFT/BitLocker/AllowStandardUserEncryption"


@pytest.mark.parametrize(
    ("build", "rule"),
    [("16299", "edition-not-supported"), ("19045", "replace-missing-404")],
)
def test_a_node_of_a_later_build(build: str, rule: str) -> None:
    told = command("Replace", BITLOCKER, "1", format="int")
    version = f"10.0.{build}.1"
    said = status("404", "Replace")
    (found,) = answered("win10", (told,), said, application_version=version)
    assert found.rule == rule
    assert (version in found.message) == (rule == "edition-not-supported")


# --- atomic-partial-failure

PAIR = (
    atomic(
        command("Replace", NODE, "1", cmd_id="21"), command("Add", f"{NODE}/b", "1", cmd_id="22")
    ),
)


def test_a_failed_atomic_names_its_child() -> None:
    found = answered(
        "wp8",
        PAIR,
        status("507", "Atomic", "20", cmd_id="3"),
        status("216", "Replace", "21", cmd_id="4"),
        status("418", "Add", "22", cmd_id="5"),
    )
    by_rule = {one.rule: one for one in found}
    assert set(by_rule) == {"atomic-partial-failure", "add-existing-418"}
    partial = by_rule["atomic-partial-failure"]
    assert (partial.severity, partial.caused_by) == ("info", ("add-existing-418",))
    assert partial.places[0].where == {"part": "request", "xpath": STATUS}
    assert f"418 for Add {NODE}/b" in partial.message


def test_an_atomic_that_went_well() -> None:
    said = [
        status("200", "Atomic", "20", cmd_id="3"),
        status("200", "Replace", "21", cmd_id="4"),
        status("200", "Add", "22", cmd_id="5"),
    ]
    assert answered("wp8", PAIR, *said) == ()


# --- generic-alert-unanswered


def alerted(code: str, *statuses: Status, header: str = "200") -> tuple[str, ...]:
    item = Item(meta=Meta(type="com.microsoft/MDM/LoginStatus", format="chr"), data="user")
    story = Story("win10").enrolled()
    story.sync(package1(cred=device_cred()), answer("2", "212", "1"))
    alert = Alert(cmd_id="7", code=code, items=(item,))
    told = package("2", header_status("200", "2"), alert)
    found = about_commands(story.sync(told, answer("3", header, "2", *statuses)).findings)
    for one in found:
        assert one.severity == "warning"
        assert one.places[0].where == {"part": "request", "xpath": "/SyncML/SyncBody/Alert"}
        assert one.places[0].evidence == code
    return tuple(one.rule for one in found)


@pytest.mark.parametrize("code", ["1224", "1226"])
def test_alerts_want_an_answer(code: str) -> None:
    assert alerted(code) == ("generic-alert-unanswered",)


@pytest.mark.parametrize("code", ["200", "415"])
def test_alerts_that_are_answered(code: str) -> None:
    assert alerted("1226", status(code, "Alert", "7")) == ()


def test_beside_a_challenge_another_rule_speaks() -> None:
    assert alerted("1224", header="407") == ()
    assert alerted("1201") == ()


# --- results-uri-prefix-differs


def results(target: str, source: str) -> tuple[str, ...]:
    item = Item(source=source, data="a")
    told = Results(cmd_id="4", msg_ref="2", cmd_ref="9", items=(item,))
    found = answered("win10", (command("Get", target),), status("200", "Get"), told)
    for one in found:
        assert one.severity == "info"
        assert one.places[0].where["xpath"] == "/SyncML/SyncBody/Results/Item"
        assert one.places[0].evidence == source
    return tuple(one.rule for one in found)


@pytest.mark.parametrize(
    "source", ["Vendor/MSFT/X/a", "Device/Vendor/MSFT/X/a", "./Vendor/MSFT/X/a"]
)
def test_a_shorter_source(source: str) -> None:
    assert results("./Device/Vendor/MSFT/X/a", source) == ("results-uri-prefix-differs",)


@pytest.mark.parametrize(
    "source", ["./Device/Vendor/MSFT/X/a", "./Device/Vendor/MSFT/X/a/b", "MSFT/X/a", ""]
)
def test_other_sources(source: str) -> None:
    assert results("./Device/Vendor/MSFT/X/a", source) == ()
