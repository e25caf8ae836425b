"""``mdmproxy replay`` over real connections: a recorded session, the same server, and others."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jsonschema
import pytest

from mdmcore.cli.main import run
from mdmcore.report.schema import diff_schema
from tests.support.processes import Process
from tests.support.proxy import flows_in, write_hub

pytestmark = pytest.mark.e2e

MDMPROXY = (sys.executable, "-m", "mdmcore")
EMAIL = "demo@example.test"
TO = "https://enterpriseenrollment.example.test"
LISTENING = r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$"


@contextmanager
def emulating(folder: Path, *arguments: str) -> Iterator[tuple[str, ...]]:
    """A running emulator with a hub; the options that lead to it."""
    package, aetx = write_hub(folder)
    command: list[str | Path] = [
        *(*MDMPROXY, "emulate", "--listen-port", "0", "--domain", "example.test"),
        *("--user", f"{EMAIL}:secret", "--hub", package, "--aetx", aetx),
        *("--state", folder / "state", "--confdir", folder / "conf"),
        *arguments,
    ]
    with Process(command) as process:
        port = process.wait_for(LISTENING)[1]
        yield f"http://127.0.0.1:{port}", str(folder / "conf" / "mitmproxy-ca-cert.pem")
    assert "Traceback" not in process.output


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ...]]:
    with emulating(tmp_path_factory.mktemp("emulator")) as found:
        yield found


def probe(proxy: str, ca: str, *more: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MDMPROXY_PASSWORD", "secret")
        skip = ("--skip", "questions,renew,unenroll")
        return run(["probe", EMAIL, "--proxy", proxy, "--ca", ca, *skip, *more])


@pytest.fixture(scope="module")
def recording(emulator: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a simulated phone and the emulator said, recorded by the phone."""
    path = tmp_path_factory.mktemp("recording") / "session.mitm"
    assert probe(*emulator, "--record", str(path)) == 0
    return str(path)


def test_with_the_same_server(
    recording: str, emulator: tuple[str, ...], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    proxy, ca = emulator
    out = tmp_path / "again.mitm"
    way = ("--proxy", proxy, "--upstream-ca", ca)
    code = run(["replay", recording, "--as-device", "--to", TO, *way, "--record", str(out)])
    said = capfd.readouterr()
    assert said.out.splitlines()[-1] == "no difference but in names, ids, times, keys and nonces"
    assert code == 0
    assert len(flows_in(out)) == len(flows_in(Path(recording)))
    # The recording is one for analyze, too; the phone speaks an older TLS than the replay.
    assert run(["analyze", "--diff", recording, str(out), "--format", "json"]) == 1
    found = json.loads(capfd.readouterr().out)["differences"]
    assert [one["what"] for one in found] == ["TLS version"]


def test_with_a_server_whose_certificate_is_not_trusted(
    recording: str, emulator: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    way = ("--as-device", "--to", TO, "--proxy", emulator[0])
    assert run(["replay", recording, *way]) == 2
    last = capfd.readouterr().err.splitlines()[-1]
    said = f"mdmproxy: error: --to {TO}: no answer: {TO}/EnrollmentServer/"
    assert last.lower().startswith(said.lower())
    assert "certificate" in last
    assert last.endswith("; --upstream-ca FILE or --insecure")


def test_with_a_server_that_makes_one_mistake(recording: str, tmp_path: Path) -> None:
    out = tmp_path / "diff.json"
    with emulating(tmp_path, "--fault", "omadmretry-first-set-zero") as (proxy, ca):
        way = ("--proxy", proxy, "--upstream-ca", ca, "--format", "json", "-o", str(out))
        assert run(["replay", recording, "--as-device", "--to", TO, *way]) == 1
    document = json.loads(out.read_bytes())
    jsonschema.validate(document, diff_schema())
    retry = r"/Registry/HKLM\Software\Microsoft\Enrollment\OmaDmRetry"
    told = [(one["step"], one["what"]) for one in document["differences"]]
    assert told == [
        ("provisioning document", f"{retry}/AuxNumRetries"),
        ("provisioning document", f"{retry}/AuxRetryInterval"),
        ("findings", "omadmretry-first-set-zero"),
    ]


def test_as_the_server(recording: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    record = tmp_path / "served.mitm"
    command: list[str | Path] = [
        *(*MDMPROXY, "replay", recording, "--as-server", "--listen-port", "0"),
        *("--confdir", tmp_path / "conf", "--record", record),
    ]
    with Process(command) as process:
        port = process.wait_for(LISTENING)[1]
        ca = str(tmp_path / "conf" / "mitmproxy-ca-cert.pem")
        assert probe(f"http://127.0.0.1:{port}", ca) == 0
    said = capfd.readouterr().out
    assert "0 errors, 0 warnings" in said
    assert re.search(r"hub\.xap|bytes in \d+ requests", said)
    assert "Traceback" not in process.output
    assert "replaying life-1 of demo@example.test for enterpriseenrollment" in process.output
    assert len(flows_in(record)) == len(flows_in(Path(recording)))
