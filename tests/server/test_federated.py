"""A Federated enrolment as browser and device see it: sign in, token, certificate, once."""

from __future__ import annotations

import base64
import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

import pytest

from mdmcore.enrollment.html_form import HtmlForm
from mdmcore.enrollment.wab import parse_wab_page
from mdmcore.http import Headers, Request, Response
from mdmcore.server import MdmServer
from tests.server.conftest import ServerFactory
from tests.support import messages as m
from tests.support.requirements import shared_file
from tests.support.server import NOW, FixedClock, make_server, post_soap

PAGE = "https://mdm.example.test/EnrollmentServer/Authenticate"
POLICY = "/EnrollmentServer/Policy.svc"
ENROLLMENT = "/EnrollmentServer/Enrollment.svc"
DISCOVERY = "/EnrollmentServer/Discovery.svc"
APPRU = "ms-app://windows.immersivecontrolpanel"
OURS = (
    "http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment/DeviceEnrollmentUserToken"
)
JWT = "urn:ietf:params:oauth:token-type:jwt"
USERS: dict[str, Any] = {"users": (("demo@example.test", "pw"),), "auth_policies": ("Federated",)}


def first(answer: Response, name: str) -> str:
    element = ET.fromstring(answer.body or b"").find(f".//{{*}}{name}")
    assert element is not None, answer.body
    return element.text or ""


def page(server: MdmServer, url: str, fields: dict[str, str] | None = None) -> Response:
    body = b"" if fields is None else urlencode(fields).encode()
    headers = Headers([("Content-Type", "application/x-www-form-urlencoded")])
    method = "GET" if fields is None else "POST"
    return server.answer(Request(method=method, url=url, headers=headers, body=body))


def form(answer: Response) -> HtmlForm:
    assert answer.status == 200
    found = parse_wab_page(answer.body or b"")
    assert found is not None
    return found


def sign_in(server: MdmServer, password: str = "pw") -> HtmlForm:
    fields = {"appru": APPRU, "username": "demo@example.test", "password": password}
    return form(page(server, PAGE, fields))


def token_of(server: MdmServer) -> str:
    token = sign_in(server).value("wresult")
    assert token
    return token


def header(token: str, value_type: str = OURS) -> str:
    wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
    text = base64.b64encode(token.encode()).decode()
    return (
        f'<w:Security s:mustUnderstand="1" xmlns:w="{wsse}"><w:BinarySecurityToken '
        f'ValueType="{value_type}" EncodingType="{wsse}#base64binary">{text}'
        "</w:BinarySecurityToken></w:Security>"
    )


def jwt(**claims: object) -> str:
    parts = [{"alg": "none"}, claims]
    texts = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts]
    return ".".join([*texts, "sig"])


@pytest.fixture
def federated(server_factory: ServerFactory) -> MdmServer:
    return server_factory(**USERS)


@pytest.fixture
def csr() -> bytes:
    return shared_file("captures", "csr", "win10_19043_csr.der").read_bytes()


def enroll(server: MdmServer, csr: bytes, token: str, value_type: str = OURS) -> Response:
    body = m.request_security_token(csr, header=header(token, value_type))
    return post_soap(server, ENROLLMENT, body)


def refusal(answer: Response) -> str:
    """The subcode of an Authentication fault's answer and its reason."""
    assert answer.status == 500
    root = ET.fromstring(answer.body or b"")
    assert (root.findtext(".//{*}Subcode/{*}Value") or "").endswith(":Authentication")
    return root.findtext(".//{*}Text") or ""


def test_discovery_names_the_sign_in_page(federated: MdmServer) -> None:
    body = m.discover(version="", device_type="CIMClient_Windows")
    answer = post_soap(federated, DISCOVERY, body)
    assert first(answer, "AuthPolicy") == "Federated"
    assert first(answer, "AuthenticationServiceUrl") == PAGE


def test_a_windows_81_pc_is_federated_by_default(server: MdmServer) -> None:
    body = m.discover(version="", device_type="CIMClient_Windows")
    assert first(post_soap(server, DISCOVERY, body), "AuthPolicy") == "Federated"


def test_one_token_serves_policies_and_one_certificate(federated: MdmServer, csr: bytes) -> None:
    shown = form(page(federated, f"{PAGE}?appru={quote(APPRU)}&login_hint=demo%40example.test"))
    assert shown.value("username") == "demo@example.test"
    end = sign_in(federated)
    assert end.action == APPRU
    token = end.value("wresult") or ""
    policies = m.get_policies().replace(
        m.security("demo@example.test", "pw").encode(), header(token).encode()
    )
    assert post_soap(federated, POLICY, policies).status == 200
    assert enroll(federated, csr, token).status == 200
    assert "has been used" in refusal(enroll(federated, csr, token))
    assert "has been used" in refusal(post_soap(federated, POLICY, policies))


def test_a_request_that_fails_does_not_use_the_token_up(federated: MdmServer, csr: bytes) -> None:
    token = token_of(federated)
    assert enroll(federated, csr[:100], token).status == 500
    assert enroll(federated, csr, token).status == 200


def test_a_wrong_password_shows_the_page_again(federated: MdmServer) -> None:
    again = sign_in(federated, "no")
    assert again.value("wresult") is None
    assert again.value("appru") == APPRU
    assert again.value("password") == ""


def test_the_token_expires_and_survives_a_restart(tmp_path: Path, csr: bytes) -> None:
    clock = FixedClock()
    server, store = make_server(tmp_path, clock=clock, **USERS)
    early, late = token_of(server), token_of(server)
    store.close()
    server, store = make_server(tmp_path, clock=clock, seed="again", **USERS)
    try:
        clock.advance(minutes=14)
        assert enroll(server, csr, early).status == 200
        clock.advance(minutes=1)
        assert "expired" in refusal(enroll(server, csr, late))
    finally:
        store.close()


def test_the_state_never_holds_the_token(federated: MdmServer, tmp_path: Path) -> None:
    token = token_of(federated).encode()
    assert all(token not in file.read_bytes() for file in tmp_path.iterdir())


@pytest.mark.parametrize("token", ["made up", "\u2028"])
def test_a_foreign_token_is_refused(federated: MdmServer, csr: bytes, token: str) -> None:
    assert "not issued here" in refusal(enroll(federated, csr, token))
    assert "ValueType" in refusal(enroll(federated, csr, token, "urn:x"))


def test_a_jwt_is_read_and_not_verified(federated: MdmServer, csr: bytes) -> None:
    later = NOW.timestamp() + 60
    assert enroll(federated, csr, jwt(upn="Demo@example.test", exp=later), JWT).status == 200
    expired = jwt(upn="demo@example.test", exp=NOW.timestamp())
    assert "expired" in refusal(enroll(federated, csr, expired, JWT))
    assert "not one of" in refusal(enroll(federated, csr, jwt(upn="other"), JWT))
    assert "names no user" in refusal(enroll(federated, csr, jwt(upn=1), JWT))


def test_a_jwt_is_refused_where_none_is_accepted(server_factory: ServerFactory, csr: bytes) -> None:
    server = server_factory(**USERS, accepts_jwt=False)
    why = refusal(enroll(server, csr, jwt(upn="demo@example.test"), JWT))
    assert f"ValueType {JWT!r} is not served" in why


def test_a_token_lasts_as_long_as_the_settings_say(tmp_path: Path, csr: bytes) -> None:
    clock = FixedClock()
    server, store = make_server(
        tmp_path, clock=clock, **USERS, token_lifetime=timedelta(minutes=60)
    )
    with closing(store):
        early, late = token_of(server), token_of(server)
        clock.advance(minutes=59)
        assert enroll(server, csr, early).status == 200
        clock.advance(minutes=1)
        assert "expired" in refusal(enroll(server, csr, late))


@pytest.mark.parametrize("text", ["a", "a.b", "a.W10.c", "a.\u00e9.c", "." + "x" * 70000])
def test_a_broken_jwt_is_refused(federated: MdmServer, csr: bytes, text: str) -> None:
    assert "JWT" in refusal(enroll(federated, csr, text, JWT))


def test_a_password_will_not_do_where_it_is_not_allowed(federated: MdmServer) -> None:
    answer = post_soap(federated, POLICY, m.get_policies())
    assert answer.status == 500
    assert "BinarySecurityToken" in first(answer, "Text")


@pytest.mark.parametrize("query", ["", "?appru=", "?appru=javascript:alert(1)", "?login_hint=x"])
def test_a_page_without_an_address_for_the_token_is_400(federated: MdmServer, query: str) -> None:
    assert page(federated, PAGE + query).status == 400


def test_a_form_that_cannot_be_read_is_refused(federated: MdmServer) -> None:
    for body, status in ((b"\xff", 400), (b"x=1", 400), (b"a" * 20000, 413)):
        assert federated.answer(Request(method="POST", url=PAGE, body=body)).status == status


def test_only_the_script_of_the_end_page_may_run(federated: MdmServer) -> None:
    first_page = page(federated, f"{PAGE}?appru={APPRU}")
    assert "script-src" not in (first_page.headers.get("Content-Security-Policy") or "")
    fields = {"appru": APPRU, "username": "demo@example.test", "password": "pw"}
    policy = page(federated, PAGE, fields).headers.get("Content-Security-Policy") or ""
    assert "script-src 'sha256-" in policy
