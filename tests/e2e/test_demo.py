"""``mdmproxy demo`` as a user runs it, its results judged by openssl and the JSON Schema."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from mitmproxy import http, io

from mdmcore.report.schema import analysis_schema
from tests.support.openssl import openssl_output
from tests.support.processes import run

pytestmark = pytest.mark.e2e

MDMPROXY = (sys.executable, "-m", "mdmcore")
type Demo = tuple[Path, subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """One run for all tests of this module: its folder and its result."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    return folder, run([*MDMPROXY, "demo", "--out", folder])


@pytest.fixture(scope="module")
def flows(demo: Demo) -> list[http.HTTPFlow]:
    with (demo[0] / "session.mitm").open("rb") as file:
        return [flow for flow in io.FlowReader(file).stream() if isinstance(flow, http.HTTPFlow)]


def test_every_step_succeeds(demo: Demo) -> None:
    folder, done = demo
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in folder.iterdir()) == [
        "analysis.json",
        "device.pem",
        "enrollment-ca.pem",
        "session.mitm",
    ]
    output = done.stdout.decode()
    assert "throw-away" in output
    assert "0 errors, 0 warnings, 0 info" in output
    assert "\x1b" not in output
    assert "Traceback" not in done.stderr.decode()


def test_the_timeline_has_a_line_for_each_exchange(demo: Demo, flows: list[http.HTTPFlow]) -> None:
    lines = [line for line in demo[1].stdout.decode().splitlines() if "  ->  " in line]
    assert len(lines) == len(flows)
    steps = [line.split("->", 1)[1].split("  ")[1].strip() for line in lines]
    hub = [step for step in steps if step == "hub download"]
    assert steps == [
        "probe",
        "discovery",
        "policy",
        "enrollment",
        *["management"] * 4,
        *hub,
    ]
    assert len(hub) > 1


def test_the_analysis_has_one_whole_life_without_errors(
    demo: Demo,
) -> None:
    analysis = json.loads((demo[0] / "analysis.json").read_bytes())
    jsonschema.validate(analysis, analysis_schema())
    (life,) = analysis["lives"]
    assert (life["profile"], life["outcome"]) == ("wp8", "complete")
    assert [one for one in analysis["findings"] if one["severity"] != "info"] == []
    assert all(one["life"] == life["id"] for one in analysis["exchanges"])


def test_openssl_accepts_the_certificate_against_the_ca_the_phone_was_given(
    demo: Demo, flows: list[http.HTTPFlow]
) -> None:
    folder = demo[0]
    said = openssl_output(
        *("verify", "-purpose", "sslclient"),
        *("-CAfile", str(folder / "enrollment-ca.pem"), str(folder / "device.pem")),
    )
    assert b"OK" in said
    for name in ("enrollment-ca.pem", "device.pem"):
        assert b"PRIVATE" not in (folder / name).read_bytes()
    (rst,) = [flow for flow in flows if flow.request.path.endswith("/Enrollment.svc")]
    assert rst.response is not None
    token = ET.fromstring(rst.response.content or b"").findtext(".//{*}BinarySecurityToken", "")
    store = ET.fromstring(base64.b64decode(token)).find("characteristic[@type='CertificateStore']")
    assert store is not None
    for name, which in (("enrollment-ca.pem", "Root"), ("device.pem", "My")):
        parm = store.find(f"characteristic[@type='{which}']//parm[@name='EncodedCertificate']")
        assert parm is not None
        der = openssl_output("x509", "-in", str(folder / name), "-outform", "DER")
        assert base64.b64decode(parm.get("value", "")) == der


def test_the_key_in_the_certificate_is_the_one_of_the_request(
    demo: Demo, flows: list[http.HTTPFlow]
) -> None:
    (rst,) = [flow for flow in flows if flow.request.path.endswith("/Enrollment.svc")]
    token = ET.fromstring(rst.request.content or b"").findtext(".//{*}BinarySecurityToken", "")
    requested = openssl_output(
        "req", "-inform", "DER", "-noout", "-pubkey", data=base64.b64decode(token)
    )
    issued = openssl_output("x509", "-in", str(demo[0] / "device.pem"), "-noout", "-pubkey")
    assert issued == requested


def test_the_digests_of_the_session_are_right(flows: list[http.HTTPFlow]) -> None:
    """Recomputed from the provisioning document by the formula of the specification alone."""
    (rst,) = [flow for flow in flows if flow.request.path.endswith("/Enrollment.svc")]
    assert rst.response is not None
    token = ET.fromstring(rst.response.content or b"").findtext(".//{*}BinarySecurityToken", "")
    document = ET.fromstring(base64.b64decode(token))
    parms = {
        entry.find("parm[@name='AAUTHLEVEL']").get("value"): {  # type: ignore[union-attr]
            parm.get("name", ""): parm.get("value", "") for parm in entry
        }
        for entry in document.iterfind(".//characteristic[@type='APPAUTH']")
    }
    provider = document.find(".//parm[@name='PROVIDER-ID']")
    assert provider is not None

    def digest(user: str, secret: str, nonce: str) -> str:
        inner = base64.b64encode(hashlib.md5(f"{user}:{secret}".encode()).digest())
        return base64.b64encode(
            hashlib.md5(inner + b":" + base64.b64decode(nonce)).digest()
        ).decode()

    phone, server = parms["APPSRV"], parms["CLIENT"]
    phone_nonce, server_nonce = phone["AAUTHDATA"], server["AAUTHDATA"]
    sessions = [flow for flow in flows if flow.request.path.endswith("/MDM.svc")]
    assert len(sessions) == 4
    for first, second in (sessions[:2], sessions[2:]):
        package_1, package_2 = (ET.fromstring(part) for part in _bodies(first))
        package_3, _ = (ET.fromstring(part) for part in _bodies(second))
        cred = "{*}SyncHdr/{*}Cred/{*}Data"
        wanted = digest(phone["AAUTHNAME"], phone["AAUTHSECRET"], phone_nonce)
        assert package_1.findtext(cred) == wanted
        wanted = digest(provider.get("value", ""), server["AAUTHSECRET"], server_nonce)
        assert package_2.findtext(cred) == wanted
        phone_nonce = package_2.findtext(".//{*}NextNonce", "")
        server_nonce = package_3.findtext(".//{*}NextNonce", "")
        assert phone_nonce
        assert server_nonce


def _bodies(flow: http.HTTPFlow) -> tuple[bytes, bytes]:
    assert flow.response is not None
    return flow.request.content or b"", flow.response.content or b""


def test_flows_carry_their_annotations(flows: list[http.HTTPFlow]) -> None:
    for flow in flows:
        assert flow.comment.startswith("[mdm] ")
        assert flow.metadata["mdmproxy"]["schema"] == 1
        assert flow.marked == ""
        assert flow.request.host.endswith("example.test")


def test_without_out_the_last_line_is_the_folder() -> None:
    done = run([*MDMPROXY, "demo"])
    assert done.returncode == 0
    folder = Path(done.stdout.decode().splitlines()[-1])
    assert (folder / "session.mitm").is_file()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def test_analyze_reads_the_recording(demo: Demo, tmp_path: Path) -> None:
    recording = demo[0] / "session.mitm"
    done = run([*MDMPROXY, "analyze", recording], fresh=True)
    assert done.returncode == 0
    assert b"0 errors" in done.stdout
    broken = tmp_path / "broken.mitm"
    content = recording.read_bytes()
    broken.write_bytes(content[: len(content) // 2])
    done = run([*MDMPROXY, "analyze", broken, "--format", "json", "--fail-on", "never"])
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith(f"mdmproxy: error: {broken}: ")
    assert "offset" in line
    analysis = json.loads(done.stdout)
    assert analysis["exchanges"]
    assert analysis["captures"][0]["errors"]


def test_an_out_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    done = run([*MDMPROXY, "demo", "--out", tmp_path / "file" / "below"])
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
