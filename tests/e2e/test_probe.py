"""``mdmproxy probe`` as a user runs it: against our emulator, and against servers with mistakes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jsonschema
import pytest
from lxml import etree
from mitmproxy import http, io

from mdmcore.http import Request, Response
from mdmcore.pki.authority import certificate_pem
from mdmcore.report.schedule.schema import schedule_schema
from mdmcore.report.schema import analysis_schema
from tests.matrix.play import Stage
from tests.support.https_server import https_server
from tests.support.processes import Process, run
from tests.support.proxy import write_hub
from tests.support.requirements import shared_file
from tests.support.tls_server import lasting_authority

pytestmark = pytest.mark.e2e

MDMPROXY = (sys.executable, "-m", "mdmcore")
EMAIL = "demo@example.test"
HOSTS = ("enterpriseenrollment.example.test", "mdm.example.test")
SECRET = {"MDMPROXY_PASSWORD": "secret"}


type Emulator = tuple[Path, str]
"""mitmproxy's CA, and the proxy's URL."""


@contextmanager
def emulating(folder: Path, *arguments: str | Path) -> Iterator[Emulator]:
    """A running emulator with a hub."""
    package, aetx = write_hub(folder)
    command: list[str | Path] = [
        *(*MDMPROXY, "emulate", "--listen-port", "0", "--domain", "example.test"),
        *("--user", f"{EMAIL}:secret", "--hub", package, "--aetx", aetx),
        *("--state", folder / "state", "--confdir", folder / "conf"),
        *arguments,
    ]
    with Process(command) as process:
        port = process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
        yield folder / "conf" / "mitmproxy-ca-cert.pem", f"http://127.0.0.1:{port}"
    assert "Traceback" not in process.output


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One for the tests of this module."""
    with emulating(tmp_path_factory.mktemp("emulator")) as found:
        yield found


def probe(
    *arguments: str | Path,
    env: dict[str, str] | None = None,
    input: bytes | None = None,
    fresh: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    return run(
        [*MDMPROXY, "probe", *arguments],
        env=SECRET if env is None else env,
        input=input,
        fresh=fresh,
    )


def through(emulator: Emulator) -> tuple[str | Path, ...]:
    return EMAIL, "--proxy", emulator[1], "--ca", emulator[0]


@pytest.mark.parametrize("profile", ["wp8", "win10"])
def test_a_right_server(emulator: Emulator, profile: str) -> None:
    done = probe(*through(emulator), "--profile", profile, fresh=True)
    output = done.stdout.decode()
    assert done.returncode == 0, output + done.stderr.decode()
    assert output.splitlines()[-1].startswith("Every step that was taken succeeded")
    assert "0 errors, 0 warnings" in output
    assert "\x1b" not in output
    assert "mdmproxy: Enrolment" in done.stderr.decode().splitlines()


@pytest.mark.parametrize(
    "url",
    [
        "mdm.example.test",
        "https://mdm.example.test:8443/enrollmentserver/discovery.svc?tenant=7",
        "http://mdm.example.test:8080/",
    ],
)
def test_another_place_of_discovery(emulator: Emulator, tmp_path: Path, url: str) -> None:
    out = tmp_path / "probe.json"
    _email, *way = through(emulator)
    done = probe(
        "--url", url, "--user", EMAIL, *way, "--skip", "hub", "--format", "json", "-o", out
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(out.read_bytes())
    discovery = "/EnrollmentServer/Discovery.svc"
    where = url if url.startswith("https:") else f"https://mdm.example.test{discovery}"
    begin = f"http://mdm.example.test:8080{discovery}" if url.startswith("http:") else where
    asked = [(one["method"], one["url"], one["kind"]) for one in document["exchanges"]]
    assert asked[0] == ("GET", begin, "probe")
    assert [one for one in asked if one[2] == "discover"] == [("POST", where, "discover")]


def test_a_place_where_there_is_no_discovery(emulator: Emulator) -> None:
    done = probe(*through(emulator), "--url", "https://mdm.example.test/mdm/discovery")
    output = done.stdout.decode()
    assert done.returncode == 1
    assert "REFUSED Enrolment: discovery-get-not-200" in output
    assert "the discovery GET is answered with HTTP 404" in output


def test_a_wrong_password_is_refused(emulator: Emulator) -> None:
    done = probe(*through(emulator), "--password", "-", input=b"wrong\n", env={})
    output = done.stdout.decode()
    assert done.returncode == 1
    assert "REFUSED Enrolment: enrollment-refused" in output
    assert "0x80180002 MENROLL_E_DEVICE_AUTHENTICATION_ERROR" in output


def test_the_analysis_and_the_recording(emulator: Emulator, tmp_path: Path) -> None:
    out, record = tmp_path / "probe.json", tmp_path / "probe.mitm"
    done = probe(*through(emulator), "--format", "json", "-o", out, "--record", record)
    assert done.returncode == 0, done.stderr
    assert done.stdout == b""
    document = json.loads(out.read_bytes())
    jsonschema.validate(document, analysis_schema())
    (capture,) = document["captures"]
    steps = capture["decoded"]["probe"]["steps"]
    assert [step["outcome"] for step in steps[:4]] == ["done"] * 4
    with record.open("rb") as file:
        flows = [one for one in io.FlowReader(file).stream() if isinstance(one, http.HTTPFlow)]
    assert len(flows) == len(document["exchanges"]) == capture["exchanges"]
    again = run([*MDMPROXY, "analyze", record, "--format", "json"])
    assert [one["kind"] for one in json.loads(again.stdout)["exchanges"]] == [
        one["kind"] for one in document["exchanges"]
    ]
    planned = run([*MDMPROXY, "schedule", record, "--format", "json"])
    schedules = json.loads(planned.stdout)
    jsonschema.validate(schedules, schedule_schema())
    (seen,) = [one["seen"] for one in schedules["schedules"]]
    assert seen["meetings"][0]["punctuality"] == "on time"
    assert {one["punctuality"] for one in seen["meetings"][1:]} == {"early"}
    assert {one["session"]["begun"] for one in seen["meetings"]} == {"client"}


def test_lives_one_after_another(emulator: Emulator) -> None:
    done = probe(*through(emulator), "--repeat", "2", "--skip", "hub,renew", "--format", "junit")
    assert done.returncode == 0, done.stderr
    root = etree.fromstring(done.stdout)
    assert [suite.get("name") for suite in root] == ["probe-1", "probe-2"]
    assert {suite.get("failures") for suite in root} == {"0"}
    path = shared_file("schemas", "xsd", "junit-ant.xsd")
    etree.XMLSchema(etree.parse(str(path))).assertValid(root)


def test_a_sweep(emulator: Emulator) -> None:
    done = probe(*through(emulator), "--sweep", "--profile", "wp81", "--skip", "hub")
    output = done.stdout.decode()
    assert done.returncode == 0, output
    assert "wp81, AuthPolicy Federated  ok: Federated; enroll, session" in output
    assert "wp81, DM messages in WBXML  ok: OnPremise; enroll, session" in output
    assert "5 of 5 inputs get through." in output


@contextmanager
def faulty(folder: Path, profile: str, *faults: str) -> Iterator[tuple[str | Path, ...]]:
    """Arguments that lead a probe to a server with these mistakes."""
    stage = Stage(folder, profile, *faults)

    def answer(request: Request) -> Response:
        stage.clock.advance(seconds=1)
        return stage.ask(request)

    authority = folder / "ca.pem"
    authority.write_bytes(certificate_pem(lasting_authority().certificate))
    try:
        with https_server(folder, HOSTS, answer) as port:
            resolve = [f"--resolve={host}:127.0.0.1:{port}" for host in HOSTS]
            clock = stage.clock().isoformat()
            yield EMAIL, "--ca", authority, "--clock", clock, "--profile", profile, *resolve
    finally:
        stage.close()


@pytest.mark.parametrize("way", ["through our proxy", "directly"])
def test_a_mistake_is_explained_so_that_somebody_can_act(tmp_path: Path, way: str) -> None:
    fault = "cert-subject-not-printable"
    if way == "directly":
        with faulty(tmp_path, "wp8", fault) as arguments:
            done = probe(*arguments)
    else:
        with emulating(tmp_path, "--fault", fault) as emulator:
            done = probe(*through(emulator))
    output = done.stdout.decode()
    assert done.returncode == 1, done.stderr
    told = output.partition("REFUSED Company Hub: ")[2]
    assert told.startswith("cert-subject-not-printable\n")
    for words in (
        "its subject is UTF8String",
        "certificate, field subject",
        "expected:  Each value of the subject encoded as PrintableString",
        "fix:       Encode the subject's values as PrintableString (tag 0x13)",
        "OpenSSL:   string_mask = pkix",
        "The phone gives up at: Company Hub (cert-subject-not-printable)",
    ):
        assert words in told


def test_a_mistake_as_sarif(tmp_path: Path) -> None:
    with faulty(tmp_path, "win10", "msgref-mismatch") as arguments:
        done = probe(*arguments, "--format", "sarif")
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    schema = json.loads(shared_file("schemas", "json", "sarif-schema-2.1.0.json").read_text())
    jsonschema.Draft7Validator(schema).validate(document)
    first = document["runs"][0]["results"][0]
    assert (first["ruleId"], first["level"]) == ("msgref-mismatch", "error")


def test_a_root_that_the_device_does_not_have(tmp_path: Path) -> None:
    with faulty(tmp_path, "wp81") as arguments:
        without = [one for one in arguments if one not in ("--ca", tmp_path / "ca.pem")]
        done = probe(*without)
    output = done.stdout.decode()
    assert done.returncode == 1
    assert "REFUSED Enrolment: tls-root-not-on-device" in output


def test_keep_going_passes_a_failure_of_tls(tmp_path: Path) -> None:
    with faulty(tmp_path, "wp81") as arguments:
        without = [one for one in arguments if one not in ("--ca", tmp_path / "ca.pem")]
        done = probe(*without, "--keep-going", "--skip", "unenroll")
    output = done.stdout.decode()
    assert done.returncode == 1
    again = "Enrolment, again without minding tls-root-not-on-device"
    assert output.index("REFUSED: no answer over HTTPS (the chain ends at") < output.index(again)
    assert "both sides proved" in output
    assert "REFUSED Enrolment: tls-root-not-on-device" in output
    assert "The phone gives up at: Enrolment (tls-root-not-on-device);" in output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say whom to probe"),
        (("demo",), "'demo' is no e-mail address"),
        ((EMAIL, "--url", "ftp://x.test"), "ftp:// is not asked by a device"),
        ((EMAIL, "--url", "https://x.test:0/mdm"), "a port is a number from 1 to 65535"),
        ((EMAIL, "--resolve", "x"), "use HOST:IP or HOST:IP:PORT"),
        ((EMAIL, "--dns-server", "dns.test"), "use IP or IP:PORT"),
        (
            (EMAIL, "--dns-server", "127.0.0.1", "--proxy", "http://127.0.0.1:1"),
            "are for direct connections",
        ),
        ((EMAIL, "--https-port", "8443", "--proxy", "http://127.0.0.1:1"), "a proxy finds the way"),
        ((EMAIL, "--ca", "/nowhere/ca.pem"), "no such file or directory"),
        ((EMAIL, "--skip", "lunch"), "'lunch' is no step"),
        ((EMAIL, "--clock", "noon"), "use a time as"),
        ((EMAIL, "--federated"), "Windows Phone 8.0 knows no Federated enrolment"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(arguments: tuple[str, ...], said: str) -> None:
    done = probe(*arguments)
    (line,) = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout) == (2, b"")
    assert line.startswith("mdmproxy: error: ")
    assert said in line


def test_without_a_password_nothing_is_asked() -> None:
    env = {name: value for name, value in os.environ.items() if name != "MDMPROXY_PASSWORD"}
    assert "MDMPROXY_PASSWORD" not in env
    done = probe(EMAIL, env={})
    assert done.returncode == 2
    assert b"no password: set MDMPROXY_PASSWORD" in done.stderr
