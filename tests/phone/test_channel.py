"""One exchange: what is taken, what is sent once more, where the next message goes."""

from __future__ import annotations

import pytest

from mdmcore.http import Request, Response
from mdmcore.phone import NoAnswer, Refusal, Step, run
from mdmcore.phone.channel import Channel
from mdmcore.phone.conversation import Session, numbered
from mdmcore.phone.first_package import package_1
from mdmcore.phone.readiness import ready
from mdmcore.phone.tree import DeviceTree
from mdmcore.records import AuthScheme
from tests.phone.dm_script import FIRST, LAST, altered, script
from tests.phone.scripted import DEVICE_NONCE, DM_URL, assert_refusal, enrolled, settings


def channel() -> Channel:
    session = Session(
        session_id="1",
        url=DM_URL,
        scheme=AuthScheme.MD5,
        sends_cred=True,
        nonce_c2s=DEVICE_NONCE,
    )
    return Channel(session, ready(enrolled()), settings())


PACKAGE_1 = numbered(package_1(DeviceTree(enrolled()), settings()))


def test_an_answer_that_fits_is_taken_with_its_header_status() -> None:
    wire = channel()
    taken = run(wire.exchange(PACKAGE_1, is_final=True), script(FIRST))
    assert taken is not None
    message, status = taken
    assert (status.data, status.msg_ref) == ("212", "1")
    assert message.header.msg_id == "2"
    assert (wire.session.server_msg_id, wire.session.server_msg_text) == (2, "2")


def test_a_last_word_carries_no_credentials_and_reads_no_answer() -> None:
    server = script(LAST)
    wire = channel()
    run(wire.say_last(PACKAGE_1), server)
    assert server.received[0].cred == ""

    def gone(_request: Request) -> Response:
        raise NoAnswer("reset")

    run(wire.say_last(PACKAGE_1), gone)


def test_sending_once_more_survives_silence() -> None:
    wire = channel()
    calls: list[bytes | None] = []

    def once(request: Request) -> Response:
        calls.append(request.body)
        if len(calls) > 1:
            raise NoAnswer("reset")
        return script(altered(FIRST, "<MsgRef>1<", "<MsgRef>2<"))(request)

    with pytest.raises(Refusal) as caught:
        run(wire.exchange(PACKAGE_1, is_final=True), once)
    assert_refusal(caught.value, "management", "MsgRef", "not for message 1")
    assert len(calls) == 2
    assert calls[0] == calls[1]


def test_before_anything_was_sent_there_is_nothing_to_repeat() -> None:
    problem = Refusal("why", step=Step.MANAGEMENT)
    assert run(channel().resend(problem), script()) is problem


@pytest.mark.parametrize(
    ("uri", "reason"), [("http://a.test/", "not https"), ("https://10.0.0.1/", "IP address")]
)
def test_a_resp_uri_must_be_one_a_device_goes_to(uri: str, reason: str) -> None:
    turn = altered(FIRST, "<Cred>", f"<RespURI>{uri}</RespURI><Cred>", count=1)
    with pytest.raises(Refusal) as caught:
        run(channel().exchange(PACKAGE_1, is_final=True), script(turn))
    assert_refusal(caught.value, "management", "RespURI", reason)


def test_the_size_is_that_of_the_message_that_would_be_sent() -> None:
    wire = channel()
    size = wire.size(PACKAGE_1)
    server = script(FIRST)
    run(wire.exchange(PACKAGE_1, is_final=True), server)
    assert size == len(server.requests[0].body or b"")
