"""The emulator as the real server behind ``mdmproxy inspect``: every kind of device lives there
without a finding, and one mistake in each step is found as exactly that.

A simulated phone goes through the inspecting process to the emulating one, over TLS on both legs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from mitmproxy import http, io

from mdmcore.cli.life import LivePhone
from mdmcore.cli.transport import trust_only
from mdmcore.phone import Refusal
from mdmcore.phone.settings import PhoneSettings
from mdmcore.pki.authority import certificate_pem
from mdmcore.profiles import FEDERATED, PROFILES
from mdmcore.rules import entry
from mdmcore.server.faults import FAULTS, Step
from tests.e2e.test_emulate_command import MDMPROXY
from tests.e2e.test_faults_by_step import MISTAKES, now, ordered
from tests.e2e.test_inspect_tls import analyze
from tests.support.authorities import key_pem, root
from tests.support.processes import Process
from tests.support.proxy import HUB_BYTES, write_hub
from tests.support.tunnel import Tunnel

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

FAULTY_PROFILE = "wp81"
"""It signs in on a page, renews by itself and fetches a hub in ranges."""

PHONES = ("wp8", "wp81")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """One life: what the phone did, where it gave up, and which recorded exchanges are its own."""

    stages: tuple[str, ...]
    refusal: Refusal | None
    exchanges: range


@dataclass
class Told:
    """All lives of one run by name; the rules of each exchange, live and in the analysis."""

    lived: dict[str, Lived] = field(default_factory=dict)
    live: list[set[str]] = field(default_factory=list)
    analysis: list[set[str]] = field(default_factory=list)
    media_types: set[str] = field(default_factory=set)

    def found(self, name: str) -> set[str]:
        """Every rule that speaks in that life, whatever its severity."""
        own = self.lived[name].exchanges
        return {rule for index in own for rule in self.live[index]}


def right_configuration(media_type: str) -> str:
    """Everything as usual, in that encoding."""
    return f"""
        [provisioning.application]
        default_encoding = "{media_type}"
        """


def faulty_configuration(folder: Path) -> str:
    """Sign-in by page, and a CA that ends inside the renewal period, so that the window is open."""
    authority = root(not_before=now() - timedelta(days=1), not_after=now() + timedelta(days=30))
    (folder / "ca.pem").write_bytes(key_pem("enterprise") + certificate_pem(authority))
    (folder / "ca.pem").chmod(0o600)
    return f"""
        [server]
        auth_policies = ["{FEDERATED}"]
        [authority]
        ca = ["ca.pem"]
        [provisioning.renewal]
        robo_support = true
        """


BASELINE = frozenset({"cert-lifetime-shorter-than-renew-period"})
"""What is true of each life whose certificates end with such a CA."""


def stages(live: LivePhone, *, renews: bool) -> Iterator[str]:
    """A whole life; each name when that is done."""
    phone = live.enroll()
    yield "enroll"
    live.sync()
    yield "session"
    if phone.hub is not None:
        assert live.download_hub().total == len(HUB_BYTES)
        yield "hub"
    if renews:
        live.renew()
        yield "renew"
    live.sync()
    yield "second session"
    if phone.settings.device.reports_unenrollment and not renews:
        live.unenroll()
        yield "leave"


class Lives:
    """Devices one after another, through the inspecting proxy to the emulating one."""

    def __init__(self, *, proxy: int, port: int, authority: Path) -> None:
        self._proxy = proxy
        self._port = port
        self._pem = authority.read_text("ascii")
        self._began = 0
        self._number = 0

    def live(self, profile: str, *, renews: bool = False) -> Lived:
        """A new device of a new user."""
        self._number += 1
        user = f"user{self._number}@example.test"
        identity = f"00000000-0000-4000-8000-{self._number:012d}"
        is_phone = profile in PHONES
        settings = PhoneSettings(
            email=user,
            username=user,
            password="any",
            device_id=f"urn:uuid:{identity}" if is_phone else identity.replace("-", ""),
            profile=profile,
        )
        done: list[str] = []
        refusal = None
        context = trust_only(self._pem, PROFILES[profile].tls_versions).context()
        with Tunnel(proxy=self._proxy, port=self._port, context=context) as tunnel:
            try:
                done.extend(stages(LivePhone(settings, tunnel), renews=renews))
            except Refusal as caught:
                refusal = caught
        exchanges = range(self._began, self._began + tunnel.count)
        self._began = exchanges.stop
        return Lived(stages=tuple(done), refusal=refusal, exchanges=exchanges)


@contextmanager
def chain(folder: Path, configuration: str) -> Iterator[tuple[Lives, Path]]:
    """The two processes, one before the other; the lives that go through both, and the state."""
    package, aetx = write_hub(folder)
    (folder / "emulate.toml").write_text(configuration)
    state = folder / "state"
    emulate: list[str | Path] = [
        *(*MDMPROXY, "emulate", "--dns", "--listen-port", "0", "--dns-port", "0"),
        *("--https-port", "0", "--http-port", "0", "--state", state),
        *("--confdir", folder / "server", "--config", folder / "emulate.toml"),
        *("--hub", package, "--aetx", aetx),
    ]
    inspect: list[str | Path] = [
        *(*MDMPROXY, "inspect", "--listen-port", "0", "--confdir", folder / "proxy"),
        *("--upstream-ca", folder / "server" / "mitmproxy-ca-cert.pem"),
        *("--record", folder / "live.mitm"),
    ]
    with Process(emulate) as server:
        port = server.wait_for(r"^mdmproxy: HTTPS on 127\.0\.0\.1:(\d+),")[1]
        with Process(inspect) as proxy:
            front = proxy.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
            authority = folder / "proxy" / "mitmproxy-ca-cert.pem"
            yield Lives(proxy=int(front), port=int(port), authority=authority), state
            assert proxy.interrupt() == 0
        assert server.interrupt() == 0
    for process in (server, proxy):
        assert "Traceback" not in process.output


def read_back(record: Path, told: Told) -> None:
    """What was noted on each flow, and what the analysis says of it."""
    with record.open("rb") as file:
        for flow in io.FlowReader(file).stream():
            assert isinstance(flow, http.HTTPFlow)
            told.live.append({one["rule"] for one in flow.metadata["mdmproxy"]["findings"]})
            media_type = flow.request.headers.get("content-type", "")
            if "syncml" in media_type:
                told.media_types.add(media_type)
    document: dict[str, Any] = analyze(record)
    places: dict[str, set[str]] = {one["id"]: set() for one in document["exchanges"]}
    for finding in document["findings"]:
        for place in finding["places"]:
            places[place["exchange"]].add(finding["rule"])
    told.analysis.extend(places.values())


def lived_right(folder: Path, media_type: str) -> Told:
    result = Told()
    with chain(folder, right_configuration(media_type)) as (lives, _):
        for profile in PROFILES:
            result.lived[profile] = lives.live(profile)
    read_back(folder / "live.mitm", result)
    return result


@pytest.fixture(scope="module", params=["xml", "wbxml"])
def right(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Every kind of device, once, without a mistake."""
    folder = tmp_path_factory.mktemp(request.param)
    result = lived_right(folder, f"application/vnd.syncml.dm+{request.param}")
    assert any(request.param in one for one in result.media_types)
    return result


def test_devices_without_a_mistake_have_no_finding(right: Told) -> None:
    assert all(life.refusal is None for life in right.lived.values())
    assert all("second session" in life.stages for life in right.lived.values())
    assert {name: right.found(name) for name in PROFILES} == {name: set() for name in PROFILES}


def test_the_recording_of_right_lives_is_whole_and_right_by_analysis(right: Told) -> None:
    assert sum(len(life.exchanges) for life in right.lived.values()) == len(right.live)
    assert right.analysis == right.live


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A life for each mistake, which is made while it lasts, and a right one before and after."""
    folder = tmp_path_factory.mktemp("faults")
    result = Told()
    with chain(folder, faulty_configuration(folder)) as (lives, state):
        result.lived["before"] = lives.live(FAULTY_PROFILE, renews=True)
        for fault in MISTAKES.values():
            with ordered(fault, state):
                result.lived[fault] = lives.live(FAULTY_PROFILE, renews=True)
        result.lived["after"] = lives.live(FAULTY_PROFILE, renews=True)
    read_back(folder / "live.mitm", result)
    return result


def test_the_recording_of_mistakes_is_whole_and_its_analysis_the_same(faulty: Told) -> None:
    assert sum(len(life.exchanges) for life in faulty.lived.values()) == len(faulty.live)
    assert faulty.analysis == faulty.live


@pytest.mark.parametrize("name", ["before", "after"])
def test_lives_around_the_mistakes_are_right(faulty: Told, name: str) -> None:
    assert faulty.lived[name].refusal is None
    assert faulty.found(name) == BASELINE


@pytest.mark.parametrize(("step", "fault"), MISTAKES.items())
def test_a_mistake_is_found_with_its_consequences_alone(
    faulty: Told, step: Step, fault: str
) -> None:
    assert step in FAULTS[fault].steps
    assert faulty.lived[fault].refusal is not None
    found = faulty.found(fault) - BASELINE
    declared = {*entry(fault).causes, *entry(fault).consequences}
    # Whatever a device refuses shows as a symptom, too.
    symptoms = {rule for rule in found if entry(rule).fault_note.startswith("symptom")}
    assert fault in found
    assert found - {fault} - declared - symptoms == set()
