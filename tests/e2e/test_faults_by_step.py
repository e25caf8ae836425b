"""One mistake in each step of a life, made by one running emulator when it is told to: the phone
gives up where the table of refusals says, and the recording names the mistake and no other.

All lives go through the same real proxy, over TLS; each is a device and a user of its own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mdmcore.cli.main import run as run_command
from mdmcore.cli.transport import HttpTransport, trust_only
from mdmcore.http import Request, Response
from mdmcore.phone import Keyring, Refusal, download_hub, enroll, renew, run, sync
from mdmcore.phone.settings import PhoneSettings
from mdmcore.pki.authority import certificate_pem
from mdmcore.pki.request import generate_key
from mdmcore.profiles import FEDERATED, PROFILES
from mdmcore.rules import entry
from mdmcore.rules.refused import giving_up, plain_place
from mdmcore.server.faults import FAULTS, Step
from tests.e2e.test_emulate_command import MDMPROXY
from tests.support.authorities import key_pem, root
from tests.support.processes import Process
from tests.support.processes import run as run_process
from tests.support.proxy import HUB_BYTES, write_hub

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PROFILE = "wp81"
"""The one generation that signs in on a page, renews by itself and fetches a hub in ranges."""

MISTAKES: Mapping[Step, str] = {
    Step.PROBE: "discovery-get-not-200",
    Step.DISCOVER: "auth-policy-not-offered",
    Step.SIGN_IN: "wab-wresult-missing",
    Step.POLICY: "policy-oid-dangling",
    Step.ENROLL: "wap-thumbprint-mismatch",
    Step.MANAGE: "digest-missing-colon",
    Step.HUB: "hub-206-no-content-range",
    Step.RENEW: "redirect-during-renewal",
}
RIGHT = ("right at first", "right again")
"""Lives without a mistake: before all others, and when the last mistake has been taken back."""

STAGES = ("enroll", "session", "hub", "renew", "session after renewal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What one life came to: how far it went, where the phone gave up, and which of the recorded
    exchanges are its own."""

    stages: tuple[str, ...]
    refusal: Refusal | None
    status: int
    """Of the last answer."""
    exchanges: range

    @property
    def place(self) -> str:
        """Where the phone gave up, as the table of refusals writes it."""
        assert self.refusal is not None
        found = self.refusal.place
        return f"status {self.status}" if found == "status" else plain_place(found)


class Counted:
    """Carries requests, and counts the answers."""

    def __init__(self, transport: HttpTransport) -> None:
        self._transport = transport
        self.count = 0
        self.status = 0

    def __call__(self, request: Request) -> Response:
        response = self._transport(request)
        self.count += 1
        self.status = response.status
        return response


class Lives:
    """Devices one after another, through one proxy."""

    def __init__(self, folder: Path, port: int) -> None:
        self._pem = (folder / "conf" / "mitmproxy-ca-cert.pem").read_text("ascii")
        self._port = port
        self._began = 0
        self._number = 0

    def live(self) -> Lived:
        """A new device lives until it gives up, or has renewed its certificate and spoken again."""
        self._number += 1
        keys = Keyring(generate_key)
        stages: list[str] = []
        refusal = None
        with HttpTransport(
            proxy=f"http://127.0.0.1:{self._port}",
            trust=trust_only(self._pem, PROFILES[PROFILE].tls_versions),
            keys=keys,
        ) as transport:
            carrier = Counted(transport)
            try:
                for stage in self._life(carrier, keys):
                    stages.append(stage)
            except Refusal as caught:
                refusal = caught
        exchanges = range(self._began, self._began + carrier.count)
        self._began = exchanges.stop
        return Lived(
            stages=tuple(stages), refusal=refusal, status=carrier.status, exchanges=exchanges
        )

    def _life(self, carrier: Counted, keys: Keyring) -> Iterator[str]:
        user = f"user{self._number}@example.test"
        settings = PhoneSettings(
            email=user,
            username=user,
            password="any",
            device_id=f"urn:uuid:00000000-0000-4000-8000-{self._number:012d}",
            profile=PROFILE,
        )
        phone = run(enroll(settings, private_key=keys, random=os.urandom, clock=now), carrier)
        yield "enroll"
        phone = run(sync(phone, random=os.urandom, clock=now, keys=keys), carrier).phone
        yield "session"
        assert run(download_hub(phone, clock=now), carrier).total == len(HUB_BYTES)
        yield "hub"
        phone = run(renew(phone, keys=keys, random=os.urandom, clock=now), carrier)
        yield "renew"
        outcome = run(sync(phone, random=os.urandom, clock=now, keys=keys), carrier)
        assert outcome.is_server_authenticated
        yield "session after renewal"


def now() -> datetime:
    return datetime.now(UTC)


def configuration(folder: Path) -> Path:
    """A CA that ends inside the renewal period, so that the window is open at once."""
    authority = root(not_before=now() - timedelta(days=1), not_after=now() + timedelta(days=30))
    (folder / "ca.pem").write_bytes(key_pem("enterprise") + certificate_pem(authority))
    (folder / "ca.pem").chmod(0o600)
    path = folder / "emulate.toml"
    path.write_text(
        f"""
        [server]
        auth_policies = ["{FEDERATED}"]
        client_tls = true
        require_client_tls = true
        [authority]
        ca = ["ca.pem"]
        [provisioning.renewal]
        robo_support = true
        """
    )
    return path


@contextmanager
def ordered(fault: str, state: Path) -> Iterator[None]:
    """That mistake, while it lasts: ordered from beside the running emulator."""
    assert run_command(["device", "fault", fault, "--state", str(state)]) == 0
    yield
    assert run_command(["device", "fault", "--off", "--state", str(state)]) == 0


type Told = tuple[dict[str, Lived], dict[str, Any]]
"""The lives by mistake, and the analysis of the recording of them all."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Every life, lived once."""
    folder = tmp_path_factory.mktemp("steps")
    package, aetx = write_hub(folder)
    record, state = folder / "session.mitm", folder / "state"
    command: list[str | Path] = [
        *(*MDMPROXY, "emulate", "--listen-port", "0", "--state", state, "--record", record),
        *("--confdir", folder / "conf", "--config", configuration(folder)),
        *("--hub", package, "--aetx", aetx),
    ]
    lived: dict[str, Lived] = {}
    with Process(command) as process:
        port = process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
        lives = Lives(folder, int(port))
        lived[RIGHT[0]] = lives.live()
        for fault in MISTAKES.values():
            with ordered(fault, state):
                lived[fault] = lives.live()
        lived[RIGHT[1]] = lives.live()
        assert process.interrupt() == 0
    assert "Traceback" not in process.output
    done = run_process([*MDMPROXY, "analyze", record, "--format", "json"])
    assert done.returncode == 1, done.stderr
    return lived, json.loads(done.stdout)


def errors_in(life: Lived, analysis: dict[str, Any]) -> set[str]:
    """The rules that speak as errors in the exchanges of that life."""
    own = {analysis["exchanges"][index]["id"] for index in life.exchanges}
    return {
        found["rule"]
        for found in analysis["findings"]
        if found["severity"] == "error"
        and any(place["exchange"] in own for place in found["places"])
    }


def test_each_step_of_a_life_has_a_mistake_here() -> None:
    # Only a device that is told to fetch a certificate comes to SCEP.
    assert MISTAKES.keys() == set(Step) - {Step.SCEP}
    assert all(step in FAULTS[fault].steps for step, fault in MISTAKES.items())


def test_every_exchange_of_every_life_is_in_the_recording(told: Told) -> None:
    lived, analysis = told
    assert sum(len(life.exchanges) for life in lived.values()) == len(analysis["exchanges"])


@pytest.mark.parametrize("name", RIGHT)
def test_without_a_mistake_the_whole_life_passes(told: Told, name: str) -> None:
    lived, analysis = told
    assert lived[name].refusal is None
    assert lived[name].stages == STAGES
    assert errors_in(lived[name], analysis) == set()


@pytest.mark.parametrize("fault", MISTAKES.values())
def test_the_phone_gives_up_where_the_table_of_refusals_says(told: Told, fault: str) -> None:
    life = told[0][fault]
    assert life.refusal is not None, f"it went on: {life.stages}"
    step, place = life.refusal.step.value, life.place
    assert any(at.holds(step, place, PROFILE) for at in giving_up(fault) if not at.is_rare), (
        f"{step}: {place}"
    )


@pytest.mark.parametrize("fault", MISTAKES.values())
def test_the_recording_names_the_mistake_and_no_other(told: Told, fault: str) -> None:
    lived, analysis = told
    found = errors_in(lived[fault], analysis)
    declared = {*entry(fault).causes, *entry(fault).consequences}
    # Whatever a device refuses shows as a symptom, too.
    symptoms = {rule for rule in found if entry(rule).fault_note.startswith("symptom")}
    assert fault in found
    assert found - {fault} - declared - symptoms == set()
