"""Rules on the server's Status for the device's SyncHdr."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.inspector import ArtifactSettings, inspect_artifact
from mdmcore.syncml.model import Alert, Status, SyncML
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
ALERT = Status(cmd_id="20", msg_ref="1", cmd_ref="2", cmd="Alert", data="200")


def enrolled() -> Story:
    return Story("wp8").enrolled()


def server(*commands: Status) -> SyncML:
    """The server's message with these Statuses, then what else it always says."""
    right = answer("1", "212", "1", GET)
    others = tuple(c for c in right.commands if c != right.header_status and c not in commands)
    return replace(right, commands=(*commands, *others))


# --- missing-synchdr-status


def test_a_right_answer() -> None:
    assert enrolled().sync(FIRST, server(header_status("212"))).findings == ()


def test_no_status_for_the_header() -> None:
    (found,) = enrolled().sync(FIRST, server()).findings
    assert (found.rule, found.severity) == ("missing-synchdr-status", "error")
    assert found.places[0].where == {"part": "response", "xpath": "/SyncML/SyncBody"}
    assert found.places[0].evidence.endswith("Get")


def test_a_status_for_the_header_with_another_reference() -> None:
    wrong = replace(header_status("212"), cmd_ref="1")
    (found,) = enrolled().sync(FIRST, server(wrong)).findings
    assert found.rule == "missing-synchdr-status"
    assert found.places[0].where["xpath"].endswith("/CmdRef")
    assert found.places[0].evidence == "1"


def test_without_cmd_the_reference_tells() -> None:
    bare = replace(header_status("212"), cmd="")
    assert enrolled().sync(FIRST, server(bare)).findings == ()


def test_who_has_left_reads_no_status() -> None:
    story = enrolled()
    story.sync(FIRST, answer("1", "212", "1", GET))
    left = package("2", header_status("212"), Alert(cmd_id="2", code="1223"))
    found = story.sync(left, package("2", from_server=True))
    assert "missing-synchdr-status" not in rules_of(found.findings)


@pytest.mark.parametrize("encoding", ["xml", "wbxml"])
def test_a_loose_message_in_both_encodings(encoding: str) -> None:
    def found(message: SyncML) -> set[str]:
        data = serialize_syncml(message) if encoding == "xml" else encode_wbxml(message)
        settings = ArtifactSettings(profile="wp8", now=NOW)
        (report,) = inspect_artifact(data, name="loose", settings=settings)
        return rules_of(report.findings)

    assert found(server()) == {"missing-synchdr-status"}
    assert found(server(header_status("212"))) == set()
    assert found(FIRST) == set()


# --- synchdr-status-not-first


def test_another_status_before_it() -> None:
    right = server(header_status("212"))
    header = right.header_status
    assert header is not None
    others = tuple(command for command in right.commands if command is not header)
    late = replace(right, commands=(ALERT, header, *others[2:], *others[:2]))
    found = enrolled().sync(FIRST, late).findings
    assert "synchdr-status-not-first" in rules_of(found)
    one = next(f for f in found if f.rule == "synchdr-status-not-first")
    assert one.severity == "warning"
    assert one.places[0].where["part"] == "response"
    assert one.places[0].where["xpath"].startswith("/SyncML/SyncBody/Status[2]")
    assert one.places[0].evidence == "Alert 2"


def test_a_command_before_it_is_no_status() -> None:
    right = answer("1", "212", "1")
    moved = replace(right, commands=(GET, *right.commands))
    assert enrolled().sync(FIRST, moved).findings == ()
