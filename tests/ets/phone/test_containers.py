"""Sequence, Atomic, several items, and what is no command (ets.md 4, role C), at the phone."""

from __future__ import annotations

import pytest

from mdmcore.http import Request, Response
from mdmcore.phone import EnrolledPhone, SessionOutcome, run, sync
from mdmcore.phone.settings import UserAnswer, UserReaction
from tests.ets import text as t
from tests.ets.scripted import LAST, PROFILES, ask, enrolled, first, hold, then, turn
from tests.ets.text import Message
from tests.support.ets import PHONE
from tests.support.server import FixedClock, counted_random

ets = pytest.mark.ets

SWV = "./DevDetail/SwV"
CLIENT = "./Vendor/MSFT/DMClient/Provider/ExampleMDM"
DMID = f"{CLIENT}/EntDMID"
LOCK = "./Vendor/MSFT/DeviceLock/Provider"
LENGTH = f"{LOCK}/ExampleMDM/MinDevicePasswordLength"
ACCOUNT = "./Vendor/MSFT/ActiveSync/Accounts/%7B11111111-1111-4111-8111-111111111111%7D"


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


@ets("DMC-218", PHONE)
def test_commands_of_several_packages_see_each_others_work() -> None:
    said, _ = hold(
        first(t.add("5", LENGTH, "6", "int")),
        turn(t.replace("5", LENGTH, "8", "int")),
        turn(t.get("5", LENGTH)),
        LAST,
    )
    assert said[3].values == {LENGTH: "8"}
