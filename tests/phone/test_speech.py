"""What is said when: who closes first, who waits, and the last words."""

from __future__ import annotations

from mdmcore.phone.conversation import Session, header_answer
from mdmcore.phone.speech import Speech
from mdmcore.records import AuthScheme
from mdmcore.syncml.model import Alert, AnyCommand, Command, Item, Results, Status
from tests.phone.scripted import settings

FIRST = header_answer(
    Session(session_id="1", url="u", scheme=AuthScheme.MD5, sends_cred=False), 212, None
)
PACKAGE = (Alert(cmd_id="", code="1201"), Command(name="Replace", cmd_id=""))
DONE = Status(cmd_id="", msg_ref="1", cmd_ref="4", cmd="Get", data="200")
FOUND = Results(cmd_id="", cmd_ref="4", items=(Item(source="./x", data="1"),))
XML = "application/vnd.syncml.dm+xml"


def speech(**changes: object) -> Speech:
    return Speech(settings(profile="win10", **changes), XML, lambda commands: 100 * len(commands))


def said(commands: tuple[AnyCommand, ...]) -> list[tuple[str, str, str]]:
    return [(one.name, one.cmd_id, one.code if isinstance(one, Alert) else "") for one in commands]


def test_package_1_is_closed_and_begins_at_2() -> None:
    talk = speech()
    talk.begin(PACKAGE)
    assert said(talk.next_commands()) == [("Alert", "2", "1201"), ("Replace", "3", "")]
    assert talk.is_final


def test_behind_a_challenge_its_answer_comes_first() -> None:
    talk = speech()
    talk.begin(PACKAGE)
    talk.begin(PACKAGE, FIRST)
    assert [one.name for one in talk.next_commands()] == ["Status", "Alert", "Replace"]
    assert talk.is_final


def test_an_open_package_of_the_server_is_asked_for() -> None:
    talk = speech()
    talk.answer(FIRST, (DONE, FOUND), is_closed=False, may_wait=False)
    assert said(talk.next_commands()) == [
        ("Status", "1", ""),
        ("Status", "2", ""),
        ("Results", "3", ""),
        ("Alert", "4", "1222"),
    ]
    assert (talk.is_whole, talk.is_final) == (True, False)


def test_what_has_no_room_follows_and_is_closed_last() -> None:
    talk = speech(max_message_bytes=2048)
    talk.answer(FIRST, (DONE,) * 20, is_closed=True, may_wait=False)
    first = talk.next_commands()
    assert (talk.is_whole, talk.is_final) == (False, False)
    talk.go_on(FIRST)
    second = talk.next_commands()
    assert len(first) + len(second) == 22
    assert talk.is_final


def test_who_may_not_wait_does_not() -> None:
    for may_wait, waits in ((True, 2), (False, 0)):
        talk = speech(pending_messages=2)
        talk.answer(FIRST, (DONE,), is_closed=True, may_wait=may_wait)
        for _ in range(waits):
            assert said(talk.next_commands())[-1] == ("Alert", "2", "1224")
            assert not talk.is_final
        assert said(talk.next_commands())[-1] == ("Status", "2", "")
        assert talk.is_final


def test_the_last_words_are_statuses_and_the_abort() -> None:
    talk = speech()
    talk.answer(FIRST, (DONE, FOUND), is_closed=False, may_wait=False)
    assert said(talk.last_words()) == [
        ("Status", "1", ""),
        ("Status", "2", ""),
        ("Alert", "3", "1223"),
    ]
