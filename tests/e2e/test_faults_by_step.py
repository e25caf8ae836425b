"""One mistake of each step of a device's life, made by a real process while it runs: the simulated
phone feels it over real TLS, and the analysis of what was recorded calls it by its name."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mitmproxy import io

from mdmcore.cli.transport import HttpTransport, trust_only
from mdmcore.http import Request, Response
from mdmcore.phone import (
    EnrolledPhone,
    Keyring,
    PhoneSettings,
    Refusal,
    download_hub,
    enroll,
    renew,
    run,
    sync,
)
from mdmcore.pki.authority import certificate_pem
from mdmcore.pki.request import generate_key
from mdmcore.profiles import PROFILES
from mdmcore.rules import entry
from mdmcore.rules.refused import giving_up, plain_place
from tests.e2e.test_emulate_command import MDMPROXY
from tests.support.authorities import key_pem, root
from tests.support.processes import Process
from tests.support.processes import run as run_process
from tests.support.proxy import write_hub

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

USER = "demo@example.test"
PROFILE = "wp81"
"""The kind of device that goes every step: it signs in on a page, renews silently, has a hub."""

STEPS = {
    "probe": "discovery-get-not-200",
    "discover": "host-is-ip-address",
    "sign-in": "wab-wresult-missing",
    "policy": "policy-schema-not-3",
    "enroll": "wap-thumbprint-mismatch",
    "renew": "robo-advertised-not-implemented",
    "manage": "digest-missing-colon",
    "hub": "hub-206-no-content-range",
}
"""Step -> the mistake made in it."""


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True, kw_only=True)
class Counting:
    """A transport that counts its exchanges: each is one flow of the recording."""

    transport: HttpTransport
    count: int = 0
    status: int = 0

    def __call__(self, request: Request) -> Response:
        self.count += 1
        response = self.transport(request)
        self.status = response.status
        return response


@dataclass(slots=True, kw_only=True)
class Life:
    """A device's life with one mistake in it, and which flows of the recording are its own."""

    fault: str
    first: int
    end: int = 0
    refused: tuple[str, str] | None = None
    """Step and place where the phone gave up; a status with its code."""


def configuration(folder: Path) -> Path:
    """Federated enrolment, and a CA that ends soon, so that the renewal window is open at once."""
    authority = root(not_before=now() - timedelta(days=1), not_after=now() + timedelta(days=30))
    (folder / "ca.pem").write_bytes(key_pem("enterprise") + certificate_pem(authority))
    (folder / "ca.pem").chmod(0o600)
    path = folder / "emulate.toml"
    path.write_text(
        f"""
        [server]
        users = [{{ name = "{USER}", password = "secret" }}]
        auth_policies = ["Federated"]
        [authority]
        ca = ["ca.pem"]
        [provisioning.renewal]
        robo_support = true
        """
    )
    return path


def lead(step: str, number: int, keys: Keyring, answer: Counting, on: Callable[[], None]) -> None:
    """A new device's life up to and with that step; ``on`` lets the server make the mistake."""
    settings = PhoneSettings(
        email=USER,
        username=USER,
        password="secret",
        device_id=f"urn:uuid:CE9DF168-3B6A-5099-83CB-A49FC6613F{number:02X}",
        profile=PROFILE,
    )
    is_late = step in {"renew", "manage", "hub"}
    if not is_late:
        on()
    phone: EnrolledPhone = run(
        enroll(settings, private_key=keys, random=os.urandom, clock=now), answer
    )
    if is_late and step != "manage":
        phone = run(sync(phone, random=os.urandom, clock=now, keys=keys), answer).phone
    if is_late:
        on()
    if step == "hub":
        run(download_hub(phone, 100_000, clock=now), answer)
    if step == "renew":
        phone = replace(run(renew(phone, keys=keys, random=os.urandom, clock=now), answer))
    if step == "manage":
        run(sync(phone, random=os.urandom, clock=now, keys=keys), answer)


def test_a_mistake_of_each_step_is_felt_and_named(tmp_path: Path) -> None:
    package, aetx = write_hub(tmp_path)
    state, recording = tmp_path / "state", tmp_path / "session.mitm"
    command: list[str | Path] = [
        *(*MDMPROXY, "emulate", "--listen-port", "0", "--state", state),
        *("--confdir", tmp_path / "conf", "--config", configuration(tmp_path)),
        *("--hub", package, "--aetx", aetx, "--record", recording),
    ]

    def ordered(*arguments: str) -> None:
        done = run_process([*MDMPROXY, "device", "fault", *arguments, "--state", state])
        assert done.returncode == 0, done.stderr

    keys = Keyring(generate_key)
    lives = list[Life]()
    with Process(command) as process:
        port = process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
        pem = (tmp_path / "conf" / "mitmproxy-ca-cert.pem").read_text("ascii")
        trust = trust_only(pem, PROFILES[PROFILE].tls_versions)
        with HttpTransport(proxy=f"http://127.0.0.1:{port}", trust=trust, keys=keys) as transport:
            answer = Counting(transport=transport)
            for number, (step, fault) in enumerate(STEPS.items()):
                life = Life(fault=fault, first=answer.count)
                try:
                    lead(step, number, keys, answer, lambda fault=fault: ordered(fault))
                except Refusal as refusal:
                    place = plain_place(refusal.place)
                    place = f"status {answer.status}" if place == "status" else place
                    life.refused = (refusal.step.value, place)
                life.end = answer.count
                lives.append(life)
                ordered("--off")
        assert process.interrupt() == 0
    assert "Traceback" not in process.output

    with recording.open("rb") as file:
        flows = list(io.FlowReader(file).stream())
    assert len(flows) == answer.count
    for life in lives:
        part = tmp_path / f"{life.fault}.mitm"
        with part.open("wb") as file:
            writer = io.FlowWriter(file)
            for flow in flows[life.first : life.end]:
                writer.add(flow)
        done = run_process([*MDMPROXY, "analyze", part, "--profile", PROFILE, "--format", "json"])
        found = {one["rule"]: one["severity"] for one in json.loads(done.stdout)["findings"]}
        item = entry(life.fault)
        assert found.get(life.fault) == item.severity(PROFILE).value, (life, found)
        declared = {life.fault, *item.causes, *item.consequences}
        errors = {rule for rule, severity in found.items() if severity == "error"}
        assert errors <= declared, (life.fault, errors)
        assert is_as_told(life), life


def is_as_told(life: Life) -> bool:
    """Whether the phone gave up where the table of refusals says, or goes on where it says none."""
    places = [
        one
        for one in giving_up(life.fault)
        if not one.is_rare and (not one.profiles or PROFILE in one.profiles)
    ]
    if life.refused is None:
        return not places
    return any(one.holds(*life.refused, PROFILE) for one in places)
