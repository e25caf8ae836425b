"""The first certificate and its document; certificates are judged by openssl."""

from __future__ import annotations

import base64
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from mdmcore.http import Headers, Request, Response
from mdmcore.pki.authority import certificate_pem
from mdmcore.records import Account, AccountStatus, QueueState
from mdmcore.server import Hub, MdmServer
from mdmcore.server.planning import WantedJob
from mdmcore.store import Database
from tests.server.conftest import ServerFactory
from tests.server.dm_device import Enrolled
from tests.server.soap_answers import ENROLLMENT, client_certificate, document, fault, parm
from tests.support import messages as m
from tests.support.requirements import require_program, shared_file
from tests.support.server import NOW, make_authority, post_soap

CSRS = (
    ("wp81-lumia", "lumia630_csr.der"),
    ("csr", "win10_19043_csr.der"),
    ("csr", "poc_ngrok_win10_csr.der"),
    ("csr", "mdmtest_win11_csr.der"),
)
USERS = {"users": (("demo@example.test", "pw"), ("admin", "other"))}


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


def test_no_security_header_is_invalid_security(server: MdmServer, lumia_csr: bytes) -> None:
    body = m.request_security_token(lumia_csr, header="")
    assert fault(post_soap(server, ENROLLMENT, body))[:2] == (500, "InvalidSecurity")


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


def account_of(folder: Path) -> Account:
    with closing(Database(folder / "state.sqlite3")) as store:
        (account,) = store.unbound_accounts(5)
    return account


def test_what_the_request_tells_is_kept_white_space_aside(
    server: MdmServer, lumia_csr: bytes, tmp_path: Path
) -> None:
    context = (
        (" DeviceType\n", "\n   CIMClient_Windows\t"),
        ("ApplicationVersion ", "  10.0.19043.1110  "),
        ("DeviceID", "\n ABCDEF "),
        ("\tHWDevID", " 0a1b\n"),
        ("Empty", "   "),
    )
    body = m.request_security_token(lumia_csr, context=context)
    assert post_soap(server, ENROLLMENT, body).status == 200
    account = account_of(tmp_path)
    assert account.device_type == "CIMClient_Windows"
    assert (account.profile, account.auth_policy) == ("win10", "OnPremise")
    assert (account.reported_device_id, account.hardware_id) == ("ABCDEF", "0a1b")
    assert account.ent_dmid == account.name
    assert account.certificate_store == "My/User"
    assert account.status is AccountStatus.ENROLLED


def test_the_certificate_is_linked_to_its_account(
    server: MdmServer, lumia_csr: bytes, tmp_path: Path
) -> None:
    post_soap(server, ENROLLMENT, m.request_security_token(lumia_csr))
    account = account_of(tmp_path)
    with closing(Database(tmp_path / "state.sqlite3")) as store:
        (certificate,) = store.certificates()
    assert certificate.account == account.name == certificate.subject_cn
    assert certificate.serial == account.certificate_serial
    assert certificate.issuer_thumbprint == make_authority().parsed.thumbprint


def test_the_scenario_waits_for_the_first_session(
    server_factory: ServerFactory, lumia_csr: bytes, tmp_path: Path
) -> None:
    server = server_factory(
        jobs=(
            WantedJob(recipe="device-information"),
            WantedJob(recipe="lock"),
            WantedJob(recipe="unenroll", profiles=("win10",)),
        )
    )
    phone = Enrolled(server, lumia_csr)
    with closing(Database(tmp_path / "state.sqlite3")) as store:
        (job,) = store.waiting_jobs(phone.name, "whatever it calls itself")
        (device,) = store.devices()
        lock, _ = store.jobs(device.account, 10)
    assert (job.recipe, job.queued) == ("device-information", NOW)
    assert "./DevInfo/Man" in job.commands
    assert (lock.recipe, lock.state) == ("lock", QueueState.FAILED)
    assert lock.outcome.startswith("not queued: lock is for")
