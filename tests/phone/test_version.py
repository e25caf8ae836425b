"""DM 1.1: as the account orders it, or as the second try of a first package that failed."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from mdmcore.http import Headers, Request, Response
from mdmcore.phone import EnrolledPhone, NoAnswer, Refusal, SessionOutcome, run, sync
from mdmcore.phone.dialogue import Dialogue
from mdmcore.phone.version import DM_11, DM_12
from tests.phone.dm_script import (
    FIRST,
    LAST,
    NEXT_NONCE,
    SYNCML_TYPE,
    DmScript,
    Turn,
    altered,
    digest,
    reply,
    status,
)
from tests.phone.scripted import (
    DEVICE_NONCE,
    DEVICE_SECRET,
    DEVICE_USER,
    answer,
    assert_refusal,
    enrolled,
    enrolled_with,
    with_status,
)
from tests.support.server import counted_random

FLAG = '<parm name="BACKCOMPATRETRYDISABLED"/>'


class OlderScript(DmScript):
    """Reads DM 1.1 as if it were 1.2, so that the other helpers understand it; ``versions`` are
    namespace, VerDTD and VerProto of each message."""

    def __init__(self, turns: tuple[Turn, ...]) -> None:
        super().__init__(turns)
        self.versions: list[tuple[str, str, str]] = []

    def __call__(self, request: Request) -> Response:
        body = (request.body or b"").decode()
        found = re.search(
            r'xmlns="(SYNCML:[^"]*)".*<VerDTD>(.*)</VerDTD><VerProto>(.*)</VerProto>', body
        )
        assert found is not None
        self.versions.append((found[1], found[2], found[3]))
        newer = body.replace("SYNCML:SYNCML1.1", "SYNCML:SYNCML1.2")
        return super().__call__(replace(request, body=newer.encode()))


def older(turn: Turn) -> Turn:
    """That answer as DM 1.1."""
    for new, old in (
        ("SYNCML:SYNCML1.2", "SYNCML:SYNCML1.1"),
        ("<VerDTD>1.2", "<VerDTD>1.1"),
        ("DM/1.2", "DM/1.1"),
    ):
        turn = altered(turn, new, old)
    return turn


V12 = ("SYNCML:SYNCML1.2", "1.2", "DM/1.2")
V11 = ("SYNCML:SYNCML1.1", "1.1", "DM/1.1")


def falling_back() -> EnrolledPhone:
    return enrolled_with((FLAG, ""))


def talk(phone: EnrolledPhone, *turns: Turn) -> tuple[OlderScript, SessionOutcome]:
    server = OlderScript(turns)
    return server, run(sync(phone, random=counted_random()), server)


def plain(body: str, code: int) -> Turn:
    return lambda _received: answer(body, "text/html", code)


FAILED = {
    "http 500": plain("sorry", 500),
    "http 404": plain("where", 404),
    "no syncml": plain("<html/>", 200),
    "broken": lambda _received: answer("<SyncML", SYNCML_TYPE),
    "505": reply(status("SyncHdr", "0", "505")),
    "513": reply(status("SyncHdr", "0", "513")),
    "answer in 1.1": older(FIRST),
}


@pytest.mark.parametrize("failed", list(FAILED.values()), ids=list(FAILED))
def test_a_first_package_that_fails_is_sent_as_1_1_once(failed: Turn) -> None:
    server, outcome = talk(falling_back(), failed, older(FIRST), older(LAST))
    assert server.versions == [V12, V11, V11]
    first, second, third = server.received
    assert (first.msg_id, second.msg_id, third.msg_id) == ("1", "1", "2")
    assert len({received.header("SessionID") for received in server.received}) == 1
    assert second.commands() == first.commands() == ["Alert", "Replace", "Final"]
    assert second.cred == first.cred == digest(DEVICE_USER, DEVICE_SECRET, DEVICE_NONCE)
    assert third.statuses() == [("SyncHdr", "0", "212"), ("Get", "4", "200")]
    assert outcome.phone.nonce_c2s == NEXT_NONCE


@pytest.mark.parametrize("failed", list(FAILED.values()), ids=list(FAILED))
def test_with_the_flag_there_is_no_second_try(failed: Turn) -> None:
    """WP-608: BACKCOMPATRETRYDISABLED."""
    server = OlderScript((failed,))
    with pytest.raises(Refusal):
        run(sync(enrolled(), random=counted_random()), server)
    assert server.versions == [V12]


def test_there_is_one_second_try() -> None:
    server = OlderScript((plain("", 500), plain("", 503)))
    with pytest.raises(Refusal) as caught:
        run(sync(falling_back(), random=counted_random()), server)
    assert_refusal(caught.value, "management", "status", "HTTP 503")
    assert server.versions == [V12, V11]


@pytest.mark.parametrize("code", [302, 401, 403, 407])
def test_a_web_servers_own_answer_is_no_reason(code: int) -> None:
    server = OlderScript((lambda received: with_status(code)(FIRST(received)),))
    with pytest.raises(Refusal):
        run(sync(falling_back(), random=counted_random()), server)
    assert server.versions == [V12]


def test_no_answer_is_no_reason() -> None:
    calls = 0

    def gone(_request: object) -> Response:
        nonlocal calls
        calls += 1
        raise NoAnswer("reset")

    with pytest.raises(Refusal, match="reset"):
        run(sync(falling_back(), random=counted_random()), gone)
    assert calls == 1


def test_a_challenge_is_no_reason_and_later_messages_neither() -> None:
    server = OlderScript((FIRST, plain("", 500)))
    with pytest.raises(Refusal, match="HTTP 500"):
        run(sync(falling_back(), random=counted_random()), server)
    assert server.versions == [V12, V12]


def test_the_report_of_an_unenrolment_is_never_sent_twice() -> None:
    server = OlderScript((plain("", 500),))
    with pytest.raises(Refusal, match="HTTP 500"):
        run(Dialogue(falling_back(), counted_random(), resends=False).say_alert(), server)
    assert server.versions == [V12]


def test_the_answer_to_1_1_must_be_1_1() -> None:
    server = OlderScript((plain("", 500), FIRST))
    with pytest.raises(Refusal) as caught:
        run(sync(falling_back(), random=counted_random()), server)
    assert_refusal(caught.value, "management", "/SyncML", "not in namespace 'SYNCML:SYNCML1.1'")


def ordered(version: str) -> EnrolledPhone:
    return enrolled_with((FLAG, f'<parm name="PROTOVER" value="{version}"/>'))


def test_an_account_may_order_1_1() -> None:
    server, outcome = talk(ordered("1.1"), older(FIRST), older(LAST))
    assert server.versions == [V11, V11]
    assert outcome.messages == 2
    with pytest.raises(Refusal, match="HTTP 500"):
        talk(ordered("1.1"), plain("", 500))


@pytest.mark.parametrize("version", ["1.2", "2.0", ""])
def test_any_other_order_means_1_2(version: str) -> None:
    server, _outcome = talk(ordered(version), FIRST, LAST)
    assert server.versions == [V12, V12]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [("<VerDTD>1.1", "<VerDTD>1.2", "VerDTD"), ("DM/1.1", "DM/1.2", "VerProto")],
)
def test_both_version_elements_count(old: str, new: str, place: str) -> None:
    with pytest.raises(Refusal) as caught:
        talk(ordered("1.1"), altered(older(FIRST), old, new))
    assert_refusal(caught.value, "management", place, "is not")


def test_1_1_in_wbxml_has_the_public_identifier_of_its_dtd() -> None:
    phone = ordered("1.1")
    account = replace(phone.account, encoding="application/vnd.syncml.dm+wbxml")
    sent: list[bytes] = []

    def server(request: Request) -> Response:
        sent.append(request.body or b"")
        return Response(status=500, headers=Headers(), body=b"")

    with pytest.raises(Refusal):
        run(sync(replace(phone, account=account), random=counted_random()), server)
    assert sent[0].startswith(b"\x03\x9f\x53")  # 0x0FD3, SyncML 1.1


def test_the_two_versions() -> None:
    assert (DM_12.namespace, DM_12.dtd, DM_12.proto) == V12
    assert (DM_11.namespace, DM_11.dtd, DM_11.proto) == V11
