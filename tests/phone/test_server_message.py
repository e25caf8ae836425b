"""Reading the server's SyncML: what makes the device discard a message, and what only may."""

from __future__ import annotations

import pytest

from mdmcore.http import Response
from mdmcore.phone import Caution, Refusal, run, sync
from mdmcore.phone.server_message import read_message
from tests.phone.dm_script import (
    FIRST,
    GET_SWV,
    LAST,
    SYNCML_TYPE,
    Received,
    Turn,
    accepted,
    altered,
    chal,
    get,
    reply,
    script,
    server_cred,
    status,
)
from tests.phone.scripted import (
    DEVICE_ID,
    DM_URL,
    Edit,
    answer,
    assert_refusal,
    enrolled,
    settings,
    with_header,
    with_status,
)
from tests.phone.session_script import phone_as, talk
from tests.support.server import counted_random


def refused(turn: Turn, *cautions: Caution) -> Refusal:
    phone = enrolled(phone=settings(cautions=frozenset(cautions)))
    with pytest.raises(Refusal) as caught:
        run(sync(phone, random=counted_random()), script(turn, LAST, LAST))
    return caught.value


def changed(edit: Edit) -> Turn:
    return lambda received: edit(FIRST(received))


def test_an_answer_larger_than_maxmsgsize() -> None:
    big = reply(accepted() + get("4", f"./{'x' * 3000}"), cred=server_cred())
    careful = {"max_message_bytes": 2048, "cautions": frozenset(Caution)}
    with pytest.raises(Refusal, match="larger than 2048 bytes"):
        talk(script(big), phone_as("win10", **careful))
    talk(script(big, LAST), phone_as("win10", max_message_bytes=2048, cautions=frozenset()))


HTTP = [
    (with_status(302), "status", "redirect"),
    (with_status(401), "status", "web server asks for credentials"),
    (with_status(407), "status", "web server asks for credentials"),
    (with_status(500), "status", "HTTP 500"),
    (with_header("Content-Type", "text/xml"), "Content-Type", "discarded"),
    (with_header("Content-Type", None), "Content-Type", "discarded"),
    (
        with_header("Content-Type", "application/vnd.syncml.dm+wbxml"),
        "Content-Type",
        "the answer is WBXML",
    ),
    (
        with_header("Content-Type", f"{SYNCML_TYPE}; charset=iso-8859-1"),
        "Content-Type",
        "charset is not UTF-8",
    ),
    (with_header("Content-Encoding", "gzip"), "Content-Encoding", "compressed"),
    (with_header("Content-Length", "40"), "line", "not well-formed"),
]


@pytest.mark.parametrize(("edit", "place", "reason"), HTTP)
def test_http_answers_that_are_discarded(edit: Edit, place: str, reason: str) -> None:
    assert_refusal(refused(changed(edit)), "management", place, reason)


REFUSED = [
    (altered(FIRST, "SYNCML:SYNCML1.2", "SYNCML:SYNCML1.1"), "/SyncML", "not in namespace"),
    (altered(FIRST, "SYNCML:SYNCML1.2", "SYNCML:SYNCML2"), "/SyncML", "namespace"),
    (altered(FIRST, "SYNCML:SYNCML1.2", " SYNCML:SYNCML1.2"), "line", "not recognised"),
    (altered(FIRST, "</SyncBody>", ""), "line", "not well-formed"),
    (altered(FIRST, "<SyncML", "x<SyncML", count=1), "line", "not well-formed"),
    (altered(FIRST, "SyncBody>", "Body>"), "/SyncML", "SyncBody is missing"),
    (altered(FIRST, "<VerDTD>1.2", "<VerDTD>1.1"), "VerDTD", "505"),
    (altered(FIRST, "DM/1.2", "DM/1.1"), "VerProto", "513"),
    (altered(FIRST, "<SessionID>1<", "<SessionID>01<"), "SessionID", "not '1' as sent"),
    (
        altered(FIRST, f"<Target><LocURI>{DEVICE_ID}", f"<Target><LocURI>{DM_URL}"),
        "Target",
        "not this device",
    ),
    (
        altered(FIRST, f"<Source><LocURI>{DM_URL}", f"<Source><LocURI>{DEVICE_ID}"),
        "Source",
        "is this device",
    ),
    (
        altered(FIRST, '<Type xmlns="syncml:metinf">', '<Type xmlns="syncml:metinfo">', count=1),
        "Cred/Meta/Type",
        "not in namespace 'syncml:metinf'",
    ),
    (
        reply(accepted(inner=chal().replace("metinf", "metinfo")) + GET_SWV, cred=server_cred()),
        "Chal/Meta",
        "not in namespace",
    ),
    (
        reply(
            accepted() + "<Replace><CmdID>5</CmdID><Item><Target><LocURI>./x</LocURI></Target>"
            "<Data><profile/></Data></Item></Replace>",
            cred=server_cred(),
        ),
        "Replace/Item/Data",
        "not escaped",
    ),
    (altered(FIRST, f"{server_cred()}", "<Cred><Meta/></Cred>"), "Cred", "Data is missing"),
]


@pytest.mark.parametrize(("turn", "place", "reason"), REFUSED)
def test_messages_that_are_refused(turn: Turn, place: str, reason: str) -> None:
    assert_refusal(refused(turn), "management", place, reason)


def test_a_wrong_namespace_in_a_command_costs_that_command_only() -> None:
    bad = GET_SWV.replace("<Item>", '<Meta><Type xmlns="syncml:metinfo">x</Type></Meta><Item>')
    server = script(reply(accepted() + bad, cred=server_cred()), LAST)
    run(sync(enrolled(), random=counted_random()), server)
    assert server.received[1].statuses()[1] == ("Get", "4", "415")


CAUTIOUS = [
    (
        Caution.STATUS_ORDER,
        reply(
            status("Alert", "2", "200")
            + status("SyncHdr", "0", "212")
            + status("Replace", "3", "200")
            + GET_SWV,
            cred=server_cred(),
        ),
        "not the first",
    ),
    (
        Caution.COMMAND_STATUS,
        reply(status("SyncHdr", "0", "212") + GET_SWV, cred=server_cred()),
        "no Status for Alert 2",
    ),
    (
        Caution.ELEMENT_ORDER,
        altered(
            FIRST,
            "<VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>",
            "<VerProto>DM/1.2</VerProto><VerDTD>1.2</VerDTD>",
        ),
        "order of the DTD",
    ),
]


@pytest.mark.parametrize(("caution", "turn", "reason"), CAUTIOUS)
def test_what_only_a_careful_phone_refuses(caution: Caution, turn: Turn, reason: str) -> None:
    run(sync(enrolled(), random=counted_random()), script(turn, LAST))
    assert_refusal(refused(turn, caution), "management", "", reason)


def test_a_careful_phone_takes_a_correct_session() -> None:
    phone = enrolled(phone=settings(cautions=frozenset(Caution)))
    assert run(sync(phone, random=counted_random()), script(FIRST, LAST)).messages == 2


def test_a_careful_phone_minds_an_empty_closing() -> None:
    phone = enrolled(phone=settings(cautions=frozenset({Caution.EMPTY_CLOSING})))
    with pytest.raises(Refusal) as caught:
        run(
            sync(phone, random=counted_random()),
            script(FIRST, lambda _received: answer(b"", SYNCML_TYPE)),
        )
    assert_refusal(caught.value, "management", "body", "empty")


def test_an_empty_body_is_no_message() -> None:
    assert read_message(Response(status=200, body=b""), settings(), SYNCML_TYPE) is None


def test_a_message_cut_anywhere_is_a_refusal() -> None:
    whole: list[bytes] = []

    def keep(received: Received) -> Response:
        response = FIRST(received)
        whole.append(response.body or b"")
        return response

    run(sync(enrolled(), random=counted_random()), script(keep, LAST))
    for end in range(1, len(whole[0])):
        with pytest.raises(Refusal):
            read_message(answer(whole[0][:end], SYNCML_TYPE), settings(), SYNCML_TYPE)
