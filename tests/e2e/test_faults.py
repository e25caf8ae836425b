"""Mistakes on purpose by a real process: from the start, and ordered while it runs."""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mdmcore.cli.transport import HttpTransport, trust_only
from mdmcore.phone import EnrolledPhone, PhoneSettings, Refusal, enroll, sync
from mdmcore.phone.drive import run as drive
from tests.support.keys import load_key
from tests.support.processes import Process, run

pytestmark = pytest.mark.e2e

MDMPROXY = (sys.executable, "-m", "mdmcore")

SETTINGS = PhoneSettings(
    email="user@example.test",
    username="user@example.test",
    password="any",
    device_id="urn:uuid:00000000-0000-4000-8000-00000000ABCD",
)


def now() -> datetime:
    return datetime.now(UTC)


def enrolled(transport: HttpTransport) -> EnrolledPhone:
    steps = enroll(SETTINGS, private_key=load_key("device"), random=os.urandom, clock=now)
    return drive(steps, transport)


def test_a_mistake_is_made_once_and_another_when_it_is_ordered(tmp_path: Path) -> None:
    state = tmp_path / "state"
    command: list[str | Path] = [*MDMPROXY, "emulate", "--listen-port", "0", "--state", state]
    command += ["--confdir", tmp_path / "conf", "--fault", "empty-200-body@policy*1"]
    with Process(command) as process:
        port = process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
        assert process.has_said("mistake on purpose: empty-200-body in step policy, 1 time")
        pem = (tmp_path / "conf" / "mitmproxy-ca-cert.pem").read_text("ascii")
        with HttpTransport(proxy=f"http://127.0.0.1:{port}", trust=trust_only(pem)) as transport:
            with pytest.raises(Refusal) as caught:
                enrolled(transport)
            assert (caught.value.step, caught.value.hresult) == ("policy", 0x80180029)
            phone = enrolled(transport)
            ordered = run([*MDMPROXY, "device", "fault", "wrong-content-type", "--state", state])
            assert ordered.returncode == 0, ordered.stderr
            with pytest.raises(Refusal) as caught:
                drive(sync(phone, random=os.urandom, clock=now), transport)
            assert caught.value.place == "header Content-Type"
            assert run([*MDMPROXY, "device", "fault", "--off", "--state", state]).returncode == 0
            outcome = drive(sync(phone, random=os.urandom, clock=now), transport)
            assert outcome.is_server_authenticated
        assert process.interrupt() == 0
    assert "Traceback" not in process.output


def test_a_mistake_that_nobody_knows_is_a_bad_option(tmp_path: Path) -> None:
    done = run([*MDMPROXY, "emulate", "--state", tmp_path, "--fault", "no-such-fault"])
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert re.search("no fault is called 'no-such-fault'", line)
