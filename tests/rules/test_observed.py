"""Symptoms: the server refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mdmcore.enrollment.fault import serialize_fault
from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.inspector import Inspection
from tests.support.story import (
    DM_URL,
    MESSAGE_ID,
    Story,
    answer,
    device_cred,
    package1,
    phone_csr,
    rules_of,
)

XML = "application/vnd.syncml.dm+xml"


def refused(subcode: str, reason: str = "no", **settings: object) -> Inspection:
    fault = serialize_fault(subcode, reason, MESSAGE_ID)
    return Story("wp8").enroll(response=fault, status=500, **settings)  # type: ignore[arg-type]


def test_a_wrong_password() -> None:
    found = refused("Authentication", "The password is wrong.")
    assert rules_of(found.findings) == {"enrollment-refused"}
    message = found.findings[0].message
    assert message == (
        "enrolment is refused: Authentication 0x80180002 MENROLL_E_DEVICE_AUTHENTICATION_ERROR "
        "(the server could not authenticate the user); "
        'the server says "The password is wrong."'
    )
    assert found.findings[0].severity == "error"
    assert found.summary.endswith(
        "500 fault Authentication 0x80180002 (the server could not authenticate the user): "
        "The password is wrong."
    )


def test_a_fault_of_discovery() -> None:
    fault = serialize_fault("EnrollmentServer", "no", MESSAGE_ID)
    found = Story("wp8").discover(response=fault, status=500)
    assert found.findings[0].message.startswith("discovery is refused: EnrollmentServer")


def test_an_accepted_enrolment() -> None:
    assert Story("wp8").enroll().findings == ()


def test_a_fault_to_a_phones_csr_has_likely_causes() -> None:
    found = refused("CertificateRequest")
    assert found.findings[0].caused_by == (
        "csr-strict-parser",
        "csr-sha1-flagged-invalid",
        "csr-edited",
    )


def test_a_fault_to_a_broken_csr_has_that_as_cause() -> None:
    found = refused("CertificateRequest", csr=phone_csr()[:100])
    by_rule = {finding.rule: finding for finding in found.findings}
    assert by_rule.keys() == {"enrollment-refused", "csr-signature-invalid"}
    assert by_rule["enrollment-refused"].caused_by == ("csr-signature-invalid",)


# --- dm-credentials-refused


@pytest.mark.parametrize(
    ("secret", "word"), [("device-secret", "the server is mistaken"), ("other", "they are wrong")]
)
def test_401_to_credentials(secret: str, word: str) -> None:
    story = Story("wp8").enrolled()
    found = story.sync(
        package1(cred=device_cred(secret=secret)), answer("2", "401", next_nonce=b"n" * 16)
    )
    wrong = {"digest-from-unknown-values"} if secret == "other" else set()
    assert rules_of(found.findings) == {"dm-credentials-refused", *wrong}
    assert found.findings[-1].severity == "warning"
    assert word in found.findings[-1].message


def test_401_to_a_device_nobody_knows() -> None:
    found = Story("wp8").sync(
        package1(cred=device_cred()), answer("2", "401", next_nonce=b"n" * 16)
    )
    assert rules_of(found.findings) == {"dm-credentials-refused"}
    assert "not known" in found.findings[0].message


def test_a_challenge_to_a_message_without_credentials_refuses_none() -> None:
    found = Story("wp8").sync(package1(), answer("2", "401", next_nonce=b"n" * 16))
    assert found.findings == ()


# --- answer-broken-off


def broken(error: str, response: Response | None = None) -> set[str]:
    """The rules that speak of a first message without a whole answer."""
    request = Request(method="POST", url=DM_URL, headers=Headers([("Content-Type", XML)]))
    return set(rules_of(Story("wp8").tell(request, response, error=error).findings))


@pytest.mark.parametrize(
    "error",
    [
        "the server reset the connection in the middle of its answer",
        "ReadError: [Errno 104] Connection reset by peer",
        "RemoteProtocolError: peer closed connection without sending complete message body",
        "Server disconnected without sending a response.",
    ],
)
def test_an_answer_that_was_broken_off(error: str) -> None:
    assert "answer-broken-off" in broken(error)
    assert "answer-broken-off" in broken(error, Response(status=200, body=None))


@pytest.mark.parametrize(
    "error",
    [
        "",
        "Client disconnected.",
        "Client closed connection.",
        "the device left before the answer came",
        "no answer in time (ReadTimeout: timed out)",
        "the name mdm.example.test has no address",
        "the server's certificate is not for mdm.example.test but for www.example.test",
    ],
)
def test_no_answer_for_another_reason(error: str) -> None:
    assert "answer-broken-off" not in broken(error)


# --- answer-truncated, answer-slow


SHORT = (
    "HTTP/1 protocol error: peer closed connection without sending complete message body "
    "(received 911 bytes, expected 1223)"
)


@pytest.mark.parametrize("error", [SHORT, f"RemoteProtocolError: {SHORT.partition(': ')[2]}"])
def test_a_body_that_ends_too_early(error: str) -> None:
    head = Response(status=200, body=None)
    assert "answer-truncated" in broken(error, head)
    assert "answer-broken-off" not in broken(error, head)
    assert "answer-truncated" not in broken("Server disconnected without sending a response.")


def test_a_request_that_ends_too_early_is_no_answer() -> None:
    # mitmproxy has the same words for both; of an answer it has the head.
    assert not {"answer-truncated", "answer-broken-off"} & broken(SHORT)


def answered_after(seconds: float, error: str | None = None) -> set[str]:
    """The rules that speak of a first message that was answered so late."""
    request = Request(method="POST", url=DM_URL, headers=Headers([("Content-Type", XML)]))
    story = Story("wp8")
    started = datetime(2026, 11, 2, tzinfo=UTC)
    exchange = Exchange(
        id="x:1",
        index=1,
        capture="x",
        request=request,
        response=None if error else Response(status=200, body=b""),
        started=started,
        ended=started + timedelta(seconds=seconds),
        error=error,
    )
    return set(rules_of(story.inspector.inspect(exchange).findings))


def test_an_answer_that_comes_too_late() -> None:
    assert "answer-slow" not in answered_after(59)
    assert "answer-slow" in answered_after(60)
    assert "answer-slow" in answered_after(3, "no answer in time (ReadTimeout: timed out)")
    assert "answer-slow" in answered_after(75, "Client disconnected.")
    assert "answer-slow" not in answered_after(3, "Client disconnected.")


# --- server-unreachable


@pytest.mark.parametrize(
    ("error", "is_told"),
    [
        ("ConnectError: [Errno 111] Connection refused", True),
        ("ConnectError: All connection attempts failed", True),
        ("ReadError: [Errno 104] Connection reset by peer", False),
        ("no answer in time (ConnectTimeout: timed out)", False),
    ],
)
def test_a_server_that_takes_no_connection(error: str, is_told: bool) -> None:
    assert ("server-unreachable" in broken(error)) is is_told
