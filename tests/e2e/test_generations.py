"""Each generation of devices through a real proxy: it enrols by every AuthPolicy that it knows,
is managed, renews its certificate in each way, and leaves; each with the TLS of its time."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mdmcore.cli.transport import HttpTransport, trust_only
from mdmcore.phone import EnrolledPhone, Keyring, enroll, renew, run, sync, unenroll
from mdmcore.phone.renewal import renewal_plan
from mdmcore.phone.settings import PhoneSettings
from mdmcore.pki.authority import certificate_pem
from mdmcore.pki.request import generate_key
from mdmcore.profiles import FEDERATED, ON_PREMISE, PROFILES, RenewalWay
from tests.e2e.test_emulate_command import MDMPROXY
from tests.support.authorities import key_pem, root
from tests.support.openssl import openssl_output
from tests.support.processes import Process
from tests.support.processes import run as run_process

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

USER = "demo@example.test"
DEVICES = {
    "WindowsPhone": "urn:uuid:CE9DF168-3B6A-5099-83CB-A49FC6613F9D",
    "CIMClient_Windows": "1E08C6E95D8BB843B1278FF45BC60CC6",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How an emulator is started: AuthPolicy, and whether devices are told to renew silently."""

    auth_policy: str
    is_silent: bool
    lives: tuple[tuple[str, RenewalWay], ...]

    @property
    def name(self) -> str:
        return f"{self.auth_policy}-{'silent' if self.is_silent else 'user-driven'}"


SETTINGS = (
    Setting(
        auth_policy=ON_PREMISE,
        is_silent=False,
        lives=(("wp8", RenewalWay.MANUAL), ("wp81", RenewalWay.MANUAL)),
    ),
    Setting(
        auth_policy=ON_PREMISE,
        is_silent=True,
        lives=(("wp81", RenewalWay.ROBO), ("win10", RenewalWay.ROBO)),
    ),
    Setting(
        auth_policy=FEDERATED,
        is_silent=True,
        lives=(
            ("wp81", RenewalWay.ROBO),
            ("win81", RenewalWay.ROBO),
            ("win10", RenewalWay.ROBO),
        ),
    ),
)


def test_every_way_that_the_table_of_profiles_allows_is_gone() -> None:
    gone = {(p, s.auth_policy, way) for s in SETTINGS for p, way in s.lives}
    allowed = {
        (profile.name, policy, way)
        for profile in PROFILES.values()
        for policy, ways in profile.renewals.items()
        for way in ways
    }
    assert gone == allowed
    assert {(p, policy) for p, policy, _ in gone} == {
        (profile.name, policy) for profile in PROFILES.values() for policy in profile.auth_policies
    }


def now() -> datetime:
    return datetime.now(UTC)


def configuration(folder: Path, setting: Setting) -> Path:
    """A CA that ends inside the renewal period, so that every window is open at once."""
    authority = root(not_before=now() - timedelta(days=1), not_after=now() + timedelta(days=30))
    (folder / "ca.pem").write_bytes(key_pem("enterprise") + certificate_pem(authority))
    (folder / "ca.pem").chmod(0o600)
    path = folder / "emulate.toml"
    path.write_text(
        f"""
        [server]
        users = [{{ name = "{USER}", password = "secret" }}]
        auth_policies = ["{setting.auth_policy}"]
        client_tls = true
        require_client_tls = true
        require_message_signing = true
        [authority]
        ca = ["ca.pem"]
        [provisioning.renewal]
        robo_support = {str(setting.is_silent).lower()}
        """
    )
    return path


@pytest.fixture(scope="module", params=SETTINGS, ids=lambda setting: setting.name)
def emulator(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Setting, Path, int]]:
    setting: Setting = request.param
    folder = tmp_path_factory.mktemp(setting.name)
    command: list[str | Path] = [
        *(*MDMPROXY, "emulate", "--listen-port", "0", "--state", folder / "state"),
        *("--confdir", folder / "conf", "--config", configuration(folder, setting)),
        *("--record", folder / "session.mitm"),
    ]
    with Process(command) as process:
        port = process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
        yield setting, folder, int(port)
        assert process.interrupt() == 0
    assert "Traceback" not in process.output
    # What was recorded is right by all rules, as it was live.
    done = run_process([*MDMPROXY, "analyze", folder / "session.mitm", "--format", "json"])
    found = json.loads(done.stdout)["findings"]
    assert [one for one in found if one["severity"] == "error"] == []
    assert done.returncode == 0


@contextmanager
def device(folder: Path, port: int, profile: str, keys: Keyring) -> Iterator[HttpTransport]:
    """A device of that generation, with no other TLS versions than it had."""
    pem = (folder / "conf" / "mitmproxy-ca-cert.pem").read_text("ascii")
    trust = trust_only(pem, PROFILES[profile].tls_versions)
    proxy = f"http://127.0.0.1:{port}"
    with HttpTransport(proxy=proxy, trust=trust, keys=keys) as transport:
        yield transport


def managed(phone: EnrolledPhone, transport: HttpTransport, keys: Keyring) -> EnrolledPhone:
    """The phone after a session in which both sides proved themselves; PCs sign what they say."""
    assert phone.signs_messages is phone.settings.device.signs_messages
    outcome = run(sync(phone, random=os.urandom, clock=now, keys=keys), transport)
    assert outcome.is_client_authenticated
    assert outcome.is_server_authenticated
    return outcome.phone


def leave(phone: EnrolledPhone, transport: HttpTransport, state: Path, keys: Keyring) -> None:
    """By its own user's wish where it can say so, else by the server's word."""
    account = phone.account.auth("APPSRV")
    assert account is not None
    if phone.settings.device.reports_unenrollment:
        leaving = unenroll(phone, random=os.urandom, clock=now, keys=keys)
        assert run(leaving, transport).is_unenrolled
        assert status_of(account.name or "", state) == "unenrolled"
        return
    queued = run_process(
        [*MDMPROXY, "device", "queue", account.name or "", "unenroll", "--state", state],
        fresh=True,
    )
    assert queued.returncode == 0, queued.stderr
    outcome = run(sync(phone, random=os.urandom, clock=now, keys=keys), transport)
    assert outcome.phone.is_unenrolled
    assert status_of(account.name or "", state) == "unenrolling"


def status_of(account: str, state: Path) -> str:
    listed = run_process([*MDMPROXY, "device", "list", "--format", "json", "--state", state])
    (entry,) = (one for one in json.loads(listed.stdout)["devices"] if account in json.dumps(one))
    return str(entry["status"])


@pytest.mark.parametrize("profile", PROFILES)
def test_a_whole_life(emulator: tuple[Setting, Path, int], profile: str) -> None:
    setting, folder, port = emulator
    ways = [way for name, way in setting.lives if name == profile]
    if not ways:
        return  # this generation knows another AuthPolicy, or renews otherwise: see SETTINGS
    keys = Keyring(generate_key)
    phone_settings = PhoneSettings(
        email=USER,
        username=USER,
        password="secret",
        device_id=DEVICES[PROFILES[profile].device_type],
        profile=profile,
    )
    with device(folder, port, profile, keys) as transport:
        leg = enroll(phone_settings, private_key=keys, random=os.urandom, clock=now)
        phone = run(leg, transport)
        assert phone.auth_policy == setting.auth_policy
        phone = managed(phone, transport, keys)
        first = phone.management_certificate(now()).found
        assert first is not None
        assert renewal_plan(phone).way is ways[0]
        phone = run(renew(phone, keys=keys, random=os.urandom, clock=now), transport)
        second = phone.management_certificate(now()).found
        assert second is not None
        assert second.certificate.serial != first.certificate.serial
        assert second.certificate.spki != first.certificate.spki
        assert second.certificate.subject.raw == first.certificate.subject.raw
        phone = managed(phone, transport, keys)
        leave(phone, transport, folder / "state", keys)
    (folder / "new.pem").write_bytes(certificate_pem(second.certificate.der))
    verified = openssl_output(
        *("verify", "-x509_strict", "-purpose", "sslclient"),
        *("-CAfile", str(folder / "ca.pem"), str(folder / "new.pem")),
    )
    assert b"OK" in verified
