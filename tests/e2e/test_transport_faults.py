"""Mistakes below HTTP, made by a real emulator: what the simulated phone, curl and openssl see.

One process for all: the mistakes are ordered while it runs, and taken back. They are seen in new
connections, so each phone has its own transport.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from mdmcore.cli.life import LivePhone
from mdmcore.cli.probe.plan import Way
from mdmcore.cli.transport import Address, HttpTransport, Whereabouts
from mdmcore.http import Request, Response
from mdmcore.mitm.state import open_state
from mdmcore.phone import NoAnswer, PhoneSettings, Refusal
from mdmcore.phone.keyring import Keyring
from tests.support.analysing import analysis_of
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

    @contextmanager
    def making(self, fault: str, step: str = "", times: int | None = None) -> Iterator[None]:
        """While it makes that mistake, ordered as ``mdmproxy device fault`` does."""
        state = open_state(self.folder / "state", clock=now, random=os.urandom)
        state.database.order_fault(fault, now(), step=step, times=times)
        try:
            yield
        finally:
            state.database.clear_faults()
            state.database.close()

    def order(self, fault: str, step: str) -> None:
        """One more mistake, until ``making`` ends."""
        state = open_state(self.folder / "state", clock=now, random=os.urandom)
        state.database.order_fault(fault, now(), step=step)
        state.database.close()

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
            hosts = dict.fromkeys((DISCOVERY_HOST, MDM_HOST), place)
            carrier = HttpTransport(proxy=None, trust=trust, whereabouts=Whereabouts(hosts))
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
                *("-verify_hostname", host, "-msg", *arguments),
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


@contextmanager
def emulating(folder: Path, *arguments: str | Path) -> Iterator[Emulator]:
    """A running emulator with a hub, for devices with and without a proxy setting."""
    package, aetx = write_hub(folder)
    command: list[str | Path] = [
        *(*MDMPROXY, "emulate", "--listen-port", "0", "--domain", "example.test"),
        *("--state", folder / "state", "--confdir", folder / "conf"),
        *("--hub", package, "--aetx", aetx),
        *("--dns", "--dns-port", "0", "--https-port", "0", "--http-port", "0"),
        *arguments,
    ]
    with Process(command) as process:
        port = process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
        https = process.wait_for(r"HTTPS on 127\.0\.0\.1:(\d+),")[1]
        yield Emulator(process=process, port=int(port), https=int(https), folder=folder)
        assert process.interrupt() == 0
    assert "Traceback" not in process.output
    assert "error: mdmproxy" not in process.output


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One for the tests of this module."""
    with emulating(tmp_path_factory.mktemp("transport-faults")) as found:
        yield found


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
            assert phone.download_hub().sha256 == sha256(HUB_BYTES).hexdigest()


CONNECTIONS = [
    ("tls-name-mismatch", "wp8", "tls-name", "Verify return code: 62 (hostname mismatch)"),
    ("tls-root-not-on-device", "wp81", "tls-root", "Verify return code: 19 "),
    ("tls-chain-incomplete", "win81", "tls-issuer", "Verify return code: 21 "),
    ("tls-certificate-expired", "wp8", "tls-dates", "Verify return code: 10 (certificate has exp"),
    ("tls-wildcard-certificate", "wp8", "tls-wildcard", "subject=CN=*.example.test"),
    ("tls-too-modern", "wp8", "tls-too-modern", "New, TLSv1.3,"),
    ("tls-client-cert-asked-early", "win10", "tls-client-certificate", "CertificateRequest"),
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
            assert caught.value.step == "discovery"
            assert caught.value.reason.startswith("no answer over HTTPS")
        with emulator.carrier(profile, directly=True) as carrier:
            assert failure(carrier, MDM_HOST) == expected
        arguments = ("-tls1", "-cipher", "ALL@SECLEVEL=0") if fault == "tls-too-old" else ()
        output = emulator.openssl(DISCOVERY_HOST, *arguments)
        assert said in output.replace("CN = ", "CN="), output
    a_life_succeeds(emulator, profile)


def test_devices_that_do_not_mind_go_on(emulator: Emulator) -> None:
    with emulator.making("tls-client-cert-asked-early"):
        a_life_succeeds(emulator, "wp81")
    with emulator.making("tls-wildcard-certificate"):
        a_life_succeeds(emulator, "win10")


def test_what_passes_is_recorded_and_shown_to_the_rules(tmp_path: Path) -> None:
    seen = ["tls-name-mismatch", "tls-wildcard-certificate", "tls-chain-incomplete"]
    seen += ["tls-certificate-expired", "answer-broken-off"]
    record = tmp_path / "record.mitm"
    faults = [f"--fault={fault}@probe*1" for fault in seen]
    with emulating(tmp_path, "--record", record, *faults) as emulator:
        assert emulator.process.has_said("mistake on purpose: tls-certificate-expired")
        # A connection has all mistakes of its certificate at once: the name is wrong in the first.
        assert emulator.curl()(DISCOVERY, "-k").code == 56
        assert emulator.curl()(DISCOVERY).status == 200
    document = analysis_of(record)
    assert len(document["exchanges"]) == 2
    found = {finding["rule"] for finding in document["findings"]}
    assert found == set(seen) - {"tls-wildcard-certificate"}


def test_what_sessions_show_is_recorded_too(tmp_path: Path) -> None:
    record = tmp_path / "record.mitm"
    faults = ["content-length-counts-characters@policy*1", "content-length-wrong@manage*1"]
    arguments: list[str | Path] = [
        f"--fault={fault}" for fault in (*faults, "crl-unreachable@manage")
    ]
    (tmp_path / "emulate.toml").write_text("[hub]\ncrl_check = true\n", encoding="utf-8")
    arguments += ["--config", tmp_path / "emulate.toml"]
    with (
        emulating(tmp_path, "--record", record, *arguments) as emulator,
        emulator.carrier("wp8") as carrier,
    ):
        with pytest.raises(Refusal):
            enrolled(carrier, "wp8")
        phone = enrolled(carrier, "wp8")
        with pytest.raises(Refusal):
            phone.sync()
        with pytest.raises(Refusal) as caught:
            phone.download_hub()
        assert caught.value.step == "hub"
        assert "the revocation list http://crl.example.test/revoked.crl" in caught.value.reason
    found = {finding["rule"] for finding in analysis_of(record)["findings"]}
    assert found >= {
        *("content-length-counts-characters", "content-length-wrong", "crl-unreachable"),
    }


def test_a_step_stands_for_the_host_that_serves_it_and_times_for_connections(
    emulator: Emulator,
) -> None:
    state = ("--state", emulator.folder / "state")
    order = ("tls-name-mismatch", "--step", "manage", "--times", "1")
    assert run([*MDMPROXY, "device", "fault", *order, *state]).returncode == 0
    try:
        assert emulator.curl()(DISCOVERY).status == 200
        assert emulator.curl()(DISCOVERY.replace(DISCOVERY_HOST, MDM_HOST)).code == 60
        assert emulator.curl()(DISCOVERY.replace(DISCOVERY_HOST, MDM_HOST)).code == 0
    finally:
        assert run([*MDMPROXY, "device", "fault", "--off", *state]).returncode == 0


def test_a_revocation_list_that_nobody_serves(emulator: Emulator) -> None:
    with emulator.making("crl-unreachable"):
        output = emulator.openssl(MDM_HOST, "-showcerts")
        leaf = re.search(r"-----BEGIN.*?-----END CERTIFICATE-----", output, re.DOTALL)
        assert leaf is not None
        shown = run([require_program("openssl"), "x509", "-noout", "-text"], input=leaf[0].encode())
        assert b"URI:http://crl.example.test/revoked.crl" in shown.stdout
        a_life_succeeds(emulator)


def test_the_hub_on_a_host_with_a_wrong_certificate(emulator: Emulator) -> None:
    with emulator.making("hub-tls-no-request"), emulator.carrier("wp8") as carrier:
        phone = enrolled(carrier, "wp8")
        assert phone.sync().is_server_authenticated
        with pytest.raises(Refusal) as caught:
            phone.download_hub()
        assert caught.value.step == "hub"
        assert "hub.example.test" in caught.value.reason
        assert failure(carrier, "hub.example.test") == "tls-name"
    # The device keeps the address: it is served there once the certificate is right.
    with emulator.carrier("wp8") as carrier:
        again = LivePhone(settings("wp8"), carrier, keys=phone.keys, clock=now)
        again.phone = phone.phone
        assert again.download_hub().sha256 == sha256(HUB_BYTES).hexdigest()


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
        emulator.making(fault, step),
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
        if step == "manage":
            phone.enroll()
        with pytest.raises(Refusal) as caught:
            phone.enroll() if step == "discover" else phone.sync()
        assert caught.value.step == {"discover": "discovery", "manage": "management"}[step]
        assert failures[0] == expected
        body = emulator.folder / "body"
        last = asked[-1]
        body.write_bytes(last.body or b"")
        headers = [f"-H{name}: {value}" for name, value in last.headers]
        answer = emulator.curl()(last.url, *headers, "--data-binary", f"@{body}", "--max-time", "3")
        assert answer.code == code, answer.error
    a_life_succeeds(emulator)


def test_a_hub_package_that_is_cut(emulator: Emulator) -> None:
    with emulator.making("answer-truncated", "hub"):
        answer = emulator.curl()(f"https://{MDM_HOST}/CompanyHub/hub.xap")
    assert (answer.code, answer.status) == (18, 200)
    assert answer.headers["content-length"] == str(len(HUB_BYTES))
    assert answer.body == HUB_BYTES[: len(HUB_BYTES) // 2]


@pytest.mark.parametrize("step", ["policy", "manage"])
def test_a_length_that_counts_characters(emulator: Emulator, step: str) -> None:
    with (
        emulator.making("content-length-counts-characters", step),
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
        ("tls-certificate-expired", "wp8", ""),
        ("tls-too-old", "win10", ""),
        ("answer-broken-off", "wp8", "discover"),
        ("hub-tls-no-request", "wp8", ""),
        ("tls-client-cert-asked-early", "win10", ""),
    ],
)
def test_a_probe_names_the_rule(emulator: Emulator, fault: str, profile: str, step: str) -> None:
    with emulator.making(fault, step):
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
    # The name is why the phone asks the hub for nothing.
    told = {"hub-tls-no-request": "Company Hub: tls-name-mismatch"}.get(
        fault, f"Enrolment: {fault}"
    )
    assert f"REFUSED {told}" in output


@pytest.mark.parametrize("beside", ["", "answer-truncated"])
def test_an_answer_in_chunks(emulator: Emulator, beside: str) -> None:
    """By itself in mitmproxy's own answer, beside a mistake of another step in the listener's."""
    with emulator.making("response-chunked"), emulator.carrier("wp8") as carrier:
        if beside:
            emulator.order(beside, "hub")
        answers: list[Response] = []

        def watched(request: Request) -> Response:
            answers.append(carrier(request))
            return answers[-1]

        phone = LivePhone(settings("wp8"), watched, keys=Keyring(lambda *_: load_key("device")))
        with pytest.raises(Refusal) as caught:
            phone.enroll()
        assert caught.value.place == "header Transfer-Encoding"
        assert answers[-1].headers.get("Transfer-Encoding") == "chunked"
        assert "Content-Length" not in answers[-1].headers
        assert (answers[-1].body or b"").rstrip().endswith(b">")
