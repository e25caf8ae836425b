"""The kind of an exchange, by its evidence."""

from __future__ import annotations

import pytest

from mdmcore.enrollment.token import serialize_rst
from mdmcore.http import Headers, Request, Response, observation_exchange
from mdmcore.inspector import Inspector
from mdmcore.namespaces import REQUEST_TYPE_RENEW
from mdmcore.observation import Observation
from tests.support.story import (
    DISCOVERY_URL,
    DM_URL,
    ENROLLMENT_URL,
    HOST,
    MESSAGE_ID,
    STORE_URL,
    Story,
    answer,
    device_cred,
    package1,
    phone_csr,
)


def test_the_steps_of_an_enrolment() -> None:
    story = Story()
    steps = [story.probe(), story.discover(), story.policies(), story.enroll()]
    steps.append(story.sync(package1(cred=device_cred()), answer("2", "212")))
    assert [step.kind for step in steps] == ["probe", "discover", "getpolicies", "rst", "syncml"]


@pytest.mark.parametrize(
    ("request_type", "value_type"),
    [
        (REQUEST_TYPE_RENEW, "http://schemas.microsoft.com/windows/pki/2009/01/enrollment#PKCS10"),
        ("http://x/Issue", "http://schemas.microsoft.com/windows/pki/2009/01/enrollment#PKCS7"),
    ],
)
def test_a_renewal(request_type: str, value_type: str) -> None:
    body = serialize_rst(
        phone_csr(),
        security=None,
        message_id=MESSAGE_ID,
        to=ENROLLMENT_URL,
        request_type=request_type,
        value_type=value_type,
    )
    assert Story().post(ENROLLMENT_URL, body, None).kind == "renew"


def get(url: str, *fields: tuple[str, str], response: Response | None = None, method: str = "GET"):
    request = Request(method=method, url=url, headers=Headers(fields))
    return Story().enrolled().tell(request, response or Response(status=200))


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        (DISCOVERY_URL.upper().replace("HTTPS", "https"), "probe"),
        (STORE_URL, "hub"),
        (f"{STORE_URL}?x=1", "hub"),
        (f"{HOST}/a.appxbundle", "hub"),
        (f"{HOST}/wab?appru=ms-app%3A%2F%2Fx&login_hint=a%40b", "wab"),
        (f"{HOST}/index.html", "other"),
    ],
)
def test_a_get(url: str, kind: str) -> None:
    assert get(url).kind == kind


@pytest.mark.parametrize(
    ("agent", "pragma", "kind"),
    [
        ("Windows Phone 8 Enrollment Client", "no-cache", "probe"),
        ("ENROLLClient", "no-cache", "probe"),
        ("ENROLLClient", "", "other"),
        ("curl/8.5.0", "no-cache", "other"),
    ],
)
def test_the_get_before_discover_at_a_path_of_its_own(agent: str, pragma: str, kind: str) -> None:
    fields = (("User-Agent", agent), ("Pragma", pragma))
    assert get(f"{HOST}/mdm/discovery", *fields).kind == kind


def test_a_range_makes_a_download() -> None:
    assert get(f"{HOST}/x", ("Range", "bytes=0-")).kind == "hub"
    assert get(f"{HOST}/x", response=Response(status=206)).kind == "hub"


@pytest.mark.parametrize("media_type", ["application/x-silverlight-app", "application/appx"])
def test_a_package_by_its_media_type(media_type: str) -> None:
    response = Response(status=200, headers=Headers([("Content-Type", media_type)]))
    assert get(f"{HOST}/download", response=response).kind == "hub"


def test_the_end_of_a_sign_in() -> None:
    page = b'<form method="post" action="ms-app://x"><input name="wresult" value="t"></form>'
    headers = Headers([("Content-Type", "text/html; charset=utf-8")])
    response = Response(status=200, headers=headers, body=page)
    assert get(f"{HOST}/login", response=response, method="POST").kind == "wab"


def test_connections_and_marks() -> None:
    assert get("https://h.test:443", method="CONNECT").kind == "tls"
    assert get("mark:start", method="MARK").kind == "mark"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<s:Envelope><a:Action>http://x/IPolicy/GetPolicies</a:Action>", "getpolicies"),
        (b"<s:Envelope>http://x/RST/wstep <x>http://y/Renew</x>", "renew"),
        (b"<s:Envelope>http://x/RST/wstep <x", "rst"),
        (b"no XML", "other"),
    ],
)
def test_an_unreadable_message_is_known_by_its_action(body: bytes, kind: str) -> None:
    assert Story().post(f"{HOST}/somewhere", body, None).kind == kind


def test_a_post_to_addr_is_a_session_whatever_it_says() -> None:
    found = Story().enrolled().post(DM_URL, b"", None, media_type="text/plain")
    assert found.kind == "syncml"


@pytest.mark.parametrize(
    ("url", "agent", "kind"),
    [
        (f"{HOST}/x", "MSFT OMA DM Client/1.2.0.1", "syncml"),
        (f"{HOST}/EnrollmentServer/Policy.svc", "", "getpolicies"),
        (f"{HOST}/a/DeviceEnrollmentWebService.svc", "", "rst"),
        (f"{HOST}/hub.xap", "", "hub"),
        (f"{HOST}/x", "curl/8", "other"),
    ],
)
def test_a_post_whose_body_was_not_kept(url: str, agent: str, kind: str) -> None:
    headers = Headers([("User-Agent", agent)])
    request = Request(method="POST", url=url, headers=headers, body=None)
    assert Story().tell(request, Response(status=200, body=None)).kind == kind


def test_what_a_device_tells_is_of_no_step() -> None:
    told = observation_exchange(Observation(source="x", text="GET"), id="x:1", index=1, capture="x")
    assert Inspector().inspect(told).kind == "other"
