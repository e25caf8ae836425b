"""Rules on how packages end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.syncml.model import Alert, Command, Item, Meta, SyncML
from mdmcore.syncml.xml import serialize_syncml
from tests.support.story import (
    GET,
    Story,
    answer,
    device_cred,
    header_status,
    package,
    package1,
    rules_of,
)

FIRST = package1(cred=device_cred())
UNFINISHED = replace(FIRST, is_final=False)
NEXT = Alert(cmd_id="9", code="1222")
ABORT = Alert(cmd_id="9", code="1223")
CHUNK = Command(
    name="Add",
    cmd_id="6",
    items=(Item(target="./X", meta=Meta(format="chr", size="4"), data="ab", more_data=True),),
)


def enrolled() -> Story:
    return Story("win10").enrolled()


def opened(message: SyncML) -> SyncML:
    return replace(message, is_final=False)


def right(*commands: Alert | Command) -> SyncML:
    return answer("1", "212", "1", *commands)


# --- missing-final


@pytest.mark.parametrize("said", [right(GET), opened(right(CHUNK))])
def test_packages_that_end_or_go_on(said: SyncML) -> None:
    assert enrolled().sync(FIRST, said).findings == ()


def test_no_final_and_nothing_to_come() -> None:
    (found,) = enrolled().sync(FIRST, opened(right(GET))).findings
    assert (found.rule, found.severity) == ("missing-final", "error")
    assert found.places[0].where == {"part": "response", "xpath": "/SyncML/SyncBody"}
    assert found.places[0].evidence.endswith(" Get")


@pytest.mark.parametrize(("limit", "speaks"), [("500000", True), ("1600", False)])
def test_a_full_message_may_go_on_in_the_next(limit: str, speaks: bool) -> None:
    said = opened(right(GET))
    assert 800 < len(serialize_syncml(said)) < 1600
    asked = replace(FIRST, header=replace(FIRST.header, meta=Meta(max_msg_size=limit)))
    found = rules_of(enrolled().sync(asked, said).findings)
    assert ("missing-final" in found) is speaks


# --- final-in-next-message


@pytest.mark.parametrize(
    ("asked", "said", "word"),
    [(UNFINISHED, right(NEXT), "alert 1222"), (FIRST, right(CHUNK), "MoreData")],
)
def test_final_where_more_is_to_come(asked: SyncML, said: SyncML, word: str) -> None:
    (found,) = enrolled().sync(asked, said).findings
    assert (found.rule, found.severity) == ("final-in-next-message", "error")
    assert found.places[0].where == {"part": "response", "xpath": "/SyncML/SyncBody/Final"}
    assert found.places[0].evidence == "Final"
    assert word in found.message


# --- client-unfinished-not-continued


def test_an_unfinished_message_is_continued() -> None:
    assert enrolled().sync(UNFINISHED, opened(right(NEXT))).findings == ()


def test_an_unfinished_message_is_answered_with_commands() -> None:
    (found,) = enrolled().sync(UNFINISHED, opened(right(GET))).findings
    assert (found.rule, found.severity) == ("client-unfinished-not-continued", "error")
    assert found.places[0].where == {"part": "response", "xpath": "/SyncML/SyncBody/Get"}
    assert found.places[0].evidence == "Get"


def test_an_unfinished_message_is_answered_with_final() -> None:
    (found,) = enrolled().sync(UNFINISHED, right()).findings
    assert found.rule == "client-unfinished-not-continued"
    assert found.places[0].where == {"part": "response", "xpath": "/SyncML/SyncBody/Final"}


def test_the_server_may_abort_or_refuse_it() -> None:
    aborted = enrolled().sync(UNFINISHED, right(ABORT))
    assert "client-unfinished-not-continued" not in rules_of(aborted.findings)
    refused = enrolled().sync(UNFINISHED, answer("1", "407", next_nonce=b"0" * 16))
    assert "client-unfinished-not-continued" not in rules_of(refused.findings)


def test_keeping_alive_is_not_judged() -> None:
    item = Item(meta=Meta(type="Reversed-Domain-Name:com.microsoft.mdm.requestpending"), data="1")
    alive = package("2", header_status("212"), Alert(cmd_id="2", code="1224", items=(item,)))
    story = enrolled()
    story.sync(FIRST, right(GET))
    found = story.sync(opened(alive), answer("2", "200", "2"))
    assert "client-unfinished-not-continued" not in rules_of(found.findings)


def test_a_device_that_waits_for_the_rest_of_the_servers_package() -> None:
    story = enrolled()
    assert story.sync(FIRST, opened(right(GET, NEXT))).findings == ()
    waiting = package("2", header_status("212", "1"), replace(NEXT, cmd_id="4"))
    rest = answer("2", "200", "2", replace(GET, cmd_id="7"))
    found = story.sync(opened(waiting), rest)
    assert "client-unfinished-not-continued" not in rules_of(found.findings)


# --- session-abort-with-commands


def aborted(*commands: Command) -> set[str]:
    story = enrolled()
    story.sync(FIRST, right(GET))
    found = story.sync(
        package("2", header_status("212"), ABORT), answer("2", "200", "2", *commands)
    )
    for finding in found.findings:
        if finding.rule == "session-abort-with-commands":
            where = {"part": "response", "xpath": "/SyncML/SyncBody/Get"}
            assert (finding.severity, finding.places[0].where) == ("warning", where)
            assert finding.places[0].evidence == "Get"
    return rules_of(found.findings)


def test_an_abort_is_answered_with_statuses() -> None:
    assert aborted() == set()


def test_an_abort_is_answered_with_commands() -> None:
    assert aborted(GET) == {"session-abort-with-commands"}


# --- messages that had to be repaired


def test_an_answer_that_breaks_off_has_one_mistake() -> None:
    text = serialize_syncml(right(GET))
    for length in range(text.index(b"<SyncBody>") + 10, len(text), 7):
        found = rules_of(enrolled().sync(FIRST, text[:length]).findings)
        assert "xml-not-wellformed" in found
        assert not found & {"missing-final", "missing-command-status", "missing-cmdid"}
