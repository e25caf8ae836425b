"""Alerts that the server shows to the user (ets.md DMX-307): answered, or 406."""

from __future__ import annotations

import pytest

from mdmcore.phone.settings import UserAnswer, UserReaction
from tests.ets import text as t
from tests.ets.scripted import PROFILES, ask, enrolled
from tests.support.ets import PHONE

ets = pytest.mark.ets

SWV = "./DevDetail/SwV"


def shown(code: str, *choices: str, options: str = "MINDT=10") -> str:
    """A UI alert with CmdID 5."""
    return t.alert("5", code, *(t.item(data=text) for text in (options, "Well?", *choices)))


@ets("DMX-307", PHONE)
@pytest.mark.parametrize("code", ["1100", "1101", "1102", "1103", "1104"])
@pytest.mark.parametrize("profile", PROFILES)
def test_a_device_that_shows_none_says_406(code: str, profile: str) -> None:
    told = ask(shown(code, "one", "two"), t.get("6", SWV), profile=profile)
    assert told.code("5") == "406"
    assert told.code("6") == "200"


@ets("DMX-307", PHONE)
@pytest.mark.parametrize(
    ("alert", "reaction", "code", "items"),
    [
        (shown("1100"), UserReaction.CONFIRM, "200", []),
        (shown("1101"), UserReaction.CONFIRM, "200", []),
        (shown("1101"), UserReaction.REJECT, "304", []),
        (shown("1101"), UserReaction.CANCEL, "214", []),
        (shown("1102"), UserReaction.CONFIRM, "200", ["typed"]),
        (shown("1102"), UserReaction.CANCEL, "214", []),
        (shown("1103", "one", "two"), UserReaction.CONFIRM, "200", ["2"]),
        (shown("1104", "one", "two"), UserReaction.CONFIRM, "200", ["2"]),
        (shown("1104", "one", "two"), UserReaction.CANCEL, "214", []),
    ],
)
def test_what_the_user_does(
    alert: str, reaction: UserReaction, code: str, items: list[str]
) -> None:
    answer = UserAnswer(reaction=reaction, text="typed", choices=(2,))
    told = ask(alert, phone=enrolled("wp8", user_answer=answer))
    assert told.code("5") == code
    (status,) = [e for e in told.body.iterfind("{*}Status") if t.text(e, "CmdRef") == "5"]
    assert [t.text(item, "Data") for item in status.iterfind("{*}Item")] == items


@ets("DMX-307", PHONE)
def test_cancelling_skips_the_rest_of_a_sequence() -> None:
    answer = UserAnswer(reaction=UserReaction.CANCEL)
    told = ask(
        t.sequence("4", shown("1101"), t.get("6", SWV)),
        phone=enrolled("wp8", user_answer=answer),
    )
    assert (told.code("4"), told.code("5"), told.code("6")) == ("200", "214", "215")
