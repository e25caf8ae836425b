"""``emulate --client-tls`` from the device's side: real handshakes by openssl, renewal by curl.

The device enrolled most of a year ago: the state was made by the same server with an older clock.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mdmcore.http import Response
from mdmcore.mitm.state import open_state
from mdmcore.namespaces import DISCOVERY_PATH, SOAP_CONTENT_TYPE
from mdmcore.pki.authority import Authority, certificate_pem
from mdmcore.server import MdmServer, ServerSettings
from tests.server.renewals import Device, enroll
from tests.server.soap_answers import client_certificate, document, fault, text
from tests.support import messages as m
from tests.support.certificates import forge_certificate
from tests.support.curl import Curl
from tests.support.keys import key_path, spki
from tests.support.processes import Process, run
from tests.support.requirements import require_program

pytestmark = pytest.mark.e2e

MANAGEMENT, ENROLLMENT = "mdm.example.test", m.ENTERPRISE
PROBE = b"GET /EnrollmentServer/Discovery.svc HTTP/1.0\r\nHost: x\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulator:
    """A running emulator with two devices that enrolled long ago, and the CA of its state."""

    option: str
    port: int
    confdir: Path
    folder: Path
    authority: Authority
    device: Device
    other: Device

    def pem(self, certificate: bytes) -> Path:
        """The certificate in a file."""
        path = self.folder / f"{abs(hash(certificate))}.pem"
        path.write_bytes(certificate_pem(certificate))
        return path

    def handshake(self, host: str, *arguments: str | Path, request: bytes = PROBE) -> str:
        """What ``openssl s_client`` saw of a request to that host."""
        done = run(
            [
                *(require_program("openssl"), "s_client", "-msg", "-ign_eof", "-servername", host),
                *("-proxy", f"127.0.0.1:{self.port}", "-connect", f"{host}:443"),
                *("-CAfile", self.confdir / "mitmproxy-ca-cert.pem", "-verify_return_error"),
                *arguments,
            ],
            input=request,
        )
        return (done.stdout + done.stderr).decode("latin-1")

    def post(self, url: str, body: bytes, device: Device | None = None) -> Response:
        """A SOAP message by curl, over a connection with that device's certificate."""
        (self.folder / "body").write_bytes(body)
        arguments: list[str | Path] = [
            *("-H", f"Content-Type: {SOAP_CONTENT_TYPE}"),
            *("--data-binary", f"@{self.folder / 'body'}"),
        ]
        if device is not None:
            arguments += ["--cert", self.pem(device.certificate), "--key", key_path(device.key)]
        curl = Curl(port=self.port, confdir=self.confdir, folder=self.folder)
        answer = curl(url, *arguments)
        assert answer.code == 0, answer.error
        return Response(status=answer.status, body=answer.body)


@pytest.fixture(scope="module", params=["--legacy-tls", "--no-legacy-tls"])
def emulator(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("client-tls")
    long_ago = datetime.now(UTC) - timedelta(days=340)
    state = open_state(folder / "state", clock=lambda: long_ago, random=os.urandom)
    server = MdmServer(
        ServerSettings(domains=("example.test",), client_tls=True),
        authority=state.authority,
        store=state.database,
        clock=lambda: long_ago,
        random=os.urandom,
    )
    device, other = enroll(server), enroll(server, "enterprise")
    state.database.close()
    command = [
        *(sys.executable, "-m", "mdmcore", "emulate", "--listen-port", "0", request.param),
        *("--state", folder / "state", "--confdir", folder / "conf", "--client-tls"),
        *("--user", "demo@example.test:pw"),
    ]
    with Process(command) as process:
        port = process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
        yield Emulator(
            option=request.param,
            port=int(port),
            confdir=folder / "conf",
            folder=folder,
            authority=state.authority,
            device=device,
            other=other,
        )
        assert process.interrupt() == 0
    assert "Traceback" not in process.output


VERSIONS = ["-tls1", "-tls1_1", "-tls1_2", "-tls1_3"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("host", "is_asked"), [(MANAGEMENT, True), (ENROLLMENT, False)])
def test_only_the_management_host_asks_for_a_certificate(
    emulator: Emulator, version: str, host: str, is_asked: bool
) -> None:
    output = emulator.handshake(host, version, "-cipher", "ALL@SECLEVEL=0")
    if emulator.option == "--no-legacy-tls" and version in {"-tls1", "-tls1_1"}:
        assert "HTTP/1" not in output
        return
    assert ("CertificateRequest" in output) is is_asked
    assert re.search(r"^HTTP/1\.[01] 200", output, re.MULTILINE)


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_resumed_session_still_tells_who_it_is(emulator: Emulator, version: str) -> None:
    device, session = emulator.device, emulator.folder / f"session{version}"
    shown = ("-cert", emulator.pem(device.certificate), "-key", key_path(device.key))
    body = m.get_policies(header="")
    head = (
        f"POST /EnrollmentServer/Policy.svc HTTP/1.0\r\nHost: {MANAGEMENT}\r\n"
        f"Content-Type: {SOAP_CONTENT_TYPE}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    for way, is_resumed in (("-sess_out", False), ("-sess_in", True)):
        output = emulator.handshake(
            MANAGEMENT, version, way, session, *shown, request=head.encode() + body
        )
        assert (re.search(r"^Reused, ", output, re.MULTILINE) is not None) is is_resumed
        assert re.search(r"^HTTP/1\.[01] 200", output, re.MULTILINE), output


def test_a_certificate_that_cannot_be_parsed_harms_nobody(emulator: Emulator) -> None:
    broken = forge_certificate(
        spki("device"),
        authority=emulator.authority,
        subject_value=b"DEVICE\0",
        now=datetime.now(UTC),
    )
    url = f"https://{MANAGEMENT}{DISCOVERY_PATH}"
    answer = emulator.post(url, m.discover(), Device(certificate=broken))
    assert answer.status == 200
    policy = text(answer, "EnrollmentPolicyServiceUrl")
    silent = m.get_policies(header="")
    assert fault(emulator.post(policy, silent, Device(certificate=broken)))[1] == "InvalidSecurity"


def test_the_first_enrolment_stays_where_nobody_asks(emulator: Emulator) -> None:
    answer = emulator.post(f"https://{ENROLLMENT}{DISCOVERY_PATH}", m.discover())
    for name in ("EnrollmentPolicyServiceUrl", "EnrollmentServiceUrl"):
        assert urlsplit(text(answer, name)).netloc == ENROLLMENT
    policy = text(answer, "EnrollmentPolicyServiceUrl")
    assert emulator.post(policy, m.get_policies()).status == 200
    # curl would show it, but is not asked
    silent = emulator.post(policy, m.get_policies(header=""), emulator.device)
    assert fault(silent)[1] == "InvalidSecurity"


def test_a_silent_renewal_walks_from_discovery_to_its_certificate(emulator: Emulator) -> None:
    device, other = emulator.device, emulator.other
    url = ServerSettings(domains=("example.test",), client_tls=True).renewal_server_url(
        "example.test"
    )
    assert url is not None
    found = emulator.post(url, m.discover(), device)
    policy, service = (text(found, f"Enrollment{n}ServiceUrl") for n in ("Policy", ""))
    assert {urlsplit(policy).netloc, urlsplit(service).netloc} == {MANAGEMENT}
    silent = m.get_policies(header="")
    assert emulator.post(policy, silent, device).status == 200
    assert fault(emulator.post(policy, silent))[1] == "InvalidSecurity"

    request = m.renewal(device.pkcs7())
    refused = emulator.post(service, request, other)
    assert fault(refused)[1] == "Authentication"
    renewed = device.with_certificate(emulator.post(service, request, device))
    assert renewed.certificate != device.certificate
    assert fault(emulator.post(service, request, device))[1] == "CertificateRequest"
    # The new certificate is good for the connection at once, but not to be renewed yet.
    assert emulator.post(policy, silent, renewed).status == 200
    early = emulator.post(service, m.renewal(renewed.pkcs7("authority")), renewed)
    assert fault(early)[1] == "Authorization"
    assert "the renewal period begins on" in fault(early)[2]


def test_a_manual_renewal_needs_no_client_certificate(emulator: Emulator) -> None:
    header = m.security("demo@example.test", "pw")
    url = f"https://{ENROLLMENT}/EnrollmentServer/Enrollment.svc"
    body = m.renewal(emulator.other.pkcs7("authority"), header, layers=2)
    assert client_certificate(document(emulator.post(url, body))) != emulator.other.certificate
