"""``mdmproxy emulate`` as a process: what it prints, how it ends, what outlives it."""

from __future__ import annotations

import base64
import os
import signal
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from mitmproxy import http, io

from mdmcore.cli.transport import HttpTransport, trust_only
from mdmcore.http import Headers, Request, Response
from mdmcore.namespaces import SOAP_CONTENT_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.phone.drive import run as drive
from mdmcore.phone.enrollment import enroll
from mdmcore.phone.management import sync
from mdmcore.phone.refusal import Refusal
from mdmcore.phone.settings import PhoneSettings
from tests.support import messages as m
from tests.support.certification_requests import build_request
from tests.support.keys import load_key
from tests.support.openssl import openssl_output
from tests.support.processes import Process, run
from tests.support.requirements import shared_file
from tests.support.win10_log import request_bodies

pytestmark = pytest.mark.e2e

MDMPROXY = (sys.executable, "-m", "mdmcore")
SETTINGS = PhoneSettings(
    email="demo@example.test",
    username="demo@example.test",
    password="secret",
    device_id="urn:uuid:CE9DF168-3B6A-5099-83CB-A49FC6613F9D",
)
DM_URL = "https://mdm.example.test/ManagementServer/MDM.svc"


@contextmanager
def emulator(
    folder: Path, *arguments: str | Path, fresh: bool = False
) -> Iterator[tuple[Process, HttpTransport]]:
    """The process, and a way to send requests through it."""
    command = [
        *(*MDMPROXY, "emulate", "--listen-port", "0", "--state", folder / "state"),
        *("--confdir", folder / "conf", *arguments),
    ]
    with Process(command, fresh=fresh) as process:
        port = process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
        trust = trust_only((folder / "conf" / "mitmproxy-ca-cert.pem").read_text("ascii"))
        with HttpTransport(proxy=f"http://127.0.0.1:{port}", trust=trust) as transport:
            yield process, transport
    assert "Traceback" not in process.output


def post(transport: HttpTransport, url: str, body: bytes, content_type: str) -> Response:
    headers = Headers([("Content-Type", content_type)])
    return transport(Request(method="POST", url=url, headers=headers, body=body))


def flows_of(path: Path) -> list[http.HTTPFlow]:
    with path.open("rb") as file:
        return [flow for flow in io.FlowReader(file).stream() if isinstance(flow, http.HTTPFlow)]


def rules_of(flow: http.HTTPFlow) -> list[str]:
    return [finding["rule"] for finding in flow.metadata["mdmproxy"]["findings"]]


def now() -> datetime:
    return datetime.now(UTC)


def test_a_phone_goes_on_after_a_restart(tmp_path: Path) -> None:
    with emulator(tmp_path, "--user", "demo@example.test:secret", fresh=True) as both:
        process, transport = both
        phone = drive(
            enroll(SETTINGS, private_key=load_key("device"), random=os.urandom, clock=now),
            transport,
        )
        phone = drive(sync(phone, random=os.urandom), transport).phone
        assert process.interrupt(signal.SIGTERM) == 0
    with emulator(tmp_path, fresh=True) as (process, transport):
        outcome = drive(sync(phone, random=os.urandom), transport)
        assert outcome.is_client_authenticated
        assert outcome.is_server_authenticated
        assert outcome.messages == 2
        assert process.interrupt() == 0
    mode = (tmp_path / "state" / "enrollment-ca.pem").stat().st_mode
    assert mode & 0o077 == 0


def test_a_phone_that_is_asked_for_credentials_gives_them(tmp_path: Path) -> None:
    with emulator(tmp_path) as (_, transport):
        settings = replace(SETTINGS, sends_cred_first=False)
        phone = drive(
            enroll(settings, private_key=load_key("device"), random=os.urandom, clock=now),
            transport,
        )
        outcome = drive(sync(phone, random=os.urandom), transport)
        assert outcome.is_client_authenticated
        assert outcome.messages == 3


def test_bad_input_is_refused_noted_and_survived(tmp_path: Path) -> None:
    record = tmp_path / "session.mitm"
    csr = shared_file("captures", "wp81-lumia", "lumia630_csr.der").read_bytes()
    base = "https://mdm.example.test/EnrollmentServer"
    options = ("--user", "demo@example.test:secret", "--record", record)
    with emulator(tmp_path, *options) as (process, transport):
        wrong_password = m.get_policies(password="wrong")
        truncated = m.request_security_token(csr[:300], password="secret")
        stranger = m.syncml(m.PACKAGE_1, cred=m.md5_cred("x", "y", b"z"), loc_name="nobody")
        answers = [
            post(transport, f"{base}/Discovery.svc", b"<s:Envelope", SOAP_CONTENT_TYPE),
            post(transport, f"{base}/Policy.svc", wrong_password, SOAP_CONTENT_TYPE),
            post(transport, f"{base}/Enrollment.svc", truncated, SOAP_CONTENT_TYPE),
            post(transport, DM_URL, stranger, SYNCML_XML_MEDIA_TYPE),
            post(transport, DM_URL, b"<SyncML", SYNCML_XML_MEDIA_TYPE),
        ]
        assert [answer.status for answer in answers] == [500, 500, 500, 200, 400]
        subcodes = [
            ET.fromstring(answer.body or b"").findtext(".//{*}Subcode/{*}Value", "")
            for answer in answers[:3]
        ]
        assert subcodes == ["s:MessageFormat", "s:Authentication", "s:CertificateRequest"]
        assert process.interrupt() == 0
    flows = flows_of(record)
    assert [bool(rules_of(flow)) for flow in flows] == [True] * 5
    assert "xml-not-wellformed" in rules_of(flows[0])
    assert "enrollment-refused" in rules_of(flows[1])
    assert "csr-signature-invalid" in rules_of(flows[2])
    assert "dm-credentials-refused" in rules_of(flows[3])
    assert "xml-not-wellformed" in rules_of(flows[4])


def test_the_real_requests_are_accepted_over_the_wire(tmp_path: Path) -> None:
    body = shared_file("captures", "wp81-lumia", "lumia630_wstep_rst.xml").read_bytes()
    package = shared_file("captures", "wp81-lumia", "lumia630_syncml_pkg1.xml").read_bytes()
    url = "https://mdm.example.test/EnrollmentServer/Enrollment.svc"
    account = "dummy:dummy:basic:urn:uuid:CE9DF168-3B6A-5099-83CB-A49FC6613F9D"
    with emulator(tmp_path, "--account", account) as (_, transport):
        answer = post(transport, url, body, SOAP_CONTENT_TYPE)
        token = ET.fromstring(answer.body or b"").findtext(".//{*}BinarySecurityToken", "")
        assert b"<wap-provisioningdoc" in base64.b64decode(token)
        session = ET.fromstring(post(transport, DM_URL, package, SYNCML_XML_MEDIA_TYPE).body or b"")
        assert session.findtext(".//{SYNCML:SYNCML1.2}Status/{SYNCML:SYNCML1.2}Data") == "212"


def test_the_real_csrs_get_certificates_over_the_wire(tmp_path: Path) -> None:
    names = [
        ("wp81-lumia", "lumia630_csr.der"),
        *(
            ("csr", f"{name}_csr.der")
            for name in ("win10_19043", "poc_ngrok_win10", "mdmtest_win11")
        ),
    ]
    url = "https://mdm.example.test/EnrollmentServer/Enrollment.svc"
    with emulator(tmp_path) as (_, transport):
        for parts in names:
            csr = shared_file("captures", *parts).read_bytes()
            answer = post(transport, url, m.request_security_token(csr), SOAP_CONTENT_TYPE)
            token = ET.fromstring(answer.body or b"").findtext(".//{*}BinarySecurityToken", "")
            store = ET.fromstring(base64.b64decode(token))
            files = {}
            for which in ("Root", "My"):
                parm = store.find(
                    f"characteristic/characteristic[@type='{which}']//parm[@name='EncodedCertificate']"
                )
                assert parm is not None
                der = base64.b64decode(parm.get("value", ""))
                files[which] = tmp_path / f"{which}.pem"
                files[which].write_bytes(openssl_output("x509", "-inform", "DER", data=der))
            verified = openssl_output(
                *("verify", "-purpose", "sslclient", "-CAfile", str(files["Root"])),
                str(files["My"]),
            )
            assert b"OK" in verified
            requested = openssl_output("req", "-inform", "DER", "-noout", "-pubkey", data=csr)
            issued = openssl_output("x509", "-in", str(files["My"]), "-noout", "-pubkey")
            assert issued == requested


def test_the_windows_10_requests_are_answered_over_the_wire(tmp_path: Path) -> None:
    bodies = request_bodies()
    service = "https://mdm.example.test/EnrollmentServer"
    with emulator(tmp_path) as (_, transport):
        for name, path in (
            ("discover", "Discovery.svc"),
            ("policies", "Policy.svc"),
            ("enrollment", "Enrollment.svc"),
        ):
            answer = post(transport, f"{service}/{path}", bodies[name], SOAP_CONTENT_TYPE)
            assert answer.status == 200, (name, answer.body)
        answer = post(transport, DM_URL, bodies["syncml-1"], SYNCML_XML_MEDIA_TYPE)
        codes = [
            status.findtext("{SYNCML:SYNCML1.2}Data")
            for status in ET.fromstring(answer.body or b"").iter("{SYNCML:SYNCML1.2}Status")
        ]
        assert (answer.status, codes) == (200, ["407"] * 4)


def test_answers_are_whole_and_their_length_counts_bytes(tmp_path: Path) -> None:
    name = "J\u00fcrgen \u4e16\u754c"
    service = "https://mdm.example.test/EnrollmentServer"
    request = m.request_security_token(build_request(), name)
    with emulator(tmp_path, "--user", f"{name}:pw") as (_, transport):
        answers = [
            post(transport, f"{service}/Discovery.svc", m.discover(name), SOAP_CONTENT_TYPE),
            post(transport, f"{service}/Policy.svc", m.get_policies(name), SOAP_CONTENT_TYPE),
            post(transport, f"{service}/Policy.svc", m.get_policies(name, "no"), SOAP_CONTENT_TYPE),
            post(transport, f"{service}/Enrollment.svc", request, SOAP_CONTENT_TYPE),
            post(transport, DM_URL, m.syncml("", device_id=name), SYNCML_XML_MEDIA_TYPE),
        ]
    assert [answer.status for answer in answers] == [200, 200, 500, 200, 200]
    for answer in answers:
        assert answer.headers.get("Transfer-Encoding") is None
        assert answer.headers.get_all("Content-Length") == (str(len(answer.body or b"")),)
    assert all(name in (answers[n].body or b"").decode() for n in (2, 4))  # there bytes differ


def test_a_wrong_password_ends_the_phones_enrolment(tmp_path: Path) -> None:
    with (
        emulator(tmp_path, "--user", "demo@example.test:other") as (_, transport),
        pytest.raises(Refusal, match="policy"),
    ):
        drive(
            enroll(SETTINGS, private_key=load_key("device"), random=os.urandom, clock=now),
            transport,
        )


def test_a_port_in_use_is_one_line_and_exit_2(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(
            [
                *(*MDMPROXY, "emulate", "--listen-port", str(port)),
                *("--state", tmp_path / "state", "--confdir", tmp_path / "conf"),
            ],
            fresh=True,
        )
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("mdmproxy: error: ")
    assert str(port) in line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--user", "nocolon"], "NAME:PASSWORD"),
        (["--account", "a:b:sha1"], "NAME:SECRET:basic"),
        (["--hub", "x.xap"], "aetx"),
        (["--hub", "missing.xap", "--aetx", "missing.aetx"], "missing.xap"),
        (["--domain", "not a domain"], "domain"),
        (["--config", "missing.toml"], "missing.toml: no such file"),
        (["--hash", "md5"], "neither sha1 nor sha256"),
        (["--listen-port", "99999"], "99999"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_bad_options_are_one_line_and_exit_2(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    done = run(
        [
            *(*MDMPROXY, "emulate", "--listen-port", "0", *arguments),
            *("--state", tmp_path / "state", "--confdir", tmp_path / "conf"),
        ]
    )
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("mdmproxy: error: ")
    assert words in line


def test_a_state_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    done = run(
        [
            *(*MDMPROXY, "emulate", "--listen-port", "0"),
            *("--state", tmp_path / "state", "--confdir", tmp_path / "conf"),
        ]
    )
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1


def test_the_transport_trusts_nothing_but_the_proxys_authority(tmp_path: Path) -> None:
    with emulator(tmp_path):
        pem = (tmp_path / "conf" / "mitmproxy-ca-cert.pem").read_text("ascii")
        context = trust_only(pem).context()
        assert len(context.get_ca_certs()) == 1
        assert context.verify_mode is ssl.CERT_REQUIRED
