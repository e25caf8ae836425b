"""``mdmproxy emulate --dns``: a phone without a proxy setting, over real sockets.

Only the phone's view of the network is played: its names lead to the ports that were found free.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import socket
import ssl
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mdmcore.cli.transport import trust_only
from mdmcore.http import Headers, Request, Response
from mdmcore.phone.drive import run as drive
from mdmcore.phone.enrollment import enroll
from mdmcore.phone.hub import download_hub
from mdmcore.phone.management import sync
from mdmcore.phone.refusal import NoAnswer
from mdmcore.phone.settings import PhoneSettings
from tests.support.client_hello import client_hello, tls_answer
from tests.support.dns import AAAA, NOERROR, DnsAnswer, ask, query
from tests.support.keys import load_key
from tests.support.processes import Process, run
from tests.support.proxy import HUB_BYTES, write_hub
from tests.support.requirements import require_program

pytestmark = pytest.mark.e2e

DISCOVERY = "enterpriseenrollment.example.test/EnrollmentServer/Discovery.svc"
ADVERTISED = "127.0.0.1"
SETTINGS = PhoneSettings(
    email="demo@example.test",
    username="demo@example.test",
    password="secret",
    device_id="urn:uuid:CE9DF168-3B6A-5099-83CB-A49FC6613F9D",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulator:
    """A running emulator and where it listens."""

    process: Process
    confdir: Path
    folder: Path
    proxy: int
    dns: int
    https: int
    http: int

    @property
    def ca(self) -> Path:
        """mitmproxy's CA."""
        return self.confdir / "mitmproxy-ca-cert.pem"

    def curl(self, url: str, *arguments: str) -> tuple[int, str]:
        """Status and head of what curl gets, whose names lead to our ports; no proxy."""
        done = run(
            [
                *(require_program("curl"), "-q", "-sS", "--max-time", "50", "--noproxy", "*"),
                *("--connect-to", f"::127.0.0.1:{self._port(url)}", "--cacert", self.ca),
                *("-D", "-", "-o", self.folder / "body", "-w", "\n%{http_code}"),
                *(url, *arguments),
            ]
        )
        assert done.returncode == 0, done.stderr
        head, _, status = done.stdout.decode().rpartition("\n")
        return int(status), head

    def _port(self, url: str) -> int:
        return self.https if url.startswith("https:") else self.http


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("dns")
    package, aetx = write_hub(folder)
    command: list[str | Path] = [
        *(sys.executable, "-m", "mdmcore", "emulate", "--dns", "--listen-port", "0"),
        *("--dns-port", "0", "--https-port", "0", "--http-port", "0"),
        *("--state", folder / "state", "--confdir", folder / "conf"),
        *("--hub", package, "--aetx", aetx, "--record", folder / "out.mitm"),
    ]
    with Process(command) as process:
        proxy = process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
        dns = process.wait_for(r"^mdmproxy: DNS on 127\.0\.0\.1:(\d+): hosts of example\.test")[1]
        both = process.wait_for(r"^mdmproxy: HTTPS on 127\.0\.0\.1:(\d+), HTTP on \S+?:(\d+)$")
        yield Emulator(
            process=process,
            confdir=folder / "conf",
            folder=folder,
            proxy=int(proxy),
            dns=int(dns),
            https=int(both[1]),
            http=int(both[2]),
        )
        assert process.interrupt() == 0
    assert "Traceback" not in process.output


class DirectTransport:
    """Carries the phone's requests straight to the ports; whom it trusts may change between."""

    def __init__(self, emulator: Emulator, *, distrusts_first: bool = False) -> None:
        self._emulator = emulator
        self._trust = trust_only(emulator.ca.read_text("ascii")).context()
        self._distrusts_next = distrusts_first
        self.urls: list[str] = []

    def __call__(self, request: Request) -> Response:
        self.urls.append(request.url)
        connection = self._connection(request)
        try:
            path = request.path + (f"?{request.query}" if request.query else "")
            headers = {"Host": request.host, **dict(request.headers)}
            connection.request(request.method, path, body=request.body, headers=headers)
            answer = connection.getresponse()
            return Response(
                status=answer.status, headers=Headers(answer.getheaders()), body=answer.read()
            )
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from None
        finally:
            connection.close()

    def _connection(self, request: Request) -> http.client.HTTPConnection:
        if request.url.startswith("http:"):
            return http.client.HTTPConnection("127.0.0.1", self._emulator.http, timeout=30)
        trust = self._trust
        if self._distrusts_next:
            trust, self._distrusts_next = ssl.create_default_context(), False
        connection = http.client.HTTPSConnection(request.host, self._emulator.https, timeout=30)
        stream = socket.create_connection(("127.0.0.1", self._emulator.https), timeout=30)
        try:
            connection.sock = trust.wrap_socket(stream, server_hostname=request.host)
        except OSError as error:
            stream.close()
            raise NoAnswer(f"{type(error).__name__}: {error}") from None
        return connection


@pytest.mark.parametrize("tcp", [False, True])
@pytest.mark.parametrize(
    "host", ["example.test", "mdm.example.test", "EnterpriseEnrollment.Example.test", "mitm.it"]
)
def test_dns_gives_our_address(emulator: Emulator, host: str, tcp: bool) -> None:
    answer = ask(emulator.dns, query(host), tcp=tcp)
    assert answer == DnsAnswer(code=NOERROR, addresses=(ADVERTISED,))


def test_dns_has_no_other_records_of_our_hosts(emulator: Emulator) -> None:
    answer = ask(emulator.dns, query("mdm.example.test", AAAA))
    assert answer == DnsAnswer(code=NOERROR, addresses=())


def test_other_names_are_looked_up(emulator: Emulator) -> None:
    # From the hosts file, so that no network is needed.
    assert ask(emulator.dns, query("localhost")).addresses == ("127.0.0.1",)


def test_what_is_no_query_is_survived(emulator: Emulator) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        for junk in (b"", b"\0", b"x" * 512, query("example.test")[:20]):
            datagrams.sendto(junk, ("127.0.0.1", emulator.dns))
    assert ask(emulator.dns, query("example.test")).addresses == (ADVERTISED,)


def test_the_probe_is_answered_over_https(emulator: Emulator) -> None:
    assert emulator.curl(f"https://{DISCOVERY}")[0] == 200


def test_over_http_discovery_is_redirected(emulator: Emulator) -> None:
    status, head = emulator.curl(f"http://{DISCOVERY}")
    assert status == 302
    assert re.search(rf"(?m)^Location: https://{re.escape(DISCOVERY)}\r$", head)
    done = run(
        [
            *(require_program("curl"), "-q", "-sS", "-L", "--max-time", "50", "--noproxy", "*"),
            *("--connect-to", f":80:127.0.0.1:{emulator.http}"),
            *("--connect-to", f":443:127.0.0.1:{emulator.https}"),
            *("--cacert", emulator.ca, "-o", emulator.folder / "body"),
            *("-w", "%{http_code} %{num_redirects} %{url_effective}", f"http://{DISCOVERY}"),
        ]
    )
    assert done.stdout.decode() == f"200 1 https://{DISCOVERY}"


@pytest.mark.parametrize(
    "url", [f"http://{DISCOVERY}", "http://mdm.example.test/CompanyHub/hub.xap"]
)
def test_secrets_are_refused_over_http(emulator: Emulator, url: str) -> None:
    assert emulator.curl(url, "--data", "secret")[0] == 403
    assert b"use https" in (emulator.folder / "body").read_bytes()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_foreign_hosts_are_refused_and_not_asked_for(emulator: Emulator, scheme: str) -> None:
    assert emulator.curl(f"{scheme}://www.other.test/")[0] == 421
    assert b"not a host of this server" in (emulator.folder / "body").read_bytes()


def test_the_phone_gets_the_ca_without_a_proxy(emulator: Emulator) -> None:
    assert emulator.curl("http://mitm.it/cert/pem")[0] == 200
    assert (emulator.folder / "body").read_bytes() == emulator.ca.read_bytes()


def test_a_whole_life_without_a_proxy_setting(emulator: Emulator) -> None:
    transport = DirectTransport(emulator)
    phone = drive(
        enroll(SETTINGS, private_key=load_key("device"), random=os.urandom, clock=now), transport
    )
    outcome = drive(sync(phone, random=os.urandom), transport)
    assert outcome.is_client_authenticated
    assert outcome.is_server_authenticated
    package = drive(download_hub(outcome.phone), transport)
    assert package.sha256 == hashlib.sha256(HUB_BYTES).hexdigest()
    assert package.requests > 1


def test_a_phone_whose_tls_fails_finds_the_redirect(emulator: Emulator) -> None:
    transport = DirectTransport(emulator, distrusts_first=True)
    settings = replace(SETTINGS, accepts_redirect=True)
    drive(enroll(settings, private_key=load_key("device"), random=os.urandom, clock=now), transport)
    assert [url.lower() for url in transport.urls[:4]] == [
        f"{scheme}://{DISCOVERY}".lower() for scheme in ("https", "http", "https", "https")
    ]


def probe(emulator: Emulator, *arguments: str | Path) -> tuple[int, str]:
    """Exit code and output of a probe that knows this DNS server alone."""
    done = run(
        [
            *(sys.executable, "-m", "mdmcore", "probe", *arguments, "--ca", emulator.ca),
            *("--dns-server", f"127.0.0.1:{emulator.dns}", "--https-port", str(emulator.https)),
            *("--http-port", str(emulator.http)),
        ],
        env={"MDMPROXY_PASSWORD": "secret"},
    )
    return done.returncode, done.stdout.decode() + done.stderr.decode()


def test_a_probe_finds_the_emulator_by_dns(emulator: Emulator) -> None:
    code, output = probe(emulator, "demo@example.test")
    assert code == 0, output
    assert "Every step that was taken succeeded" in output
    for host in ("EnterpriseEnrollment.example.test", "mdm.example.test"):
        line = emulator.process.wait_for(rf"(?i)DNS A {re.escape(host)} -> (\S+)")
        assert line[1] == ADVERTISED


def test_a_probe_over_plain_http_is_redirected(emulator: Emulator) -> None:
    code, output = probe(emulator, "demo@example.test", "--url", "http://mdm.example.test")
    assert code == 0, output
    assert "Discovery probe -> 302" in output


def test_a_probe_of_a_name_that_this_dns_does_not_know(emulator: Emulator) -> None:
    # Nothing is asked outside: no DNS server knows a name with such a label.
    code, output = probe(emulator, f"demo@{'a' * 64}.test")
    assert code == 1
    assert "REFUSED Enrolment: host-name-unresolved" in output


def test_an_old_phone_is_told_of_here_too(emulator: Emulator) -> None:
    hello = client_hello((0x0004, 0x000A), host="mdm.example.test")
    assert tls_answer(emulator.https, hello, connect_to=None) == b""
    line = emulator.process.wait_for("TLS of 127.0.0.1 for mdm.example.test failed").string
    assert "TLS_RSA_WITH_3DES_EDE_CBC_SHA" in line


def now() -> datetime:
    return datetime.now(UTC)
