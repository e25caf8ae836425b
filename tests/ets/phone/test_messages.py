"""Messages of the phone and what it accepts in the server's (ets.md 2), with scripted turns."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from mdmcore.phone import Refusal, run, sync
from tests.ets import text as t
from tests.ets.scripted import LAST, PROFILES, Script, Turn, ask, enrolled, first, hold, turn
from tests.ets.server.test_messages import assert_order
from tests.support.ets import PHONE
from tests.support.server import FixedClock, counted_random

ets = pytest.mark.ets

SWV = "./DevDetail/SwV"
WORK = (
    t.get("g1", SWV)
    + t.get("g2", "./DevDetail")
    + t.replace("r", "./DevInfo/Man", "X")
    + t.sequence("s", t.get("s1", SWV), t.get("s2", "./Nowhere"))
    + t.atomic("a", t.replace("a1", "./Nowhere", "1"))
)


@ets("DMX-001", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_the_phones_messages_are_in_the_order_of_the_dtd(profile: str) -> None:
    said, _ = hold(first(WORK), LAST, profile=profile)
    for message in said:
        assert message.root.tag == "{SYNCML:SYNCML1.2}SyncML"
        assert [t.local(element) for element in message.root] == ["SyncHdr", "SyncBody"]
        assert_order(message)


@ets("DMX-001", PHONE)
def test_a_declaration_a_prefix_and_blanks_are_read() -> None:
    def rewritten(received: t.Message, request: object) -> object:
        response = first(t.get("g", SWV))(received, request)  # type: ignore[arg-type]
        root = ET.fromstring(response.body or b"")
        ET.indent(root)
        body = ET.tostring(root, encoding="utf-8", xml_declaration=True)
        headers = response.headers.replaced("Content-Length", str(len(body)))
        return replace(response, body=body, headers=headers)

    said, _ = hold(rewritten, LAST)  # type: ignore[arg-type]
    assert said[1].code("g") == "200"


@ets("DMX-005", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_every_message_names_version_1_2(profile: str) -> None:
    said, _ = hold(first(t.get("g", SWV)), LAST, profile=profile)
    for message in said:
        assert (message.header("VerDTD"), message.header("VerProto")) == ("1.2", "DM/1.2")


@ets("DMX-006", PHONE)
@pytest.mark.parametrize("before", [0, 9, 25, 254, 65534])
def test_the_session_id_is_one_text_of_at_most_4_characters(before: int) -> None:
    phone = replace(enrolled(), sessions=before)
    said, outcome = hold(first(t.get("g", SWV)), turn(t.get("h", SWV)), LAST, phone=phone)
    ids = {message.header("SessionID") for message in said}
    assert len(ids) == 1
    assert 1 <= len(ids.pop()) <= 4
    assert outcome.phone.sessions == before + 1


@ets("DMX-006", PHONE)
@pytest.mark.parametrize("wrong", ["01", "2", "I"])
def test_another_text_is_another_session(wrong: str) -> None:
    def other(received: t.Message, request: object) -> object:
        response = first(t.get("g", SWV))(received, request)  # type: ignore[arg-type]
        old, new = b"<SessionID>1<", f"<SessionID>{wrong}<".encode()
        body = (response.body or b"").replace(old, new)
        assert new in body
        headers = response.headers.replaced("Content-Length", str(len(body)))
        return replace(response, body=body, headers=headers)

    with pytest.raises(Refusal, match="SessionID"):
        talk(other, LAST, LAST)  # type: ignore[arg-type]


def talk(*turns: Turn) -> Script:
    """Plays turns, not necessarily all of them."""
    script = Script(turns)
    run(sync(enrolled(), random=counted_random(), clock=FixedClock()), script)
    return script


@ets("DMX-007", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("ids", [("2", "3", "4"), ("1", "2", "3"), ("2", "5", "9")])
def test_the_phone_counts_and_takes_either_way_of_counting(
    profile: str, ids: tuple[str, str, str]
) -> None:
    said, _ = hold(
        first(t.get("g", SWV), msg_id=ids[0]),
        turn(t.get("h", SWV), msg_id=ids[1]),
        turn(msg_id=ids[2]),
        profile=profile,
    )
    assert [message.msg_id for message in said] == ["1", "2", "3"]
    assert {one.msg_ref for one in said[1].statuses} == {ids[0]}
    assert {one.msg_ref for one in said[2].statuses} == {ids[1]}


@ets("DMX-007", PHONE)
@pytest.mark.parametrize("repeated", ["2", "1"])
def test_a_repeated_or_lower_id_of_the_server_is_refused(repeated: str) -> None:
    script = Script((first(t.get("g", SWV)), turn(msg_id=repeated), turn(msg_id=repeated)))
    with pytest.raises(Refusal, match="MsgID"):
        run(sync(enrolled(), random=counted_random(), clock=FixedClock()), script)
    assert script.requests[1].body == script.requests[-1].body, "sent once more, unchanged"


@ets("DMX-008", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_the_phones_command_ids_are_unique_and_never_0(profile: str) -> None:
    said, _ = hold(first(WORK), LAST, profile=profile)
    for message in said:
        ids = [element.text for element in message.root.iter("{SYNCML:SYNCML1.2}CmdID")]
        assert len(ids) == len(set(ids))
        assert "0" not in ids
        assert all(ids)


@ets("DMX-008", PHONE)
@pytest.mark.parametrize("cmd_id", ["144-1", "5D9A6B2C-0F42-4E08-9C56-1B2D6B8F3A11", "a b", "ä"])
def test_command_ids_of_any_text_are_answered(cmd_id: str) -> None:
    told = ask(t.get(cmd_id, SWV))
    assert told.code(cmd_id) == "200"
    (results,) = [element for element in told.body if t.local(element) == "Results"]
    assert t.text(results, "CmdRef") == cmd_id
