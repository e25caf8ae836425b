"""Enrolments of all generations with our own server, and renewals: nothing wrong is found."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from mdmcore.enrollment.wab import parse_wab_page
from mdmcore.http import Exchange, Headers, Request, Response, TlsFacts
from mdmcore.inspector import Inspection, Inspector
from mdmcore.namespaces import SOAP_CONTENT_TYPE, VALUE_TYPE_USER_TOKEN
from mdmcore.profiles import FEDERATED, ON_PREMISE, device_profile
from mdmcore.rules import RULES
from mdmcore.server import MdmServer
from tests.support import messages
from tests.support.renewal import renew, renew_message
from tests.support.server import FixedClock, make_server
from tests.support.server_certificates import server_certificate
from tests.support.story import EMAIL, Story, phone_csr

DOMAIN = "https://mdm.example.test"
DISCOVERY = "https://enterpriseenrollment.example.test/EnrollmentServer/Discovery.svc"
APPLICATION_VERSIONS = {
    "wp8": "8.0.10501.127",
    "wp81": "8.10.14219.0",
    "win81": "6.3.9600.0",
    "win10": "10.0.26200.1",
}
WAYS = [
    ("wp8", ON_PREMISE),
    ("wp81", ON_PREMISE),
    ("wp81", FEDERATED),
    ("win81", FEDERATED),
    ("win10", ON_PREMISE),
    ("win10", FEDERATED),
]
PHASES = {"tls-http", "discovery-wab-policy", "enrollment-certificate", "renewal", "unenrollment"}

type Tell = Callable[[Request], Response]


def post(url: str, body: bytes, media_type: str = SOAP_CONTENT_TYPE) -> Request:
    fields = [("Content-Type", media_type), ("Content-Length", str(len(body)))]
    return Request(method="POST", url=url, headers=Headers(fields), body=body)


def discover(name: str, policies: tuple[str, ...]) -> bytes:
    profile = device_profile(name)
    more = f"<ApplicationVersion>{APPLICATION_VERSIONS[name]}</ApplicationVersion>"
    offered = "".join(f"<AuthPolicy>{policy}</AuthPolicy>" for policy in policies)
    more += f"<AuthPolicies>{offered}</AuthPolicies>" if offered else ""
    return messages.discover(
        EMAIL, profile.request_version, device_type=profile.device_type, more=more
    )


def sign_in(tell: Tell) -> str:
    """Through both pages; the security header with the token."""
    appru = "ms-app://windows.immersivecontrolpanel"
    url = f"{DOMAIN}/EnrollmentServer/Authenticate"
    query = f"?appru={quote(appru, safe='')}&login_hint={quote(EMAIL)}"
    tell(Request(method="GET", url=url + query))
    fields = {"appru": appru, "username": EMAIL, "password": "pw"}
    page = tell(post(url, urlencode(fields).encode(), "application/x-www-form-urlencoded"))
    form = parse_wab_page(page.body or b"")
    assert form is not None
    token = base64.b64encode((form.value("wresult") or "").encode()).decode()
    wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
    return (
        f'<w:Security s:mustUnderstand="1" xmlns:w="{wsse}"><w:BinarySecurityToken '
        f'ValueType="{VALUE_TYPE_USER_TOKEN}" EncodingType="{wsse}#base64binary">{token}'
        "</w:BinarySecurityToken></w:Security>"
    )


def enroll(server: MdmServer, name: str, policy: str, clock: FixedClock) -> list[Inspection]:
    """An enrolment over a right TLS connection, each exchange inspected."""
    inspector = Inspector()
    found: list[Inspection] = []

    def tell(request: Request) -> Response:
        response = server.answer(request)
        tls = TlsFacts(server_certificates=(server_certificate(request.host),))
        number = len(found) + 1
        exchange = Exchange(
            id=f"c:{number}",
            index=number,
            capture="c",
            request=request,
            response=response,
            started=clock(),
            peer="192.0.2.1",
            tls=tls,
        )
        found.append(inspector.inspect(exchange))
        return response

    tell(Request(method="GET", url=DISCOVERY))
    tell(post(DISCOVERY, discover(name, device_profile(name).offered_auth_policies)))
    header = sign_in(tell) if policy == FEDERATED else messages.security(EMAIL, "pw")
    policies = messages.get_policies(EMAIL, "pw")
    if policy == FEDERATED:
        policies = policies.replace(messages.security(EMAIL, "pw").encode(), header.encode())
    tell(post(f"{DOMAIN}/EnrollmentServer/Policy.svc", policies))
    body = messages.request_security_token(phone_csr(), header=header)
    kind = device_profile(name).device_type.encode()
    body = body.replace(b"<c:Value>WindowsPhone<", b"<c:Value>" + kind + b"<")
    version = APPLICATION_VERSIONS[name].encode()
    body = body.replace(b"<c:Value>8.0.10211.0<", b"<c:Value>" + version + b"<")
    tell(post(f"{DOMAIN}/EnrollmentServer/Enrollment.svc", body))
    (life,) = inspector.lives()
    assert (life.profile, life.auth_policy, life.is_enrolled) == (name, policy, True)
    return found


@pytest.mark.parametrize(("name", "policy"), WAYS)
def test_an_enrolment_of_each_generation(tmp_path: Path, name: str, policy: str) -> None:
    clock = FixedClock()
    server, store = make_server(
        tmp_path, clock=clock, users=((EMAIL, "pw"),), auth_policies=(policy,)
    )
    with closing(store):
        found = enroll(server, name, policy, clock)
    kinds = [inspection.kind for inspection in found]
    pages = ["wab", "wab"] if policy == FEDERATED else []
    assert kinds == ["probe", "discover", *pages, "getpolicies", "rst"]
    judged = [
        (finding.rule, finding.severity)
        for inspection in found
        for finding in inspection.findings
        if RULES[finding.rule].entry.phase in PHASES
    ]
    assert judged == []


@pytest.mark.parametrize("name", APPLICATION_VERSIONS)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("has_user", [True, False])
def test_a_renewal_of_each_generation(name: str, layers: int, has_user: bool) -> None:
    story = Story(name).enrolled()
    found = renew(story, renew_message(layers=layers, has_user=has_user))
    assert found.findings == ()
    (life,) = story.inspector.lives()
    assert life.certificate is not None
    digest = hashlib.sha256(life.certificate.spki).hexdigest()
    assert digest == found.decoded["request"]["csr"]["spki_sha256"]
