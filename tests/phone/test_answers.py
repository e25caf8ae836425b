"""Opening SOAP answers; the reactions of each leg stand in the tests of the steps."""

from __future__ import annotations

import pytest

from mdmcore.http import Response
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


# --- faults ---------------------------------------------------------------------------------------

_PKI = "http://schemas.microsoft.com/windows/pki/2009/01/enrollment"


def _fault(detail: str = "", subcode: str = "Authorization", status: int = 500) -> Response:
    body = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code>'
        f"<s:Value>s:Receiver</s:Value><s:Subcode><s:Value>s:{subcode}</s:Value></s:Subcode>"
        '</s:Code><s:Reason><s:Text xml:lang="en-US">too many</s:Text></s:Reason>'
        f"{detail}</s:Fault></s:Body></s:Envelope>"
    )
    return answer(body, SOAP_TYPE, status)


def _detail(error_type: str) -> str:
    return (
        f'<s:Detail><DeviceEnrollmentServiceError xmlns="{_PKI}"><ErrorType>{error_type}'
        "</ErrorType><Message>no</Message></DeviceEnrollmentServiceError></s:Detail>"
    )


def refused(response: Response, profile: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        open_answer(response, EXPECTED, settings(profile=profile))
    return caught.value


@pytest.mark.parametrize(
    ("error_type", "hresult"),
    [
        ("DeviceCapReached", 0x80180013),
        ("DeviceNotSupported", 0x80180014),
        ("NotSupported", 0x80180015),
        ("NotEligibleToRenew", 0x80180016),
        ("InMaintenance", 0x80180017),
        ("UserLicense", 0x80180018),
        ("InvalidEnrollmentData", 0x80180019),
        ("CustomServerError", 0x80180032),
        ("devicecapreached", 0x80180013),
        ("Unheard", 0x80180003),
    ],
)
def test_windows_10_reads_the_detail_of_a_fault(error_type: str, hresult: int) -> None:
    for detail in (
        _detail(error_type),
        _detail(error_type).lower().replace("s:detail", "s:Detail"),
    ):
        fault = refused(_fault(detail), "win10")
        assert fault.hresult == hresult
        assert f"0x{hresult:X}" in fault.reason
        assert error_type.lower() in fault.evidence.lower()
        assert fault.evidence.startswith("Authorization: too many: ")


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81"])
def test_the_others_see_the_subcode_alone(profile: str) -> None:
    fault = refused(_fault(_detail("DeviceCapReached")), profile)
    assert (fault.hresult, fault.evidence) == (0x80180003, "Authorization: too many")
    assert fault.place.endswith("Subcode/Value")


def test_under_http_200_the_code_is_lost() -> None:
    fault = refused(_fault(_detail("DeviceCapReached"), status=200), "win10")
    assert fault.hresult == 0x801900C8
    assert "DeviceCapReached" in fault.evidence


def test_an_unknown_subcode_has_no_code() -> None:
    fault = refused(_fault(subcode="Strange"), "win10")
    assert fault.hresult is None
    assert "unknown subcode 'Strange'" in fault.reason
