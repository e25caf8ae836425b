"""Routing: which host and path gets which answer."""

from __future__ import annotations

import pytest

from mdmcore.http import Headers, Request
from mdmcore.server import MdmServer


def get(url: str, method: str = "GET") -> Request:
    return Request(method=method, url=url, headers=Headers())


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("example.test", True),
        ("mdm.example.test", True),
        ("EnterpriseEnrollment.Example.TEST", True),
        ("enterpriseenrollment.example.test.", True),
        ("other.example.test", False),
        ("mdm.example.test.evil.test", False),
        ("xexample.test", False),
        ("", False),
    ],
)
def test_the_domain_and_two_names_before_it_are_answered(
    server: MdmServer, host: str, ours: bool
) -> None:
    assert server.answers_for(host) is ours


@pytest.mark.parametrize(
    "path", ["/EnrollmentServer/Discovery.svc", "/ENROLLMENTSERVER/discovery.SVC"]
)
def test_the_probe_gets_an_empty_html_page(server: MdmServer, path: str) -> None:
    answer = server.answer(get(f"https://EnterpriseEnrollment.example.test{path}?x=1"))
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers.get("Content-Type") == "text/html"
    assert answer.headers.get("Content-Length") == "0"
    assert answer.headers.get("Cache-Control") == "no-cache"


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("GET", "https://mdm.example.test/nothing", 404),
        ("GET", "https://elsewhere.test/EnrollmentServer/Discovery.svc", 404),
        ("GET", "https://mdm.example.test/EnrollmentServer/Policy.svc", 405),
        ("PUT", "https://mdm.example.test/EnrollmentServer/Discovery.svc", 405),
        ("GET", "https://mdm.example.test/CompanyHub/hub.xap", 404),
    ],
)
def test_what_is_not_there_is_refused(
    server: MdmServer, method: str, url: str, status: int
) -> None:
    answer = server.answer(get(url, method))
    assert answer.status == status
    assert answer.headers.get("Content-Length") == str(len(answer.body or b""))


@pytest.mark.parametrize(
    "path", ["/EnrollmentServer/Discovery.svc", "/enrollmentserver/DISCOVERY.svc?x"]
)
def test_over_plain_http_discovery_is_redirected(server: MdmServer, path: str) -> None:
    answer = server.answer(get(f"http://EnterpriseEnrollment.example.test{path}"))
    assert answer.status == 302
    assert answer.headers.get("Location") == (
        "https://enterpriseenrollment.example.test/EnrollmentServer/Discovery.svc"
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/EnrollmentServer/Discovery.svc"),
        ("POST", "/EnrollmentServer/Policy.svc"),
        ("POST", "/ManagementServer/MDM.svc"),
        ("GET", "/EnrollmentServer/Authentication.svc"),
        ("HEAD", "/EnrollmentServer/Discovery.svc"),
        ("GET", "/nothing"),
    ],
)
def test_everything_else_is_refused_in_the_clear(server: MdmServer, method: str, path: str) -> None:
    answer = server.answer(get(f"HTTP://mdm.example.test{path}", method))
    assert answer.status == 403
    assert b"https" in (answer.body or b"")


def test_another_host_is_not_redirected(server: MdmServer) -> None:
    assert server.answer(get("http://other.test/EnrollmentServer/Discovery.svc")).status == 404
