"""Rules on Status and Results."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.inspector import ArtifactSettings, inspect_artifact
from mdmcore.rules import Finding
from mdmcore.syncml.model import Alert, AnyCommand, Item, Results, Status, SyncML
from mdmcore.syncml.wbxml import encode_wbxml
from mdmcore.syncml.xml import serialize_syncml
from tests.support.story import (
    GET,
    NOW,
    Story,
    answer,
    device_cred,
    header_status,
    package,
    package1,
    rules_of,
)

FIRST = package1(cred=device_cred())
HEADER = header_status("212")
ALERT = Status(cmd_id="2", msg_ref="1", cmd_ref="2", cmd="Alert", data="200")
REPLACE = Status(cmd_id="3", msg_ref="1", cmd_ref="3", cmd="Replace", data="200")
DONE = Status(cmd_id="2", msg_ref="1", cmd_ref="5", cmd="Get", data="200")
VALUE = Results(
    cmd_id="3",
    msg_ref="1",
    cmd_ref="5",
    cmd="Get",
    items=(Item(source="./DevDetail/SwV", data="8"),),
)


def said(*commands: AnyCommand) -> SyncML:
    return replace(answer("1", "212"), commands=commands)


def judged(*commands: AnyCommand, asked: SyncML = FIRST) -> tuple[Finding, ...]:
    return Story("win10").enrolled().sync(asked, said(*commands)).findings


def second(*got: AnyCommand, told: tuple[AnyCommand, ...] = ()) -> tuple[Finding, ...]:
    """What is found in the second exchange, after a Get."""
    story = Story("win10").enrolled()
    story.sync(FIRST, said(HEADER, ALERT, REPLACE, GET))
    return story.sync(package("2", HEADER, *got), answer("2", "200", "2", *told)).findings


def only(found: tuple[Finding, ...], rule: str, severity: str, xpath: str, evidence: str) -> None:
    (one,) = found
    assert (one.rule, one.severity) == (rule, severity)
    assert one.places[0].where["xpath"] == xpath
    assert one.places[0].evidence == evidence


def test_a_right_session() -> None:
    assert judged(HEADER, ALERT, REPLACE, GET) == ()
    assert second(DONE, VALUE) == ()


# --- missing-command-status


def test_a_command_without_a_status() -> None:
    found = judged(HEADER, ALERT, GET)
    only(found, "missing-command-status", "warning", "/SyncML/SyncBody", "Replace 3")
    assert found[0].places[0].where["part"] == "response"


def test_who_wants_no_status_gets_none() -> None:
    quiet = tuple(
        replace(command, no_resp=True) if isinstance(command, Alert) else command
        for command in FIRST.commands
    )
    assert judged(HEADER, REPLACE, asked=replace(FIRST, commands=quiet)) == ()


@pytest.mark.parametrize("code", ["401", "407", "500"])
def test_a_refused_message_is_another_matter(code: str) -> None:
    found = rules_of(judged(header_status(code, next_nonce=b"0" * 16)))
    assert "missing-command-status" not in found


def test_statuses_and_results_want_none() -> None:
    assert second(DONE, VALUE) == ()


# --- status-order-mismatch


def test_statuses_in_another_order() -> None:
    found = judged(HEADER, REPLACE, ALERT, GET)
    only(found, "status-order-mismatch", "warning", "/SyncML/SyncBody/Status[3]", "Alert 2")


# --- status-for-results


def of_results(code: str) -> Status:
    return Status(cmd_id="9", msg_ref="2", cmd_ref="3", cmd="Results", data=code)


def test_a_status_for_results() -> None:
    found = second(DONE, VALUE, told=(of_results("200"),))
    only(found, "status-for-results", "info", "/SyncML/SyncBody/Status[2]", "Results")


def test_a_status_for_results_that_says_something() -> None:
    assert second(DONE, VALUE, told=(of_results("500"),)) == ()


# --- results-before-status


def test_results_before_their_status() -> None:
    found = second(VALUE, DONE)
    only(found, "results-before-status", "warning", "/SyncML/SyncBody/Results", "CmdRef 5")
    assert found[0].places[0].where["part"] == "request"


@pytest.mark.parametrize("encoding", ["xml", "wbxml"])
def test_a_loose_message_of_the_device(encoding: str) -> None:
    message = package("2", HEADER, VALUE, DONE)
    data = serialize_syncml(message) if encoding == "xml" else encode_wbxml(message)
    settings = ArtifactSettings(profile="win10", now=NOW)
    (report,) = inspect_artifact(data, name="loose", settings=settings)
    assert rules_of(report.findings) == {"results-before-status"}


def test_results_of_another_command_may_come_first() -> None:
    other = replace(DONE, cmd_id="4", cmd_ref="6")
    assert second(DONE, VALUE, other) == ()


# --- msgref-mismatch


@pytest.mark.parametrize("written", ["2", "0", "01"])
def test_another_message_is_answered(written: str) -> None:
    wrong = replace(ALERT, msg_ref=written)
    place = "/SyncML/SyncBody/Status[2]/MsgRef"
    only(judged(HEADER, wrong, REPLACE), "msgref-mismatch", "error", place, written)


def test_no_reference_at_all() -> None:
    found = judged(HEADER, replace(ALERT, msg_ref=""), REPLACE)
    (one,) = found
    assert one.rule == "msgref-mismatch"
    assert one.places[0].where["xpath"].startswith("/SyncML/SyncBody/Status[2]")


def test_the_header_is_answered_at_once() -> None:
    story = Story("win10").enrolled()
    story.sync(FIRST, said(HEADER, ALERT, REPLACE, GET))
    found = story.sync(package("2", HEADER, DONE, VALUE), answer("2", "200", "1"))
    assert "msgref-mismatch" in rules_of(found.findings)


def test_an_answer_to_an_earlier_message_may_come_late() -> None:
    late = replace(REPLACE, cmd_id="9", msg_ref="1")
    assert second(DONE, VALUE, told=(late,)) == ()
