"""Packages 1 and 3 of the phone, several messages, abort, lost connections (ets.md 2)."""

from __future__ import annotations

import pytest

from mdmcore.http import Request, Response
from mdmcore.phone import EnrolledPhone, NoAnswer, Refusal, run, sync
from tests.ets import text as t
from tests.ets.scripted import (
    LAST,
    NEXT_NONCE,
    PROFILES,
    Script,
    Turn,
    ask,
    device_digest,
    enrolled,
    first,
    hold,
    server_cred,
    turn,
)
from tests.ets.text import Message
from tests.support.ets import PHONE
from tests.support.server import FixedClock, counted_random

ets = pytest.mark.ets

SWV, HWV, FWV = "./DevDetail/SwV", "./DevDetail/HwV", "./DevDetail/FwV"
LEAVES = [f"./DevInfo/{leaf}" for leaf in ("DevId", "Man", "Mod", "DmV", "Lang")]


def dev_info(message: Message) -> dict[str, str]:
    """Source and Data of each item of the Replace; no item may have a Target."""
    (replace,) = [e for e in message.commands if t.local(e) == "Replace"]
    assert replace.find(".//{*}Target") is None
    return {
        t.text(item, "Source/LocURI"): t.text(item, "Data") for item in replace.iterfind("{*}Item")
    }


@ets("DMC-010", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_package_1_has_alert_dev_info_and_final(profile: str) -> None:
    (opening, *_), _ = hold(first(t.get("g", SWV)), LAST, profile=profile)
    assert opening.alerts[0] == "1201"
    assert opening.names[-2:] == ["Replace", "Final"]
    found = dev_info(opening)
    assert set(LEAVES) <= set(found)
    assert all(found[leaf] for leaf in LEAVES)
    assert found["./DevInfo/DevId"] == opening.header("Source/LocURI")


@ets("DMC-011", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_the_phone_starts_with_1201(profile: str) -> None:
    (opening, *_), _ = hold(first(t.get("g", SWV)), LAST, profile=profile)
    assert "1201" in opening.alerts
    assert "1200" not in opening.alerts


@ets("DMC-012", PHONE)
@pytest.mark.parametrize("code", ["401", "407"])
def test_dev_info_comes_again_after_a_challenge(code: str) -> None:
    challenge = turn(code=code, chal=t.chal(b"challenge number"))
    said, _ = hold(challenge, first(t.get("g", SWV)), LAST)
    assert set(LEAVES) <= set(dev_info(said[0]))
    assert dev_info(said[0]) == dev_info(said[1])
    assert "1201" in said[1].alerts


@ets("DMC-015", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_package_3_answers_the_header_and_every_command_in_order(profile: str) -> None:
    commands = t.get("g1", SWV) + t.get("g2", "./Nowhere") + t.replace("r3", "./DevInfo/Man", "X")
    told = ask(commands, t.get("g4", HWV), profile=profile)
    assert [one.cmd_ref for one in told.statuses] == ["0", "g1", "g2", "r3", "g4"]
    assert [one.cmd for one in told.statuses] == ["SyncHdr", "Get", "Get", "Replace", "Get"]
    assert told.names[0] == "Status"
    assert set(told.values) == {SWV, HWV}
    seen: set[str] = set()
    for element in told.body:
        if t.local(element) == "Status":
            seen.add(t.text(element, "CmdRef"))
        elif t.local(element) == "Results":
            assert t.text(element, "CmdRef") in seen, "Results before their Status"


@ets("DMX-018", PHONE)
def test_a_package_of_the_server_in_three_messages() -> None:
    said, _ = hold(
        first(t.get("a", SWV), final=False),
        turn(t.get("b", HWV), final=False),
        turn(t.get("c", FWV)),
        LAST,
    )
    assert [message.is_final for message in said] == [True, False, False, True]
    assert [message.alerts for message in said[1:]] == [["1222"], ["1222"], []]
    assert [set(message.values) for message in said[1:]] == [{SWV}, {HWV}, {FWV}]


@ets("DMC-020", PHONE)
def test_1222_gets_a_status() -> None:
    asking = first(t.get("a", SWV) + t.alert("n", "1222"), final=False)
    said, _ = hold(asking, turn(t.get("b", HWV)), LAST)
    assert said[1].code("n") == "200"
    assert said[1].code("a") == "200"


@ets("DMX-024", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_the_phone_is_silent_after_an_abort(profile: str) -> None:
    said, outcome = hold(first(t.alert("x", "1223")), profile=profile)
    assert len(said) == 1
    assert outcome.is_aborted


@ets("DMX-024", PHONE)
def test_an_abort_later_on_ends_it_too() -> None:
    said, outcome = hold(first(t.get("g", SWV)), turn(t.alert("x", "1223") + t.get("h", HWV)))
    assert len(said) == 2
    assert outcome.is_aborted


def broken_at(number: int, *turns: Turn) -> tuple[Script, EnrolledPhone]:
    """A session whose connection breaks at that message; the phone as it is then."""
    script = Script(turns)

    def answer(request: Request) -> Response:
        if len(script.requests) >= number - 1:
            script.received.append(Message(request.body or b""))
            raise NoAnswer("connection reset")
        return script(request)

    with pytest.raises(Refusal) as caught:
        run(sync(enrolled(), random=counted_random(), clock=FixedClock()), answer)
    phone = caught.value.phone
    assert isinstance(phone, EnrolledPhone)
    return script, phone


@ets("DMX-025", PHONE)
def test_after_a_lost_first_answer_the_old_nonces_hold() -> None:
    _, phone = broken_at(1)
    said, _ = hold(first(t.get("g", SWV)), LAST, phone=phone)
    assert said[0].header("Cred/Data") == device_digest()
    assert said[0].header("SessionID") == "2"


@ets("DMX-025", PHONE)
def test_after_a_lost_second_answer_the_new_nonces_hold() -> None:
    script, phone = broken_at(2, first(t.get("g", SWV)))
    handed_out = script.received[-1].next_nonce
    assert handed_out
    said, _ = hold(first(t.get("g", SWV), cred=server_cred(handed_out)), LAST, phone=phone)
    assert said[0].header("Cred/Data") == device_digest(NEXT_NONCE)
    assert said[1].header_code == "212"


@ets("DMX-026", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_the_next_message_goes_to_resp_uri(profile: str) -> None:
    uri = "https://mdm.example.test/session/77?a=b"
    script = Script(
        (first(t.get("g", SWV), header=f"<RespURI>{uri.replace('&', '&amp;')}</RespURI>"), LAST)
    )
    run(sync(enrolled(profile), random=counted_random(), clock=FixedClock()), script)
    assert [request.url for request in script.requests] == ["https://mdm.example.test/omadm", uri]


@ets("DMX-026", PHONE)
def test_a_challenged_phone_goes_to_resp_uri_too() -> None:
    uri = "https://mdm.example.test/again"
    challenge = turn(
        code="401", chal=t.chal(b"challenge number"), header=f"<RespURI>{uri}</RespURI>"
    )
    script = Script((challenge, first(t.get("g", SWV)), LAST))
    run(sync(enrolled(), random=counted_random(), clock=FixedClock()), script)
    assert script.requests[1].url == uri
