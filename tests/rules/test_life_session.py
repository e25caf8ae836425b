"""Rules on sessions that more than one message must be seen for: each speaks, and stays silent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.syncml.model import Command, Item, Meta, Status, SyncML
from tests.support.commands import command
from tests.support.lives import chunk
from tests.support.story import (
    Story,
    answer,
    device_cred,
    header_status,
    package,
    package1,
    rules_of,
)

URI = "./Vendor/MSFT/WiFi/Profile/Net/WlanXml"
N1, N2 = b"1" * 16, b"2" * 16


def begun(profile: str = "win10", *commands: Command) -> Story:
    story = Story(profile).enrolled()
    story.sync(package1(cred=device_cred()), answer("2", "212", "1", *commands, next_nonce=N1))
    return story


def status(cmd_ref: str, code: str = "200", cmd: str = "Get", msg_ref: str = "2") -> Status:
    return Status(cmd_id=f"3{cmd_ref}", msg_ref=msg_ref, cmd_ref=cmd_ref, cmd=cmd, data=code)


def part(data: str, *, more: bool, size: str | None = None, cmd_id: str = "9") -> Command:
    meta = Meta(format="chr", size=size)
    item = Item(target=URI, meta=meta, data=data, more_data=more)
    return Command(name="Add", cmd_id=cmd_id, items=(item,))


# --- sessionid-parsed-as-int


@pytest.mark.parametrize(("session_id", "speaks"), [("0", True), ("1A", True), ("12", False)])
def test_a_session_id_that_is_no_number(session_id: str, speaks: bool) -> None:
    asked = package1(session_id=session_id, cred=device_cred())
    found = Story("wp8").enrolled().sync(asked, b"error", status=500)
    assert ("sessionid-parsed-as-int" in rules_of(found.findings)) is speaks


# --- commands-before-previous-answered


def test_new_commands_while_others_are_open() -> None:
    one, two = (
        command("Get", "./DevInfo/Man", cmd_id="5"),
        command("Get", "./DevInfo/Mod", cmd_id="6"),
    )
    new = command("Get", "./DevDetail/SwV", cmd_id="7")
    for told, speaks in (((status("5"),), True), ((status("5"), status("6")), False)):
        story = begun("win10", one, two)
        found = story.sync(
            package("2", header_status("200", "2"), *told), answer("3", "200", "2", new)
        )
        assert ("commands-before-previous-answered" in rules_of(found.findings)) is speaks


# --- replay-not-idempotent


def test_a_message_that_comes_again() -> None:
    asked = package1(cred=device_cred())
    first = answer("2", "212", "1", command("Get", "./DevInfo/Man"), next_nonce=N1)
    other = answer("2", "212", "1", command("Get", "./DevInfo/Man"), next_nonce=N2)
    for again, speaks in ((first, False), (other, True)):
        story = Story("wp8").enrolled()
        story.sync(asked, first)
        found = story.sync(asked, again)
        assert ("replay-not-idempotent" in rules_of(found.findings)) is speaks


# --- large objects


@pytest.mark.parametrize(
    ("profile", "speaks"), [("wp8", True), ("wp81", True), ("win81", True), ("win10", False)]
)
def test_chunks_for_a_phone(profile: str, speaks: bool) -> None:
    asked, sent = package1(cred=device_cred()), part("abc", more=True, size="6")
    found = Story(profile).enrolled().sync(asked, unfinished(answer("2", "212", "1", sent)))
    assert ("large-object-on-phone" in rules_of(found.findings)) is speaks


def unfinished(message: SyncML) -> SyncML:
    return SyncML(header=message.header, commands=message.commands, is_final=False)


def test_a_first_chunk_without_its_size() -> None:
    for size, speaks in ((None, True), ("6", False)):
        found = (
            Story("win10")
            .enrolled()
            .sync(
                package1(cred=device_cred()),
                unfinished(answer("2", "212", "1", part("abc", more=True, size=size))),
            )
        )
        assert ("moredata-missing-size" in rules_of(found.findings)) is speaks


def downloading(size: str = "6") -> Story:
    story = Story("win10").enrolled()
    story.sync(
        package1(cred=device_cred()),
        unfinished(answer("2", "212", "1", part("abc", more=True, size=size))),
    )
    return story


BUFFERED = package("2", header_status("200", "2"), status("9", "213", "Add"))


@pytest.mark.parametrize(("size", "speaks"), [("6", False), ("7", True)])
def test_the_chunks_do_not_add_up(size: str, speaks: bool) -> None:
    found = downloading(size).sync(BUFFERED, answer("3", "200", "2", part("def", more=False)))
    rules = rules_of(found.findings)
    assert ("moredata-size-mismatch" in rules) is speaks
    assert "moredata-missing-size" not in rules
    assert "moredata-interleaved-chunk" not in rules


def test_another_command_between_chunks() -> None:
    found = downloading().sync(BUFFERED, answer("3", "200", "2", command("Get", "./DevInfo/Man")))
    assert "moredata-interleaved-chunk" in rules_of(found.findings)


@pytest.mark.parametrize(
    ("code", "cmd_ref", "msg_ref", "speaks"),
    [
        ("411", "9", "2", False),
        ("424", "9", "2", False),
        ("213", "9", "2", True),
        ("411", "8", "2", True),
        ("411", "9", "1", True),
    ],
)
def test_nothing_comes_between_the_chunks_of_an_object_that_was_refused(
    code: str, cmd_ref: str, msg_ref: str, speaks: bool
) -> None:
    story = downloading()
    told = package("2", header_status("200", "2"), status(cmd_ref, code, "Add", msg_ref))
    found = story.sync(told, answer("3", "200", "2", command("Get", "./DevInfo/Man")))
    assert ("moredata-interleaved-chunk" in rules_of(found.findings)) is speaks


def test_an_object_that_was_refused_does_not_count_any_more() -> None:
    story = downloading()
    told = package("2", header_status("200", "2"), status("9", "411", "Add"))
    story.sync(told, answer("3", "200", "2", command("Get", "./DevInfo/Man")))
    later = package("3", header_status("200", "3"), status("5", msg_ref="3"))
    found = story.sync(later, answer("4", "200", "3", part("abcdefg", more=False)))
    assert "moredata-size-mismatch" not in rules_of(found.findings)


@pytest.mark.parametrize(("last", "speaks"), [("def", False), ("defg", True)])
def test_a_device_whose_chunks_do_not_add_up(last: str, speaks: bool) -> None:
    story = begun("win10", command("Get", URI, cmd_id="4"))
    story.sync(
        unfinished(
            package(
                "2", header_status("200", "2"), status("4"), chunk(URI, "abc", more=True, size="6")
            )
        ),
        unfinished(answer("3", "200", "2")),
    )
    found = story.sync(
        package("3", header_status("200", "3"), chunk(URI, last, more=False)),
        answer("4", "200", "3"),
    )
    rules = rules_of(found.findings)
    assert ("moredata-size-mismatch" in rules) is speaks
    assert found.findings == () or found.findings[0].places[0].where["part"] == "request"


# --- dm11-fallback-seen, first-session-never-completed


def as_11(message: SyncML) -> SyncML:
    header = replace(message.header, ver_dtd="1.1", ver_proto="DM/1.1")
    return replace(message, header=header, namespace="SYNCML:SYNCML1.1")


def test_a_device_that_falls_back() -> None:
    for first, speaks in ((b"<html/>", True), (None, False)):
        story = Story("wp8").enrolled()
        asked = package1(cred=device_cred())
        story.sync(asked, answer("2", "212") if first is None else first)
        found = story.sync(as_11(asked), answer("2", "212"))
        assert ("dm11-fallback-seen" in rules_of(found.findings)) is speaks


def test_sessions_that_never_end() -> None:
    for is_answered, expected in ((False, [False, False, True, False]), (True, [False] * 4)):
        story = Story("wp8").enrolled()
        found = []
        for number in "1234":
            asked = package1(session_id=number, cred=device_cred())
            back = answer("2", "212", session_id=number) if is_answered else b"nonsense"
            found.append(
                "first-session-never-completed" in rules_of(story.sync(asked, back).findings)
            )
        assert found == expected
