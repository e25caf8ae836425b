"""Enrolment seen by a device: answers read by the stdlib parser, certificates by openssl."""

from __future__ import annotations

import base64
import subprocess
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mdmcore.http import Headers, Request, Response
from mdmcore.pki.authority import certificate_pem
from mdmcore.server import Hub, MdmServer
from mdmcore.store import Database
from tests.server.conftest import ServerFactory
from tests.support import messages as m
from tests.support.requirements import require_program, shared_file
from tests.support.server import make_authority, post_soap

DISCOVERY = "/EnrollmentServer/Discovery.svc"
POLICY = "/EnrollmentServer/Policy.svc"
ENROLLMENT = "/EnrollmentServer/Enrollment.svc"
CSRS = (
    ("wp81-lumia", "lumia630_csr.der"),
    ("csr", "win10_19043_csr.der"),
    ("csr", "poc_ngrok_win10_csr.der"),
    ("csr", "mdmtest_win11_csr.der"),
)


def text(answer: Response, name: str) -> str:
    element = ET.fromstring(answer.body or b"").find(f".//{{*}}{name}")
    assert element is not None, answer.body
    return element.text or ""


def document(answer: Response) -> ET.Element:
    """The provisioning document inside the answer."""
    assert answer.status == 200, answer.body
    return ET.fromstring(base64.b64decode(text(answer, "BinarySecurityToken")))


def parm(doc: ET.Element, name: str) -> str:
    element = doc.find(f".//parm[@name='{name}']")
    assert element is not None, name
    return element.get("value", "")


def client_certificate(doc: ET.Element) -> bytes:
    store = doc.find(".//characteristic[@type='My']/characteristic[@type='User']")
    assert store is not None
    value = store.find(".//parm[@name='EncodedCertificate']")
    assert value is not None
    return base64.b64decode(value.get("value", ""))


def fault(answer: Response) -> tuple[int, str, str]:
    """HTTP status, subcode without prefix, reason."""
    root = ET.fromstring(answer.body or b"")
    value = root.find(".//{*}Subcode/{*}Value")
    reason = root.find(".//{*}Reason/{*}Text")
    assert value is not None
    assert reason is not None
    return answer.status, (value.text or "").rpartition(":")[2], reason.text or ""


@pytest.fixture
def lumia_csr() -> bytes:
    return shared_file("captures", "wp81-lumia", "lumia630_csr.der").read_bytes()


def test_discovery_names_one_host_for_both_services(server: MdmServer) -> None:
    answer = post_soap(server, DISCOVERY, m.discover(), host=m.ENTERPRISE)
    assert answer.status == 200
    assert answer.headers.get("Content-Type") == "application/soap+xml; charset=utf-8"
    assert answer.headers.get("Content-Length") == str(len(answer.body or b""))
    assert text(answer, "AuthPolicy") == "OnPremise"
    assert text(answer, "RelatesTo") == m.MESSAGE_ID
    assert text(answer, "EnrollmentPolicyServiceUrl") == f"https://mdm.example.test{POLICY}"
    assert text(answer, "EnrollmentServiceUrl") == f"https://mdm.example.test{ENROLLMENT}"


@pytest.mark.parametrize("version", ["", "1.0", "4.0", "9.0", "99.0"])
def test_every_request_version_is_served(server: MdmServer, version: str) -> None:
    assert post_soap(server, DISCOVERY, m.discover(version=version)).status == 200


def test_policies_ask_for_a_key_length_and_a_digest(server: MdmServer) -> None:
    answer = post_soap(server, POLICY, m.get_policies())
    assert text(answer, "policySchema") == "3"
    assert text(answer, "minimalKeyLength") == "2048"
    assert text(answer, "hashAlgorithmOIDReference") == text(answer, "oIDReferenceID")
    assert text(answer, "value") == "1.3.14.3.2.29"


@pytest.mark.parametrize("parts", CSRS, ids=[parts[1] for parts in CSRS])
def test_the_real_csrs_get_certificates_that_openssl_accepts(
    server: MdmServer, tmp_path: Path, parts: tuple[str, str]
) -> None:
    openssl = require_program("openssl")

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [openssl, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    csr = shared_file("captures", *parts).read_bytes()
    doc = document(post_soap(server, ENROLLMENT, m.request_security_token(csr)))
    der = client_certificate(doc)
    (tmp_path / "csr.der").write_bytes(csr)
    (tmp_path / "cert.der").write_bytes(der)
    (tmp_path / "cert.pem").write_bytes(certificate_pem(der))
    (tmp_path / "ca.pem").write_bytes(certificate_pem(make_authority().certificate))
    at = ["-attime", "1795435200"]  # the test's clock, 2026-11-23
    assert "OK" in run("verify", *at, "-CAfile", "ca.pem", "-purpose", "sslclient", "cert.pem")
    key = run("req", "-inform", "DER", "-in", "csr.der", "-noout", "-pubkey")
    assert run("x509", "-inform", "DER", "-in", "cert.der", "-noout", "-pubkey") == key
    subject = run("x509", "-in", "cert.pem", "-noout", "-subject", "-nameopt", "RFC2253,show_type")
    name = subject.strip().removeprefix("subject=CN=PRINTABLESTRING:")
    assert name == parm(doc, "EntDMID") == name.upper()
    assert len(name) == 36
    assert "\\00" not in subject
    criteria = f"Subject=CN%3D{name}&Stores=My%5CUser"
    assert parm(doc, "SSLCLIENTCERTSEARCHCRITERIA") == criteria


def test_each_phone_gets_a_subject_of_its_own(server: MdmServer, lumia_csr: bytes) -> None:
    def enroll() -> str:
        answer = post_soap(server, ENROLLMENT, m.request_security_token(lumia_csr))
        return parm(document(answer), "EntDMID")

    assert enroll() != enroll()


def test_the_document_has_what_starts_a_session(server: MdmServer, lumia_csr: bytes) -> None:
    doc = document(post_soap(server, ENROLLMENT, m.request_security_token(lumia_csr)))
    levels = {
        entry.find("parm[@name='AAUTHLEVEL']").get("value"): entry  # type: ignore[union-attr]
        for entry in doc.iterfind(".//characteristic[@type='APPAUTH']")
    }
    assert set(levels) == {"CLIENT", "APPSRV"}
    for entry in levels.values():
        assert len(base64.b64decode(parm(entry, "AAUTHDATA"), validate=True)) == 16
    assert parm(doc, "AuxNumRetries") == "10"
    assert parm(doc, "ADDR") == "https://mdm.example.test/ManagementServer/MDM.svc"
    assert doc.find(".//characteristic[@type='EnterpriseAppManagement']") is None


class Package:
    """Ten bytes of a hub."""

    size = 10
    etag = '"e"'
    media_type = "application/x-silverlight-app"

    def read(self, start: int, length: int) -> bytes:
        return b"0123456789"[start : start + length]


def test_a_hub_is_announced_and_served(server_factory: ServerFactory, lumia_csr: bytes) -> None:
    hub = Hub(
        package=Package(),
        file_name="hub.xap",
        product_id="{A}",
        enterprise_id="4000000001",
        enrollment_token="dG9rZW4=",
    )
    server = server_factory(hub=hub)
    doc = document(post_soap(server, ENROLLMENT, m.request_security_token(lumia_csr)))
    branch = doc.find(".//characteristic[@type='EnterpriseAppManagement']/characteristic")
    assert branch is not None
    assert branch.get("type") == "4000000001"
    assert parm(branch, "EnrollmentToken") == "dG9rZW4="
    assert parm(branch, "StoreURI") == "https://mdm.example.test/CompanyHub/hub.xap"
    name = parm(doc, "EntDMID")
    assert parm(branch, "CertificateSearchCriteria") == f"CN%3D{name}"

    def download(*headers: tuple[str, str]) -> Response:
        url = "https://mdm.example.test/companyhub/HUB.xap?x=1"
        return server.answer(Request(method="GET", url=url, headers=Headers(headers)))

    assert download().body == b"0123456789"
    part = download(("Range", "bytes=2-4"))
    assert (part.status, part.body) == (206, b"234")
    assert part.headers.get("Content-Range") == "bytes 2-4/10"
    assert download(("Range", "bytes=10-")).status == 416


USERS = {"users": (("demo@example.test", "pw"), ("admin", "other"))}


@pytest.mark.parametrize(
    ("user", "password", "accepted"),
    [
        ("demo@example.test", "pw", True),
        ("Demo@Example.TEST", "pw", True),
        ("demo@example.test", "PW", False),
        ("demo@example.test", "other", False),
        ("nobody", "pw", False),
        ("", "", False),
    ],
)
def test_users_can_be_restricted(
    server_factory: ServerFactory, user: str, password: str, accepted: bool
) -> None:
    server = server_factory(**USERS)
    answer = post_soap(server, POLICY, m.get_policies(user, password))
    if accepted:
        assert answer.status == 200
    else:
        assert fault(answer)[:2] == (500, "Authentication")
        assert password == "" or password not in fault(answer)[2]


def test_any_user_will_do_without_a_list(server: MdmServer) -> None:
    assert post_soap(server, POLICY, m.get_policies("who", "ever")).status == 200


def test_no_security_header_is_invalid_security(server: MdmServer, lumia_csr: bytes) -> None:
    body = m.request_security_token(lumia_csr, header="")
    assert fault(post_soap(server, ENROLLMENT, body))[:2] == (500, "InvalidSecurity")


@pytest.mark.parametrize("path", [DISCOVERY, POLICY, ENROLLMENT])
@pytest.mark.parametrize("body", [b"", b"x", b"<a/>", b"<s:Envelope", m.discover()[:-1], b"\x00"])
def test_what_is_no_message_is_a_message_format_fault(
    server: MdmServer, path: str, body: bytes
) -> None:
    status, subcode, reason = fault(post_soap(server, path, body))
    assert (status, subcode) == (500, "MessageFormat")
    assert reason


def test_a_message_for_another_service_is_a_fault(server: MdmServer) -> None:
    assert fault(post_soap(server, ENROLLMENT, m.discover()))[1] == "MessageFormat"
    assert fault(post_soap(server, POLICY, m.discover()))[1] == "MessageFormat"
    assert fault(post_soap(server, DISCOVERY, m.get_policies()))[1] == "MessageFormat"


def test_the_fault_relates_to_the_request(server_factory: ServerFactory) -> None:
    answer = post_soap(server_factory(**USERS), POLICY, m.get_policies())
    wrong = post_soap(server_factory(**USERS), POLICY, m.get_policies(password="no"))
    assert text(wrong, "RelatesTo") == text(answer, "RelatesTo") == m.MESSAGE_ID


def test_a_truncated_csr_is_a_certificate_request_fault_with_its_place(
    server: MdmServer, lumia_csr: bytes
) -> None:
    answer = post_soap(server, ENROLLMENT, m.request_security_token(lumia_csr[:300]))
    status, subcode, reason = fault(answer)
    assert (status, subcode) == (500, "CertificateRequest")
    assert "offset" in reason


def test_a_csr_with_a_broken_signature_is_refused(server: MdmServer, lumia_csr: bytes) -> None:
    broken = lumia_csr[:-1] + bytes([lumia_csr[-1] ^ 1])
    answer = post_soap(server, ENROLLMENT, m.request_security_token(broken))
    assert fault(answer)[1] == "CertificateRequest"


def test_a_short_key_is_refused(server_factory: ServerFactory, lumia_csr: bytes) -> None:
    server = server_factory(minimal_key_length=4096)
    answer = post_soap(server, ENROLLMENT, m.request_security_token(lumia_csr))
    assert "2048" in fault(answer)[2]


def test_another_request_type_is_refused(server: MdmServer, lumia_csr: bytes) -> None:
    body = m.request_security_token(lumia_csr, request_type="Renew")
    assert fault(post_soap(server, ENROLLMENT, body))[1] == "CertificateRequest"


def test_nothing_is_recorded_for_a_refused_request(
    server_factory: ServerFactory, lumia_csr: bytes, tmp_path: Path
) -> None:
    server = server_factory(**USERS)
    post_soap(server, ENROLLMENT, m.request_security_token(lumia_csr, password="no"))
    with closing(Database(tmp_path / "state.sqlite3")) as store:
        assert store.certificates() == ()
        post_soap(server, ENROLLMENT, m.request_security_token(lumia_csr))
        assert len(store.certificates()) == 1
