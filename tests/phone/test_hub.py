"""The hub download: certificate first, then ranges, and every way it aborts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from mdmcore.errors import ConfigError
from mdmcore.http import Headers, Request, Response
from mdmcore.phone import EnrolledPhone, HubDownload, NoAnswer, Refusal, download_hub, run
from mdmcore.phone import hub as hub_module
from tests.phone.scripted import (
    AET,
    DEVICE_CN,
    HUB_URL,
    EnrollmentScript,
    assert_refusal,
    client_certificate,
    enrolled,
    enrolled_with,
    provisioning_document,
    with_header,
    with_status,
)
from tests.support.certificates import UTF8_STRING
from tests.support.server import FixedClock

PACKAGE = bytes(range(256)) * 10


@dataclass
class HubScript:
    """Serves the package in ranges by hand; ``edit`` alters the answer number ``at``."""

    edit: Callable[[Response], Response] | None = None
    at: int = 0
    requests: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        first, last = (request.headers.get("Range") or "").removeprefix("bytes=").split("-")
        data = PACKAGE[int(first) : int(last) + 1]
        headers = Headers(
            [
                ("Content-Type", "application/x-silverlight-app"),
                ("Content-Range", f"bytes {first}-{int(first) + len(data) - 1}/{len(PACKAGE)}"),
                ("ETag", '"1"'),
            ]
        )
        response = Response(status=206, headers=headers, body=data)
        if self.edit is not None and len(self.requests) == self.at + 1:
            return self.edit(response)
        return response


def download(
    server: Callable[[Request], Response], phone: EnrolledPhone | None = None
) -> HubDownload:
    return run(download_hub(phone or enrolled(), 1000, clock=FixedClock()), server)


def test_the_package_comes_in_ranges() -> None:
    server = HubScript()
    done = download(server)
    assert [request.headers.get("Range") for request in server.requests] == [
        "bytes=0-999",
        "bytes=1000-1999",
        "bytes=2000-2999",
    ]
    assert {(request.method, request.url) for request in server.requests} == {("GET", HUB_URL)}
    assert (done.total, done.sha256) == (len(PACKAGE), hashlib.sha256(PACKAGE).hexdigest())
    assert (done.requests, done.media_type) == (3, "application/x-silverlight-app")
    assert done.certificate.certificate.subject.common_name == DEVICE_CN


def _whole(_response: Response) -> Response:
    return Response(status=200, body=PACKAGE)


@pytest.mark.parametrize("at", [0, 1])
def test_a_200_is_the_whole_package(at: int) -> None:
    done = download(HubScript(edit=_whole, at=at))
    assert (done.total, done.sha256) == (len(PACKAGE), hashlib.sha256(PACKAGE).hexdigest())
    assert done.requests == at + 1


def test_a_shorter_part_than_asked_is_taken() -> None:
    def shorter(response: Response) -> Response:
        headers = response.headers.replaced("Content-Range", f"bytes 0-9/{len(PACKAGE)}")
        return Response(status=206, headers=headers, body=PACKAGE[:10])

    server = HubScript(edit=shorter)
    assert download(server).sha256 == hashlib.sha256(PACKAGE).hexdigest()
    assert server.requests[1].headers.get("Range") == "bytes=10-1009"


ABORTED = [
    (with_header("Content-Range", None), 0, "Content-Range", "206 without Content-Range"),
    (with_header("Content-Range", None), 1, "Content-Range", "206 without Content-Range"),
    (with_header("Content-Range", "bytes 0-999/*"), 0, "Content-Range", "names no range"),
    (with_header("Content-Range", "items 0-999/2560"), 0, "Content-Range", "names no range"),
    (with_header("Content-Range", "bytes 1-1000/2560"), 0, "Content-Range", "not what was asked"),
    (with_header("Content-Range", "bytes 0-1000/2560"), 0, "Content-Range", "not what was asked"),
    (with_header("Content-Range", "bytes 0-999/999"), 0, "Content-Range", "not what was asked"),
    (with_header("Content-Range", "bytes 0-998/2560"), 0, "Content-Range", "1000 bytes that came"),
    (with_header("Content-Range", "bytes 1000-1999/9999"), 1, "Content-Range", "length of the"),
    (
        with_header("Content-Range", "bytes 0-999/99999999999"),
        0,
        "Content-Range",
        "more than 536870912",
    ),
    (with_header("ETag", '"2"'), 1, "ETag", "the package changed"),
    (with_header("Content-Encoding", "gzip"), 0, "Content-Encoding", "compressed"),
    (with_header("Content-Length", "1001"), 0, "Content-Length", "does not fit"),
    (with_status(404), 0, "status", "HTTP 404"),
    (with_status(302), 0, "status", "HTTP 302"),
    (with_status(416), 1, "status", "HTTP 416"),
    (lambda _response: Response(status=200), 0, "body", "empty"),
]


@pytest.mark.parametrize(("edit", "at", "place", "reason"), ABORTED)
def test_the_download_aborts(
    edit: Callable[[Response], Response], at: int, place: str, reason: str
) -> None:
    with pytest.raises(Refusal) as caught:
        download(HubScript(edit=edit, at=at))
    assert_refusal(caught.value, "hub", place, reason)


def test_a_whole_package_beyond_the_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "MAX_HUB_BYTES", 100)
    with pytest.raises(Refusal) as caught:
        download(HubScript(edit=_whole))
    assert_refusal(caught.value, "hub", "body", "more than 100 bytes")


def test_no_answer_ends_the_download() -> None:
    def down(_request: Request) -> Response:
        raise NoAnswer("TLS handshake refused")

    with pytest.raises(Refusal) as caught:
        download(down)
    assert_refusal(caught.value, "hub", "url", "TLS handshake refused")


_CRITERIA = f'name="CertificateSearchCriteria" value="CN%3D{DEVICE_CN}"'


def _with_certificate(**changes: object) -> EnrolledPhone:
    document = provisioning_document(client_certificate(**changes))
    return enrolled(EnrollmentScript(document=document))


NEVER_ASKED = [
    (lambda: _with_certificate(subject_tag=UTF8_STRING), "Criteria", "finds only PrintableString"),
    (
        lambda: _with_certificate(subject_value=f"{DEVICE_CN}\0".encode()),
        "Criteria",
        "no certificate found for criteria",
    ),
    (lambda: _with_certificate(key="device2"), "Criteria", "no private key"),
    (
        lambda: enrolled_with((_CRITERIA, _CRITERIA.replace("CN%3D", "Subject%3DCN%3D"))),
        "Criteria",
        "no certificate found",
    ),
    (lambda: enrolled_with((_CRITERIA, _CRITERIA.replace(DEVICE_CN, ""))), "Criteria", "no cert"),
    (
        lambda: enrolled_with((_CRITERIA, 'name="CertificateSearchCriteria" value=""')),
        "Criteria",
        "names no CertificateSearchCriteria",
    ),
    (lambda: enrolled_with((HUB_URL, "http://mdm.example.test/x.xap")), "StoreURI", "not https"),
    (lambda: enrolled_with((HUB_URL, "https://10.0.0.1/x.xap")), "StoreURI", "IP address"),
    (lambda: enrolled_with((HUB_URL, "")), "StoreURI", "not https"),
    (
        lambda: enrolled_with(('type="4000000001"', 'type="4000000002"')),
        "EnrollmentToken",
        "that of enterprise 4000000001",
    ),
    (lambda: replace(enrolled(), hub=None), "EnterpriseAppManagement", "no EnterpriseApp"),
]


@pytest.mark.parametrize(("make", "place", "reason"), NEVER_ASKED)
def test_the_hub_is_never_asked_for(
    make: Callable[[], EnrolledPhone], place: str, reason: str
) -> None:
    server = HubScript()
    with pytest.raises(Refusal) as caught:
        download(server, make())
    assert_refusal(caught.value, "hub", place, reason)
    assert server.requests == []


@pytest.mark.parametrize(
    "criteria", [f"CN={DEVICE_CN}", f"CN={DEVICE_CN.replace('-', '%2D')}", f"CN%3d{DEVICE_CN}"]
)
def test_the_criteria_is_decoded_once(criteria: str) -> None:
    phone = enrolled_with((_CRITERIA, f'name="CertificateSearchCriteria" value="{criteria}"'))
    assert download(HubScript(), phone).total == len(PACKAGE)


def test_the_scripted_token_is_one_of_the_enterprise() -> None:
    assert enrolled().hub is not None
    assert AET not in repr(enrolled().hub)


@pytest.mark.parametrize(("end", "is_refused"), [("2026-11-22", True), ("2026-12-24", False)])
def test_a_token_that_has_ended_installs_nothing(end: str, is_refused: bool) -> None:
    date = f"<ExpirationDate>{end}</ExpirationDate></AET>".encode()
    token = base64.b64encode(base64.b64decode(AET).replace(b"</AET>", date)).decode()
    phone, server = enrolled_with((AET, token)), HubScript()
    leg = download_hub(phone, clock=FixedClock())
    if not is_refused:
        assert run(leg, server).total == len(PACKAGE)
        return
    with pytest.raises(Refusal) as caught:
        run(leg, server)
    assert caught.value.place.endswith("parm[@name='EnrollmentToken']")
    assert caught.value.evidence == "2026-11-22 00:00 UTC"
    assert server.requests == []


def test_a_range_of_nothing_is_no_range() -> None:
    with pytest.raises(ConfigError):
        run(download_hub(enrolled(), 0), HubScript())
