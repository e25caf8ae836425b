"""Mistakes below HTTP, made by a real emulator: what the simulated phone, curl and openssl see.

One process for all: the mistakes are ordered while it runs, and taken back. They are seen in new
connections, so each phone has its own transport.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mdmcore.cli.life import LivePhone
from mdmcore.cli.probe.plan import Way
from mdmcore.cli.transport import Address, HttpTransport
from mdmcore.http import Request, Response
from mdmcore.phone import NoAnswer, PhoneSettings, Refusal
from mdmcore.phone.keyring import Keyring
from tests.support.curl import Curl
from tests.support.keys import load_key
from tests.support.processes import Process, run
from tests.support.proxy import HUB_BYTES, write_hub
from tests.support.requirements import require_program

pytestmark = pytest.mark.e2e

MDMPROXY = (sys.executable, "-m", "mdmcore")
DISCOVERY_HOST, MDM_HOST = "enterpriseenrollment.example.test", "mdm.example.test"
DISCOVERY = f"https://{DISCOVERY_HOST}/EnrollmentServer/Discovery.svc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulator:
    """A running emulator: the ports of its proxy and of its direct HTTPS."""

    process: Process
    port: int
    https: int
    folder: Path

    def device_fault(self, *arguments: str) -> None:
        done = run([*MDMPROXY, "device", "fault", *arguments, "--state", self.folder / "state"])
        assert done.returncode == 0, done.stderr

    @contextmanager
    def making(self, fault: str, *more: str) -> Iterator[None]:
        """While it makes that mistake."""
        self.device_fault(fault, *more)
        try:
            yield
        finally:
            self.device_fault("--off")

    @property
    def authority(self) -> str:
        return (self.folder / "conf" / "mitmproxy-ca-cert.pem").read_text("ascii")

    @contextmanager
    def carrier(
        self, profile: str, *, timeout_s: float = 20.0, directly: bool = False
    ) -> Iterator[HttpTransport]:
        """The TLS and HTTP of a device of that generation."""
        way = Way(authority_pem=self.authority)
        trust = replace(way.tls_side(settings(profile), now), trusts_system=False)
        if directly:
            place = Address(ip="127.0.0.1", port=self.https)
            resolve = dict.fromkeys((DISCOVERY_HOST, MDM_HOST), place)
            carrier = HttpTransport(proxy=None, trust=trust, resolve=resolve)
        else:
            proxy = f"http://127.0.0.1:{self.port}"
            carrier = HttpTransport(proxy=proxy, trust=trust, timeout_s=timeout_s)
        with carrier:
            yield carrier

    def curl(self) -> Curl:
        return Curl(port=self.port, confdir=self.folder / "conf", folder=self.folder)

    def openssl(self, host: str, *arguments: str) -> str:
        """What ``openssl s_client`` says of a handshake with that host."""
        done = run(
            [
                *(require_program("openssl"), "s_client", "-servername", host),
                *("-proxy", f"127.0.0.1:{self.port}", "-connect", f"{host}:443"),
                *("-CAfile", self.folder / "conf" / "mitmproxy-ca-cert.pem"),
                *("-verify_hostname", host, *arguments),
            ],
            input=b"",
        )
        return (done.stdout + done.stderr).decode("latin-1")


def now() -> datetime:
    return datetime.now(UTC)


def settings(profile: str) -> PhoneSettings:
    return PhoneSettings(
        email="user@example.test",
        username="user@example.test",
        password="any",
        profile=profile,
        device_id="urn:uuid:00000000-0000-4000-8000-00000000ABCD",
    )


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("transport-faults")
    package, aetx = write_hub(folder)
    command: list[str | Path] = [
        *(*MDMPROXY, "emulate", "--listen-port", "0", "--domain", "example.test"),
        *("--state", folder / "state", "--confdir", folder / "conf"),
        *("--hub", package, "--aetx", aetx, "--record", folder / "record.mitm"),
        *("--dns", "--dns-port", "0", "--https-port", "0", "--http-port", "0"),
    ]
    with Process(command) as process:
        port = process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
        https = process.wait_for(r"HTTPS on 127\.0\.0\.1:(\d+),")[1]
        yield Emulator(process=process, port=int(port), https=int(https), folder=folder)
        assert process.interrupt() == 0
    assert "Traceback" not in process.output
    assert "error: mdmproxy" not in process.output
    check_recording(folder / "record.mitm")


def check_recording(record: Path) -> None:
    """What passed below HTTP is in the recording, and shows the mistakes to the rules."""
    done = run([*MDMPROXY, "analyze", record, "--format", "json"])
    found = {finding["rule"] for finding in json.loads(done.stdout)["findings"]}
    assert found >= {
        *("tls-name-mismatch", "tls-wildcard-certificate", "tls-chain-incomplete"),
        *("tls-certificate-expired", "content-length-wrong", "content-length-counts-characters"),
        *("answer-broken-off", "crl-unreachable"),
    }


def enrolled(carrier: HttpTransport, profile: str) -> LivePhone:
    keys = Keyring(lambda *_: load_key("device"))
    phone = LivePhone(settings(profile), carrier, keys=keys, clock=now)
    phone.enroll()
    return phone


def failure(carrier: HttpTransport, host: str = DISCOVERY_HOST) -> str:
    """How a device fails to get an answer."""
    with pytest.raises(NoAnswer) as caught:
        carrier(Request(method="GET", url=f"https://{host}/EnrollmentServer/Discovery.svc"))
    return str(caught.value.failure)


def a_life_succeeds(emulator: Emulator, profile: str = "wp8") -> None:
    with emulator.carrier(profile) as carrier:
        phone = enrolled(carrier, profile)
        assert phone.sync().is_server_authenticated
        if profile == "wp8":
            assert phone.download_hub().content == HUB_BYTES


CONNECTIONS = [
    ("tls-name-mismatch", "wp8", "tls-name", "Verify return code: 62 (hostname mismatch)"),
    ("tls-root-not-on-device", "wp81", "tls-root", "Verify return code: 19 "),
    ("tls-chain-incomplete", "win81", "tls-issuer", "Verify return code: 21 "),
    ("tls-certificate-expired", "wp8", "tls-dates", "Verify return code: 10 (certificate has exp"),
    ("tls-wildcard-certificate", "wp8", "tls-wildcard", "subject=CN=*.example.test"),
    ("tls-too-modern", "wp8", "tls-too-modern", "New, TLSv1.3,"),
    ("tls-client-cert-asked-early", "win10", "tls-client-certificate", "Acceptable client"),
    ("tls-too-old", "win10", "tls-too-old", "New, TLSv1.0,"),
]


@pytest.mark.parametrize(("fault", "profile", "expected", "said"), CONNECTIONS)
def test_a_mistake_of_a_handshake(
    emulator: Emulator, fault: str, profile: str, expected: str, said: str
) -> None:
    with emulator.making(fault):
        with emulator.carrier(profile) as carrier:
            assert failure(carrier) == expected
            with pytest.raises(Refusal) as caught:
                enrolled(carrier, profile)
            assert (caught.value.step, caught.value.place) == ("discovery", "url")
        with emulator.carrier(profile, directly=True) as carrier:
            assert failure(carrier, MDM_HOST) == expected
        arguments = ("-tls1", "-cipher", "ALL@SECLEVEL=0") if fault == "tls-too-old" else ()
        output = emulator.openssl(DISCOVERY_HOST, *arguments)
        assert said in output.replace("subject=CN = ", "subject=CN="), output
    a_life_succeeds(emulator, profile)


def test_devices_that_do_not_mind_go_on(emulator: Emulator) -> None:
    with emulator.making("tls-client-cert-asked-early"):
        a_life_succeeds(emulator, "wp81")
    with emulator.making("tls-wildcard-certificate"):
        a_life_succeeds(emulator, "win10")


def test_a_device_that_verifies_nothing_shows_the_chain_to_the_rules(emulator: Emulator) -> None:
    for fault in ("tls-name-mismatch", "tls-chain-incomplete", "tls-certificate-expired"):
        with emulator.making(fault):
            assert emulator.curl()(DISCOVERY, "-k").status == 200
    for rule in ("tls-name-mismatch", "tls-chain-incomplete", "tls-certificate-expired"):
        assert emulator.process.has_said(f"fault {rule} made below HTTP")


def test_a_step_stands_for_the_host_that_serves_it_and_times_for_connections(
    emulator: Emulator,
) -> None:
    with emulator.making("tls-name-mismatch", "--step", "manage", "--times", "1"):
        assert emulator.curl()(DISCOVERY).status == 200
        assert emulator.curl()(DISCOVERY.replace(DISCOVERY_HOST, MDM_HOST)).code == 60
        assert emulator.curl()(DISCOVERY.replace(DISCOVERY_HOST, MDM_HOST)).code == 0


def test_a_revocation_list_that_nobody_serves(emulator: Emulator) -> None:
    with emulator.making("crl-unreachable"):
        output = emulator.openssl(MDM_HOST, "-showcerts")
        leaf = re.search(r"-----BEGIN.*?-----END CERTIFICATE-----", output, re.DOTALL)
        assert leaf is not None
        shown = run([require_program("openssl"), "x509", "-noout", "-text"], input=leaf[0].encode())
        assert b"URI:http://crl.example.test/revoked.crl" in shown.stdout
        a_life_succeeds(emulator)


def test_the_hub_on_a_host_with_a_wrong_certificate(emulator: Emulator) -> None:
    with emulator.making("hub-tls-no-request"):
        with emulator.carrier("wp8") as carrier:
            phone = enrolled(carrier, "wp8")
            assert phone.sync().is_server_authenticated
            with pytest.raises(Refusal) as caught:
                phone.download_hub()
            assert caught.value.step == "hub"
            assert caught.value.evidence == "https://hub.example.test/CompanyHub/hub.xap"
            assert failure(carrier, "hub.example.test") == "tls-name"
    # The device keeps the address: it is served there once the certificate is right.
    with emulator.carrier("wp8") as carrier:
        again = LivePhone(settings("wp8"), carrier, keys=phone.keys, clock=now)
        again.phone = phone.phone
        assert again.download_hub().content == HUB_BYTES


BYTES = [
    ("content-length-wrong", "broken-off", 18),
    ("answer-truncated", "broken-off", 18),
    ("answer-broken-off", "broken-off", 56),
    ("answer-slow", "timed-out", 28),
]


@pytest.mark.parametrize(("fault", "expected", "code"), BYTES)
@pytest.mark.parametrize("step", ["discover", "manage"])
def test_a_mistake_in_the_bytes_of_an_answer(
    emulator: Emulator, fault: str, expected: str, code: int, step: str
) -> None:
    asked: list[Request] = []
    failures: list[str] = []
    with (
        emulator.making(fault, "--step", step),
        emulator.carrier("wp8", timeout_s=3 if fault == "answer-slow" else 20) as carrier,
    ):

        def watched(request: Request) -> Response:
            try:
                asked.append(request)
                return carrier(request)
            except NoAnswer as error:
                failures.append(str(error.failure))
                raise

        phone = LivePhone(settings("wp8"), watched, keys=Keyring(lambda *_: load_key("device")))
        with pytest.raises(Refusal) as caught:
            phone.enroll()
            phone.sync()
        assert caught.value.step == {"discover": "discovery", "manage": "management"}[step]
        assert failures[0] == expected
        body = emulator.folder / "body"
        last = asked[-1]
        body.write_bytes(last.body or b"")
        headers = [f"-H{name}: {value}" for name, value in last.headers]
        answer = emulator.curl()(last.url, *headers, "--data-binary", f"@{body}", "--max-time", "3")
        assert answer.code == code, answer.error
    a_life_succeeds(emulator)


@pytest.mark.parametrize("step", ["policy", "manage"])
def test_a_length_that_counts_characters(emulator: Emulator, step: str) -> None:
    with (
        emulator.making("content-length-counts-characters", "--step", step),
        emulator.carrier("wp8") as carrier,
    ):
        with pytest.raises(Refusal) as caught:
            enrolled(carrier, "wp8").sync()
        assert caught.value.step == {"policy": "policy", "manage": "management"}[step]
        assert caught.value.place.startswith("line ")
    a_life_succeeds(emulator)


@pytest.mark.parametrize(
    ("fault", "profile", "step"),
    [
        ("tls-certificate-expired", "wp8", "enroll"),
        ("tls-too-old", "win10", "enroll"),
        ("answer-broken-off", "wp8", "discover"),
        ("hub-tls-no-request", "wp8", "hub"),
        ("tls-client-cert-asked-early", "win10", "enroll"),
    ],
)
def test_a_probe_names_the_rule(emulator: Emulator, fault: str, profile: str, step: str) -> None:
    where = ("--step", step) if fault == "answer-broken-off" else ()
    with emulator.making(fault, *where):
        done = run(
            [
                *(*MDMPROXY, "probe", "user@example.test", "--profile", profile),
                *("--proxy", f"http://127.0.0.1:{emulator.port}", "--password", "-"),
                *("--ca", emulator.folder / "conf" / "mitmproxy-ca-cert.pem"),
            ],
            input=b"any\n",
            env={"MDMPROXY_PASSWORD": os.environ.get("MDMPROXY_PASSWORD", "any")},
        )
    output = done.stdout.decode()
    expected = "tls-name-mismatch" if fault == "hub-tls-no-request" else fault
    assert re.search(rf"REFUSED [^:]+: .*{expected}", output), output
