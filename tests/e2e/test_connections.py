"""Connections without HTTP: what live inspection finds of them, the recording shows again.

Real handshakes by ``openssl s_client`` and curl; the device that enrolls is the simulated one.
"""

from __future__ import annotations

import ssl
import sys
from dataclasses import dataclass, field
from pathlib import Path

import jsonschema
import pytest
from mitmproxy import http, io

from mdmcore.pki.authority import certificate_pem
from mdmcore.report.schema import analysis_schema
from tests.support.analysing import analysis_of
from tests.support.processes import Process, run
from tests.support.proxy import write_hub
from tests.support.requirements import require_program
from tests.support.tls_server import lasting_authority, tls_server

pytestmark = pytest.mark.e2e

MDMPROXY = (sys.executable, "-m", "mdmcore")
DISCOVERY_HOST, HUB_HOST = "enterpriseenrollment.example.test", "mdm.example.test"
EMAIL = "demo@example.test"


@dataclass
class Recorded:
    """What a run of connections left: the live rule ids, and the analysis of the recording."""

    live: list[list[str]] = field(default_factory=list)
    document: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    output: str = ""


def handshake(port: int, host: str, *arguments: str | Path) -> None:
    """A connection through the proxy whose device asks for nothing and leaves."""
    run(
        [
            *(require_program("openssl"), "s_client", "-servername", host),
            *("-proxy", f"127.0.0.1:{port}", "-connect", f"{host}:443", *arguments),
        ],
        input=b"",
    )


def read_back(record: Path, output: str) -> Recorded:
    """The rules noted live on flows of connections, and what analyze makes of the file."""
    with record.open("rb") as file:
        flows = [one for one in io.FlowReader(file).stream() if isinstance(one, http.HTTPFlow)]
    ours = [flow.metadata["mdmproxy"] for flow in flows if flow.request.method == "CONNECT"]
    document = analysis_of(record)
    jsonschema.validate(document, analysis_schema())
    live = [[finding["rule"] for finding in one["findings"]] for one in ours]
    return Recorded(live=live, document=document, output=output)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Four connections to an emulator, one of them after an enrolment."""
    folder = tmp_path_factory.mktemp("connections")
    package, aetx = write_hub(folder)
    record, authority = folder / "live.mitm", folder / "conf" / "mitmproxy-ca-cert.pem"
    command: list[str | Path] = [
        *(*MDMPROXY, "emulate", "--listen-port", "0", "--domain", "example.test"),
        *("--user", f"{EMAIL}:secret", "--hub", package, "--aetx", aetx, "--no-legacy-tls"),
        *("--state", folder / "state", "--confdir", folder / "conf", "--record", record),
    ]
    with Process(command) as process:
        port = int(process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1])
        handshake(port, DISCOVERY_HOST, "-verify_return_error")
        handshake(port, DISCOVERY_HOST, "-tls1", "-cipher", "ALL:@SECLEVEL=0")
        handshake(port, "www.other.test", "-verify_return_error")
        done = run(
            [
                *(*MDMPROXY, "probe", EMAIL, "--proxy", f"http://127.0.0.1:{port}"),
                *("--ca", authority, "--skip", "session,hub,renew,unenroll", "--any-tls"),
            ],
            env={"MDMPROXY_PASSWORD": "secret"},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        handshake(port, HUB_HOST, "-CAfile", authority)
        assert process.interrupt() == 0
    assert "Traceback" not in process.output
    return read_back(record, process.output)


def test_each_connection_has_its_rule(recorded: Recorded) -> None:
    expected = [["tls-root-not-on-device"], ["tls-too-modern"], [], ["hub-tls-no-request"]]
    assert recorded.live == expected


def test_the_recording_gives_the_same_findings(recorded: Recorded) -> None:
    rows = [one for one in recorded.document["exchanges"] if one["kind"] == "tls"]
    assert [row["method"] for row in rows] == ["CONNECT"] * len(recorded.live)
    found = {finding["rule"] for finding in recorded.document["findings"]}
    assert {rule for rules in recorded.live for rule in rules} <= found
    assert recorded.document["captures"][0]["errors"] == []
    hub = next(f for f in recorded.document["findings"] if f["rule"] == "hub-tls-no-request")
    assert hub["life"] == recorded.document["lives"][-1]["id"]


def test_a_connection_is_one_log_line(recorded: Recorded) -> None:
    lines = [line for line in recorded.output.splitlines() if "mdm: CONNECT" in line]
    assert len(lines) == 4
    assert "alert unknown_ca" in lines[0]


@pytest.mark.parametrize("mode", [ssl.CERT_OPTIONAL, ssl.CERT_REQUIRED])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_asks_for_a_certificate(
    tmp_path: Path, mode: ssl.VerifyMode, version: ssl.TLSVersion
) -> None:
    record, conf, known = tmp_path / "live.mitm", tmp_path / "conf", tmp_path / "ca.pem"
    known.write_bytes(certificate_pem(lasting_authority().certificate))
    with tls_server(tmp_path, versions=(version, version), client=mode) as server:
        command: list[str | Path] = [
            *(*MDMPROXY, "inspect", "--upstream", f"https://localhost:{server.port}"),
            *("--upstream-ca", known, "--listen-port", "0", "--confdir", conf),
            *("--record", record),
        ]
        with Process(command) as process:
            port = process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
            # mitmproxy often leaves a request without answer when the server refuses by an alert.
            run(
                [
                    *(
                        require_program("curl"),
                        "-sS",
                        "--max-time",
                        "5",
                        "--cacert",
                        conf / "mitmproxy-ca-cert.pem",
                    ),
                    *("--resolve", f"mdm.example.test:{port}:127.0.0.1"),
                    f"https://mdm.example.test:{port}/",
                ]
            )
            assert process.interrupt() == 0
    found = read_back(record, process.output)
    assert found.live == [["proxy-breaks-client-tls"]]
    assert {one["rule"] for one in found.document["findings"]} >= {"proxy-breaks-client-tls"}
