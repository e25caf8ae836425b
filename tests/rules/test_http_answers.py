"""Rules on status, body and headers of enrolment answers."""

from __future__ import annotations

import pytest

from mdmcore.enrollment.discovery import DiscoverResponse, serialize_discover_response
from mdmcore.enrollment.fault import serialize_fault
from mdmcore.http import Headers, Request, Response
from mdmcore.inspector import Inspection
from mdmcore.namespaces import SOAP_CONTENT_TYPE
from mdmcore.rules import Finding
from tests.support import messages
from tests.support.story import (
    DISCOVERY_URL,
    DM_URL,
    ENROLLMENT_URL,
    MESSAGE_ID,
    POLICY_URL,
    Story,
    phone_csr,
    rules_of,
)

PAGE = b"<!DOCTYPE html><html><body>Server Error in '/' Application.</body></html>"
ANSWER = serialize_discover_response(
    DiscoverResponse(auth_policy="OnPremise", enrollment_url=ENROLLMENT_URL),
    relates_to=MESSAGE_ID,
)
FAULT = serialize_fault("EnrollmentServer", "no", MESSAGE_ID)
DISCOVER = messages.discover("anna@example.test")


def discovered(
    body: bytes | None = ANSWER,
    *fields: tuple[str, str],
    status: int = 200,
    request: bytes = DISCOVER,
    story: Story | None = None,
) -> Inspection:
    """Discovery, answered with that body, status and exactly those headers."""
    headers = Headers([("Content-Type", SOAP_CONTENT_TYPE)])
    asked = Request(method="POST", url=DISCOVERY_URL, headers=headers, body=request)
    answered = Response(status=status, headers=Headers(fields or headers), body=body)
    return (story or Story("wp8")).tell(asked, answered)


def only(found: Inspection, rule: str) -> Finding:
    assert rules_of(found.findings) - {"relates-to-mismatch"} == {rule}
    return next(finding for finding in found.findings if finding.rule == rule)


def clean(found: Inspection) -> bool:
    return rules_of(found.findings) <= {"relates-to-mismatch"}


def test_a_right_answer_has_no_finding() -> None:
    assert clean(discovered())


# --- response-chunked


@pytest.mark.parametrize("coding", ["chunked", "gzip, Chunked"])
def test_a_chunked_answer(coding: str) -> None:
    found = discovered(ANSWER, ("Content-Type", SOAP_CONTENT_TYPE), ("Transfer-Encoding", coding))
    finding = only(found, "response-chunked")
    assert finding.severity == "error"
    assert finding.places[0].where == {"part": "response", "header": "Transfer-Encoding"}
    assert finding.places[0].evidence == coding


def test_chunks_of_a_probe_harm_nobody() -> None:
    response = Response(status=200, headers=Headers([("Transfer-Encoding", "chunked")]))
    assert Story().tell(Request(method="GET", url=DISCOVERY_URL), response).findings == ()


# --- enroll-http-error


@pytest.mark.parametrize(
    ("body", "media_type", "words"),
    [
        (b"", "text/plain", "no body"),
        (PAGE, "text/html", "a web page"),
        (PAGE, SOAP_CONTENT_TYPE, "a web page"),
        (b'{"error": 1}', "application/json", "a body that is no SOAP"),
        (ANSWER, SOAP_CONTENT_TYPE, "SOAP that is no fault"),
    ],
)
def test_an_http_error_without_a_fault(body: bytes, media_type: str, words: str) -> None:
    finding = only(discovered(body, ("Content-Type", media_type), status=500), "enroll-http-error")
    assert finding.message == f"the answer is HTTP 500 with {words} (0x801901F4 on the device)"
    assert finding.severity == "error"
    assert finding.places[0].where == {"part": "response", "field": "status"}
    assert finding.places[0].evidence == "500"
    assert finding.caused_by == ()


def test_an_error_with_a_fault_is_another_matter() -> None:
    assert rules_of(discovered(FAULT, status=500).findings) == {
        "enrollment-refused",
        "relates-to-mismatch",
    }


def test_a_fault_that_was_not_recorded_may_be_there() -> None:
    assert clean(discovered(None, status=500))
    found = discovered(None, ("Content-Type", "text/html"), status=502)
    assert only(found, "enroll-http-error").message.startswith("the answer is HTTP 502 with a web")
    found = discovered(None, ("Content-Type", "text/plain"), status=503)
    assert "with a body that was not recorded" in only(found, "enroll-http-error").message


def test_a_server_error_to_a_phones_csr_has_likely_causes() -> None:
    found = Story("wp8").enroll(response=PAGE, status=500)
    causes = ("csr-strict-parser", "csr-sha1-flagged-invalid", "csr-edited")
    assert only(found, "enroll-http-error").caused_by == causes
    assert Story("wp8").enroll(response=PAGE, status=403).findings[0].caused_by == ()


def test_a_broken_fault_explains_the_error_it_was_sent_with() -> None:
    causes = {f.rule: f.caused_by for f in discovered(FAULT[:-9], status=500).findings}
    # What could be recovered of it still is a fault.
    assert causes["enrollment-refused"] == ()
    causes = {f.rule: f.caused_by for f in discovered(b"<s:Envelope", status=500).findings}
    assert causes == {"xml-not-wellformed": (), "enroll-http-error": ("xml-not-wellformed",)}


def test_an_http_error_to_a_federated_request_has_others() -> None:
    token = (
        '<w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/'
        'oasis-200401-wss-wssecurity-secext-1.0.xsd"><w:BinarySecurityToken ValueType="x">dG9r'
        "</w:BinarySecurityToken></w:Security>"
    )
    body = messages.request_security_token(phone_csr(), header=token)
    found = Story("win10").post(ENROLLMENT_URL, body, b"", status=401)
    finding = next(f for f in found.findings if f.rule == "enroll-http-error")
    assert finding.caused_by == ("security-token-picked-wrong", "user-token-not-decoded")


def test_an_error_to_an_empty_request_is_caused_by_that() -> None:
    found = discovered(b"", status=400, request=b"")
    causes = {finding.rule: finding.caused_by for finding in found.findings}
    assert causes == {"request-body-empty": (), "enroll-http-error": ("request-body-empty",)}


def test_a_proxy_that_asks_for_a_password_is_no_server() -> None:
    finding = only(
        discovered(PAGE, ("Proxy-Authenticate", 'Basic realm="corp"'), status=407),
        "proxy-auth-challenge",
    )
    assert finding.places[0].where == {"part": "response", "header": "Proxy-Authenticate"}
    assert finding.places[0].evidence == "Basic"
    assert only(discovered(b"", status=407), "enroll-http-error").places[0].evidence == "407"


# --- html-error-page, empty-200-body


@pytest.mark.parametrize("media_type", ["text/html; charset=utf-8", SOAP_CONTENT_TYPE])
def test_a_web_page_in_answer(media_type: str) -> None:
    finding = only(discovered(PAGE, ("Content-Type", media_type)), "html-error-page")
    assert finding.severity == "error"
    assert finding.places[0].where == {"part": "response", "offset": "0"}
    assert finding.places[0].evidence == media_type.partition(";")[0]


@pytest.mark.parametrize("body", [b"", b" \r\n"])
@pytest.mark.parametrize("status", [200, 202])
def test_a_good_status_without_a_body(body: bytes, status: int) -> None:
    finding = only(discovered(body, status=status), "empty-200-body")
    assert finding.severity == "error"
    assert finding.message == f"the answer is HTTP {status} without a body"
    assert finding.places[0].where == {"part": "response", "offset": "0"}
    assert finding.places[0].evidence == f"{len(body)} bytes"


def test_a_body_that_was_not_recorded_is_not_empty() -> None:
    assert clean(discovered(None))


def test_a_redirect_has_a_body_for_people() -> None:
    location = ("Location", "https://other.example.test/Discovery.svc")
    assert clean(discovered(PAGE, ("Content-Type", "text/html"), location, status=302))
    assert clean(discovered(b"", location, status=307))


# --- soap-content-type-wrong


@pytest.mark.parametrize(
    "written",
    ["text/xml", "text/xml; charset=utf-8", "application/soap+xml; charset=iso-8859-1", ""],
)
def test_another_content_type(written: str) -> None:
    fields = [("Content-Type", written)] if written else [("Server", "x")]
    finding = only(discovered(ANSWER, *fields), "soap-content-type-wrong")
    assert finding.severity == "warning"
    assert finding.places[0].where == {"part": "response", "header": "Content-Type"}
    assert finding.places[0].evidence == written


def test_a_body_that_is_neither_soap_nor_a_page() -> None:
    found = discovered(b'{"ok": true}', ("Content-Type", "application/json"))
    assert only(found, "soap-content-type-wrong").places[0].evidence == "application/json"


@pytest.mark.parametrize(
    "written",
    [
        'Application/SOAP+xml; charset="UTF-8"',
        "application/soap+xml",
        "application/soap+xml; action=x;charset=utf-8",
    ],
)
def test_the_right_content_type_may_be_written_in_ways(written: str) -> None:
    assert clean(discovered(ANSWER, ("Content-Type", written)))


# --- request-body-empty


def test_a_discovery_without_a_body() -> None:
    story = Story("wp8")
    fields = [("Content-Type", SOAP_CONTENT_TYPE), ("Content-Length", "0"), ("Expect", "100-x")]
    request = Request(method="POST", url=DISCOVERY_URL, headers=Headers(fields), body=b"")
    found = story.tell(request, Response(status=500, body=FAULT))
    finding = next(f for f in found.findings if f.rule == "request-body-empty")
    assert finding.severity == "error"
    assert finding.message == "the request has no body (Content-Length 0, Expect 100-x)"
    assert finding.places[0].where == {"part": "request", "offset": "0"}
    assert finding.places[0].evidence == "Content-Length 0, Expect 100-x"


@pytest.mark.parametrize(
    ("url", "kind"), [(POLICY_URL, "getpolicies"), (ENROLLMENT_URL, "rst"), (DM_URL, "syncml")]
)
def test_a_url_that_was_handed_out_is_known_without_a_body(url: str, kind: str) -> None:
    story = Story("wp8").enrolled()
    found = story.tell(Request(method="POST", url=url, body=b""), Response(status=400, body=b"x"))
    assert found.kind == kind
    assert found.life == "life-1"
    assert "request-body-empty" in rules_of(found.findings)


def test_soap_without_a_body_anywhere() -> None:
    found = Story().post("https://h.test/Anything.svc", b"", FAULT, status=500)
    assert rules_of(found.findings) == {"request-body-empty"}


def test_other_posts_and_unrecorded_bodies_are_nobodys_mistake() -> None:
    story = Story()
    form = story.post("https://h.test/form", b"", b"", media_type="text/plain")
    assert form.findings == ()
    assert clean(story.post(DISCOVERY_URL, None, ANSWER))
    whole = Request(method="GET", url="https://h.test/x", headers=Headers(), body=b"")
    assert story.tell(whole, Response(status=200)).findings == ()
