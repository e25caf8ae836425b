"""Rules on hosts and schemes of what is handed out, and on the discovery host."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.enrollment.discovery import (
    DiscoverRequest,
    DiscoverResponse,
    serialize_discover,
    serialize_discover_response,
)
from mdmcore.http import Headers, Request, Response, TlsFacts
from mdmcore.inspector import Inspection
from mdmcore.namespaces import SOAP_CONTENT_TYPE
from mdmcore.rules import Finding
from mdmcore.rules.handed_out import is_address
from tests.support.story import (
    DISCOVERY_URL,
    DM_URL,
    EMAIL,
    ENROLLMENT_URL,
    MESSAGE_ID,
    POLICY_URL,
    STORE_URL,
    Story,
    document,
    rules_of,
)

RIGHT = DiscoverResponse(
    auth_policy="OnPremise", policy_url=POLICY_URL, enrollment_url=ENROLLMENT_URL
)
RESULT = "/Envelope/Body/DiscoverResponse/DiscoverResult"
ACCOUNT = "/wap-provisioningdoc/characteristic[@type='APPLICATION']"


def answered(answer: DiscoverResponse, profile: str = "wp8") -> Inspection:
    body = serialize_discover_response(answer, relates_to=MESSAGE_ID)
    return Story(profile).discover(response=body)


def finding_of(found: Inspection, rule: str) -> Finding:
    (finding,) = [finding for finding in found.findings if finding.rule == rule]
    return finding


# --- host-is-ip-address


@pytest.mark.parametrize(
    ("field", "element"),
    [
        ("policy_url", "EnrollmentPolicyServiceUrl"),
        ("enrollment_url", "EnrollmentServiceUrl"),
        ("authentication_url", "AuthenticationServiceUrl"),
    ],
)
@pytest.mark.parametrize("host", ["192.0.2.9", "[2001:db8::9]:8443"])
def test_an_address_in_a_discovery_answer(field: str, element: str, host: str) -> None:
    url = f"https://{host}/EnrollmentServer/x.svc"
    finding = finding_of(answered(replace(RIGHT, **{field: url})), "host-is-ip-address")
    assert finding.severity == "error"
    assert finding.places[0].where == {"part": "response", "xpath": f"{RESULT}/{element}"}
    assert finding.places[0].evidence == url


@pytest.mark.parametrize(
    ("name", "url", "place"),
    [
        ("ADDR", DM_URL, f"{ACCOUNT}/parm[@name='ADDR']"),
        (
            "StoreURI",
            STORE_URL,
            "/wap-provisioningdoc/characteristic[@type='EnterpriseAppManagement']"
            "/characteristic[@type='4000000001']/parm[@name='StoreURI']",
        ),
    ],
)
def test_an_address_in_the_provisioning_document(name: str, url: str, place: str) -> None:
    broken = url.replace("mdm.example.test", "192.0.2.9")
    wap = document().replace(f'"{url}"'.encode(), f'"{broken}"'.encode())
    finding = finding_of(Story("wp8").enroll(wap), "host-is-ip-address")
    assert finding.message == f"{name} has the address 192.0.2.9 as host"
    assert finding.places[0].where == {"part": "document", "xpath": place}
    assert finding.places[0].evidence == broken


def test_an_address_in_a_redirect() -> None:
    location = "https://192.0.2.9/EnrollmentServer/Discovery.svc"
    response = Response(status=302, headers=Headers([("Location", location)]))
    found = Story("wp8").tell(Request(method="GET", url=DISCOVERY_URL), response)
    finding = finding_of(found, "host-is-ip-address")
    assert finding.places[0].where == {"part": "response", "header": "Location"}


def test_names_are_no_addresses() -> None:
    assert answered(RIGHT).findings == ()
    assert Story("wp8").enroll().findings == ()
    for name in ("mdm.example.test", "1.2.3.4.example.test", "", "300.1.1.1"):
        assert not is_address(name)
    for address in ("10.0.0.1", "::1", "fe80::1%eth0"):
        assert is_address(address)


# --- plain-http-endpoint


@pytest.mark.parametrize("url", ["http://mdm.example.test/x.svc", "mdm.example.test/x.svc"])
def test_a_service_that_is_not_https(url: str) -> None:
    found = answered(replace(RIGHT, enrollment_url=url))
    finding = finding_of(found, "plain-http-endpoint")
    assert finding.severity == "error"
    where = {"part": "response", "xpath": f"{RESULT}/EnrollmentServiceUrl"}
    assert finding.places[0].where == where
    assert finding.places[0].evidence == url


def test_a_redirect_that_leaves_https() -> None:
    location = "http://other.example.test/EnrollmentServer/Discovery.svc"
    response = Response(status=302, headers=Headers([("Location", location)]))
    found = Story("wp8").tell(Request(method="GET", url=DISCOVERY_URL), response)
    finding = finding_of(found, "plain-http-endpoint")
    assert finding.places[0].where == {"part": "response", "header": "Location"}


def test_a_relative_redirect_leads_nowhere_else() -> None:
    response = Response(status=302, headers=Headers([("Location", "/enrollmentserver/d.svc")]))
    plain = Request(method="GET", url=DISCOVERY_URL.replace("https", "http"))
    assert Story("wp8").tell(plain, response).findings == ()


@pytest.mark.parametrize("url", [DM_URL, STORE_URL])
def test_the_scheme_of_addr_and_of_the_hub_is_not_its_matter(url: str) -> None:
    plain = url.replace("https", "http").encode()
    found = Story("wp8").enroll(document().replace(f'"{url}"'.encode(), b'"' + plain + b'"'))
    assert "plain-http-endpoint" not in rules_of(found.findings)


# --- enrollment-host-unexpected

ELSEWHERE = "https://mdm.example.test/EnrollmentServer/Discovery.svc"


def discovered(
    url: str,
    *,
    to: str = "",
    email: str = EMAIL,
    host: str = "",
    sni: str | None = None,
    story: Story | None = None,
) -> Inspection:
    asked = DiscoverRequest(email_address=email, request_version="1.0")
    fields = [("Content-Type", SOAP_CONTENT_TYPE), *([("Host", host)] if host else [])]
    request = Request(
        method="POST",
        url=url,
        headers=Headers(fields),
        body=serialize_discover(asked, message_id=MESSAGE_ID, to=to or url),
    )
    body = serialize_discover_response(RIGHT, relates_to=MESSAGE_ID)
    headers = Headers([("Content-Type", SOAP_CONTENT_TYPE)])
    response = Response(status=200, headers=headers, body=body)
    return (story or Story("wp8")).tell(request, response, tls=TlsFacts(sni=sni))


def test_another_host_than_the_mail_domain_has() -> None:
    found = discovered(ELSEWHERE)
    (finding,) = found.findings
    assert (finding.rule, finding.severity) == ("enrollment-host-unexpected", "warning")
    assert finding.message == (
        "discovery is at mdm.example.test, a device looks for enterpriseenrollment.example.test"
    )
    assert finding.places[0].where == {"part": "request", "field": "url"}
    assert finding.places[0].evidence == "mdm.example.test"


@pytest.mark.parametrize(
    "settings",
    [
        {"url": DISCOVERY_URL},
        {"url": DISCOVERY_URL.replace("enterprise", "Enterprise").replace("test/", "test:443/")},
        {"url": ELSEWHERE, "email": "example\\anna"},
        {"url": "http://127.0.0.1:8080/EnrollmentServer/Discovery.svc"},
        {"url": "http://127.0.0.1:8080/EnrollmentServer/Discovery.svc", "to": DISCOVERY_URL},
        {"url": "https://backend.test/x", "to": "x", "sni": "EnterpriseEnrollment.example.test"},
        {"url": "https://backend.test/x", "to": "x", "host": "enterpriseenrollment.example.test:9"},
    ],
)
def test_the_device_found_the_host_itself(settings: dict[str, str]) -> None:
    url = settings.pop("url")
    assert discovered(url, **settings).findings == ()  # type: ignore[arg-type]


def test_a_host_that_the_expected_one_redirects_to() -> None:
    story = Story("wp8")
    response = Response(status=302, headers=Headers([("Location", ELSEWHERE)]))
    story.tell(Request(method="GET", url=DISCOVERY_URL), response)
    story.tell(Request(method="GET", url=ELSEWHERE), Response(status=200))
    found = discovered(ELSEWHERE, story=story)
    assert found.findings == ()
    assert found.life == "life-1"
