"""What a device says of itself at the beginning, by generation, and its SessionIDs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.phone.conversation import session_id
from mdmcore.phone.first_package import generic_alert
from mdmcore.syncml.model import Item, Meta
from tests.phone.dm_script import (
    FIRST,
    LAST,
    NEXT_NONCE,
    Received,
    Turn,
    accepted,
    altered,
    chal,
    get,
    reply,
    script,
    server_cred,
)
from tests.phone.scripted import DEVICE_ID, settings
from tests.phone.session_script import alerts_of, phone_as, talk

NOTES = tuple(
    Item(meta=Meta(format="chr", type=f"com.example/{name}", mark="warning"), data=name)
    for name in ("one", "two")
)


def ids(received: Received) -> list[tuple[str, str | None]]:
    body = received.root.find("{*}SyncBody")
    assert body is not None
    return [(element.tag.rpartition("}")[2], element.findtext("{*}CmdID")) for element in body[:-1]]


@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_a_phone_says_that_it_is_there_and_what_it_is(profile: str) -> None:
    server = script(FIRST, LAST)
    talk(server, phone_as(profile))
    assert ids(server.received[0]) == [("Alert", "2"), ("Replace", "3")]


@pytest.mark.parametrize(("logged_in", "data"), [(True, "user"), (False, "none")])
@pytest.mark.parametrize("profile", ["win81", "win10"])
def test_a_pc_tells_who_is_logged_on(profile: str, logged_in: bool, data: str) -> None:
    server = script(FIRST, LAST)
    talk(server, phone_as(profile, is_user_logged_in=logged_in))
    assert ids(server.received[0]) == [("Alert", "2"), ("Alert", "3"), ("Replace", "4")]
    text = (server.requests[0].body or b"").decode()
    assert (
        '<Alert><CmdID>3</CmdID><Data>1224</Data><Item><Meta><Type xmlns="syncml:metinf">'
        f"com.microsoft/MDM/LoginStatus</Type></Meta><Data>{data}</Data></Item></Alert>" in text
    )


def test_generic_alerts_with_several_items() -> None:
    server = script(FIRST, LAST)
    talk(server, phone_as("wp81"), generic_alert(*NOTES), generic_alert(NOTES[0]))
    first = server.received[0]
    assert ids(first) == [("Alert", "2"), ("Alert", "3"), ("Alert", "4"), ("Replace", "5")]
    assert alerts_of(first) == ["1201", "1226", "1226"]
    text = (server.requests[0].body or b"").decode()
    assert text.count("com.example/one") == 2
    assert (
        '<Item><Meta><Format xmlns="syncml:metinf">chr</Format>'
        '<Type xmlns="syncml:metinf">com.example/two</Type>'
        '<Mark xmlns="syncml:metinf">warning</Mark></Meta><Data>two</Data></Item>' in text
    )
    assert "Correlator" not in text


def test_after_a_challenge_all_of_it_is_said_again() -> None:
    asks = reply(accepted("407", inner=chal(NEXT_NONCE)))
    server = script(asks, FIRST, LAST)
    phone = phone_as("win10", sends_cred_first=False)
    talk(server, phone, generic_alert(NOTES[0]))
    first, second, _third = server.received
    assert ids(second) == [
        ("Status", "1"),
        ("Alert", "2"),
        ("Alert", "3"),
        ("Alert", "4"),
        ("Replace", "5"),
    ]
    assert alerts_of(first) == alerts_of(second) == ["1201", "1224", "1226"]
    names = [
        [
            item.findtext("{*}Source/{*}LocURI")
            for item in received.root.iterfind(".//{*}Replace/{*}Item")
        ]
        for received in (first, second)
    ]
    assert names[0] == names[1]
    assert names[0] == [f"./DevInfo/{name}" for name in ("DevId", "Man", "Mod", "DmV", "Lang")]


@pytest.mark.parametrize(
    ("profile", "number", "text"),
    [
        ("wp8", 1, "1"),
        ("wp8", 26, "1A"),
        ("wp81", 0xFFFF, "FFFF"),
        ("wp81", 0x10000, "0"),
        ("win81", 26, "26"),
        ("win10", 9999, "9999"),
        ("win10", 10_000, "0"),
    ],
)
def test_session_ids(profile: str, number: int, text: str) -> None:
    assert session_id(number, settings(profile=profile)) == text


@pytest.mark.parametrize(("sessions", "text"), [(0, "0"), (1, "1"), (10, "10")])
def test_a_device_that_was_just_started_begins_with_session_0(sessions: int, text: str) -> None:
    server = script(FIRST, LAST)
    talk(server, replace(phone_as("win10", first_session=0), sessions=sessions))
    assert server.received[0].header("SessionID") == text


def test_the_session_id_is_one_text_for_the_whole_session() -> None:
    for profile, text in (("wp8", "FF"), ("win10", "255")):
        server = script(FIRST, LAST)
        talk(server, replace(phone_as(profile), sessions=254))
        assert {received.header("SessionID") for received in server.received} == {text}


@pytest.mark.parametrize(
    ("uses", "imei", "device_id"),
    [
        (True, "356938035643809", "356938035643809"),
        (True, "", DEVICE_ID),
        (False, "356938035643809", DEVICE_ID),
    ],
)
def test_the_hardware_id_stands_in_devid_and_source_together(
    uses: bool, imei: str, device_id: str
) -> None:
    phone = phone_as("wp81", imei=imei)
    phone = replace(phone, account=replace(phone.account, uses_hardware_id=uses))

    def to_it(turn: Turn) -> Turn:
        return altered(turn, f"<Target><LocURI>{DEVICE_ID}", f"<Target><LocURI>{device_id}")

    asks = reply(accepted() + get("4", "./DevInfo/DevId"), cred=server_cred())
    server = script(to_it(asks), to_it(LAST))
    talk(server, phone)
    first, second = server.received
    assert first.header("Source/LocURI") == second.header("Source/LocURI") == device_id
    told = first.root.find(".//{*}Replace/{*}Item/{*}Data")
    assert told is not None
    assert told.text == device_id
    assert second.results() == {"./DevInfo/DevId": device_id}
