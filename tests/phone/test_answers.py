"""Opening SOAP answers; the reactions of each leg stand in the tests of the steps."""

from __future__ import annotations

import pytest

from mdmcore.phone import Refusal, Step
from mdmcore.phone.answers import Expected, open_answer, soap_request
from tests.phone.scripted import SOAP_TYPE, answer, settings, soap

ACTION = "urn:action"
EXPECTED = Expected(step=Step.POLICY, action=ACTION, message_id="urn:uuid:1")
GOOD = answer(soap(ACTION, "<a xmlns='urn:a'>x</a>", "urn:uuid:1"), SOAP_TYPE)


def test_the_body_of_a_good_answer() -> None:
    assert open_answer(GOOD, EXPECTED, settings()).need("urn:a", "a").text == "x"


def test_a_request_is_a_soap_post_of_the_enrolment_client() -> None:
    request = soap_request("https://a.test/x", b"<x/>", settings())
    assert (request.method, request.url, request.body) == ("POST", "https://a.test/x", b"<x/>")
    assert request.headers.get("Content-Type") == SOAP_TYPE
    assert request.headers.get("User-Agent") == "Windows Enrollment Client"


def test_an_answer_without_header_or_action_is_refused() -> None:
    text = (GOOD.body or b"").decode()
    action = f'<a:Action s:mustUnderstand="1">{ACTION}</a:Action>'
    with pytest.raises(Refusal, match="no element Action"):
        open_answer(answer(text.replace(action, ""), SOAP_TYPE), EXPECTED, settings())
    start, end = text.index("<s:Header>"), text.index("<s:Body>")
    with pytest.raises(Refusal, match="no element Header"):
        open_answer(answer(text[:start] + text[end:], SOAP_TYPE), EXPECTED, settings())


def test_an_answer_cut_anywhere_is_a_refusal() -> None:
    body = GOOD.body or b""
    for end in range(len(body)):
        with pytest.raises(Refusal):
            open_answer(answer(body[:end], SOAP_TYPE), EXPECTED, settings())


@pytest.mark.parametrize(
    ("status", "reason"),
    [(400, "0x80190190"), (503, "0x801901F7"), (201, "not HTTP 200"), (307, "redirect")],
)
def test_other_statuses(status: int, reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        open_answer(answer("no", "text/plain", status), EXPECTED, settings())
    assert reason in caught.value.reason
    assert caught.value.place == "status"
