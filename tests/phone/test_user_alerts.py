"""Alerts 1100 to 1104: what the user answers, by the words of DMPRO 10."""

from __future__ import annotations

import pytest

from mdmcore.phone.settings import UserAnswer, UserReaction
from mdmcore.phone.user_alerts import USER_ALERTS, ask_user
from mdmcore.syncml.model import Alert, Item
from tests.phone.dm_script import (
    GET_SWV,
    LAST,
    Received,
    accepted,
    get,
    reply,
    script,
    server_cred,
)
from tests.phone.session_script import phone_as, talk

REJECT = UserAnswer(reaction=UserReaction.REJECT)
CANCEL = UserAnswer(reaction=UserReaction.CANCEL)
IGNORE = UserAnswer(reaction=UserReaction.IGNORE)


def shown(code: str, *choices: str, options: str = "MINDT=10") -> Alert:
    texts = (options, "Management in progress", *choices)
    return Alert(cmd_id="4", code=code, items=tuple(Item(data=text) for text in texts))


ASKED = [
    (shown("1100"), UserAnswer(), 200, []),
    (shown("1100"), CANCEL, 214, []),
    (shown("1100"), REJECT, 214, []),
    (shown("1100"), IGNORE, 200, []),
    (shown("1101"), UserAnswer(), 200, []),
    (shown("1101"), REJECT, 304, []),
    (shown("1101"), CANCEL, 214, []),
    (shown("1101"), IGNORE, 408, []),
    (shown("1101", options="MAXDT=5&DR=1"), IGNORE, 200, []),
    (shown("1101", options="MAXDT=5&DR=0"), IGNORE, 304, []),
    (shown("1102"), UserAnswer(text="a name"), 200, ["a name"]),
    (shown("1102", options="MAXLEN=6"), UserAnswer(text="a name"), 200, ["a name"]),
    (shown("1102", options="MAXLEN=5"), UserAnswer(text="a name"), 416, []),
    (shown("1102", options="MAXLEN=x"), UserAnswer(text="a name"), 200, ["a name"]),
    (shown("1102"), REJECT, 214, []),
    (shown("1102"), IGNORE, 408, []),
    (shown("1102", options="MAXDT=5&DR=John+Doe"), IGNORE, 200, ["John Doe"]),
    (shown("1103", "a", "b", "c"), UserAnswer(choices=(2,)), 200, ["2"]),
    (shown("1103", "a", "b", "c"), UserAnswer(choices=(2, 3)), 200, ["2"]),
    (shown("1103", "a", "b"), UserAnswer(choices=(3,)), 214, []),
    (shown("1103", "a", options="DR=1"), IGNORE, 200, ["1"]),
    (shown("1103", "a", options="DR=9"), IGNORE, 408, []),
    (shown("1104", "a", "b", "c"), UserAnswer(choices=(1, 3, 7)), 200, ["1", "3"]),
    (shown("1104", "a", "b", "c", options="DR=2-3"), IGNORE, 200, ["2", "3"]),
    (shown("1104", "a", "b", "c"), UserAnswer(choices=()), 214, []),
    (shown("1103"), UserAnswer(), 412, []),
    (shown("1104"), UserAnswer(), 412, []),
    (Alert(cmd_id="4", code="1100"), UserAnswer(), 412, []),
    (Alert(cmd_id="4", code="1100", items=(Item(), Item())), UserAnswer(), 412, []),
]


@pytest.mark.parametrize(("alert", "user", "code", "data"), ASKED)
def test_what_the_user_makes_of_it(
    alert: Alert, user: UserAnswer, code: int, data: list[str]
) -> None:
    found, items = ask_user(alert, user)
    assert (found, [item.data for item in items]) == (code, data)


def test_there_are_five_kinds() -> None:
    assert {str(code) for code in range(1100, 1105)} == USER_ALERTS


# --- in a session -------------------------------------------------------------------------------

CONFIRM = (
    "<Alert><CmdID>21</CmdID><Data>1101</Data><Item><Data>MINDT=10</Data></Item>"
    "<Item><Data>Install?</Data></Item></Alert>"
)
INPUT = CONFIRM.replace("1101", "1102")


def answered(body: str, user: UserAnswer | None) -> Received:
    server = script(reply(accepted() + body, cred=server_cred()), LAST)
    talk(server, phone_as("wp81", user_answer=user))
    return server.received[1]


def sequence(*commands: str) -> str:
    return f"<Sequence><CmdID>20</CmdID>{''.join(commands)}</Sequence>"


def atomic(*commands: str) -> str:
    return f"<Atomic><CmdID>20</CmdID>{''.join(commands)}</Atomic>"


@pytest.mark.parametrize("code", sorted(USER_ALERTS))
def test_a_device_that_shows_nothing_answers_406(code: str) -> None:
    assert answered(CONFIRM.replace("1101", code), None).statuses()[1] == ("Alert", "21", "406")


def test_no_leaves_out_the_rest_of_the_sequence_alone() -> None:
    received = answered(sequence(CONFIRM, GET_SWV) + get("5", "./DevInfo/Man"), REJECT)
    assert received.statuses()[1:] == [
        ("Sequence", "20", "200"),
        ("Alert", "21", "304"),
        ("Get", "4", "215"),
        ("Get", "5", "200"),
    ]
    assert list(received.results()) == ["./DevInfo/Man"]


def test_a_cancelled_alert_leaves_out_all_that_follows() -> None:
    received = answered(sequence(CONFIRM, GET_SWV) + get("5", "./DevInfo/Man"), CANCEL)
    assert [code for _, _, code in received.statuses()[1:]] == ["200", "214", "215", "215"]
    assert received.results() == {}


def test_yes_goes_on() -> None:
    received = answered(sequence(CONFIRM, GET_SWV), UserAnswer())
    assert [code for _, _, code in received.statuses()[1:]] == ["200", "200", "200"]


def test_no_undoes_an_atomic() -> None:
    received = answered(atomic(get("4", "./DevInfo/Man"), CONFIRM, get("5", "./DevInfo")), REJECT)
    assert [code for _, _, code in received.statuses()[1:]] == ["507", "216", "304", "215"]


def test_what_was_typed_stands_in_the_status() -> None:
    received = answered(INPUT, UserAnswer(text="Gerät & <x>"))
    (item,) = received.root.iterfind(".//{*}Status/{*}Item")
    assert item.findtext("{*}Data") == "Gerät & <x>"
