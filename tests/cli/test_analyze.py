"""``mdmproxy analyze`` on the captured log and on files that are none."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from mdmcore.base64_text import encode_base64
from mdmcore.capture.recording import open_recording
from mdmcore.cli.main import run
from mdmcore.http import Exchange
from mdmcore.inspector import Inspection
from mdmcore.mitm.flow_file import flow_from
from tests.capture.flow_files import flow_bytes
from tests.support.flow_capture import write_flows
from tests.support.proxy import ENTERPRISE_ID, write_hub
from tests.support.requirements import CHECKOUT, shared_file
from tests.support.story import (
    HUB,
    Recorded,
    Story,
    answer,
    device_cred,
    document,
    package1,
    server_cred,
)


def log() -> str:
    return str(shared_file("captures", "win10-enrollment-log.md"))


def test_the_log_has_errors_and_exit_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", log()]) == 1
    out = capsys.readouterr().out
    assert "ERROR xml-not-wellformed" in out
    assert "4 errors, 5 warnings" in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("fail_on", "code"), [("error", 1), ("warning", 1), ("info", 1), ("never", 0)]
)
def test_fail_on_decides_the_code(fail_on: str, code: int) -> None:
    assert run(["analyze", log(), "--fail-on", fail_on]) == code


def test_json_goes_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "analysis.json"
    assert run(["analyze", log(), "--format", "json", "-o", str(target)]) == 1
    assert capsys.readouterr().out == ""
    analysis = json.loads(target.read_bytes())
    assert analysis["schema"] == "mdmproxy-analysis/1"
    assert len(analysis["exchanges"]) == 6


def test_passwords_are_masked_unless_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    run(["analyze", log(), "--format", "json"])
    masked = capsys.readouterr().out
    run(["analyze", log(), "--format", "json", "--show-secrets"])
    shown = capsys.readouterr().out
    for secret in ('"password":"demo"', '"name":"AAUTHSECRET","value":"dummy"'):
        assert secret in shown
        assert secret not in masked


def test_one_bad_file_does_not_hide_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.bin").write_bytes(b"no capture")
    assert run(["analyze", str(tmp_path / "x.bin"), log()]) == 2
    captured = capsys.readouterr()
    assert "6 exchanges" in captured.out
    (line,) = captured.err.splitlines()
    assert line.startswith("mdmproxy: error: ")


def test_an_output_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["analyze", log(), "-o", str(tmp_path / "no" / "file")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_profile_can_be_forced(capsys: pytest.CaptureFixture[str]) -> None:
    run(["analyze", log(), "--format", "json", "--profile", "wp8"])
    analysis = json.loads(capsys.readouterr().out)
    assert {life["profile"] for life in analysis["lives"]} == {"wp8"}


def test_rules_can_be_silenced_and_weighed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", log(), "--disable", "xml-not-wellformed"]) == 1
    assert "xml-not-wellformed" not in capsys.readouterr().out
    assert run(["analyze", log(), "--severity", "xml-not-wellformed=info"]) == 1
    out = capsys.readouterr().out
    assert "INFO xml-not-wellformed" in out
    assert "ERROR xml-not-wellformed" not in out


def test_a_rule_that_does_not_exist_is_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", log(), "--disable", "no-such-rule"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "no rule is called 'no-such-rule'" in line


def test_tokens_are_compared_with_the_aetx(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, aetx = write_hub(tmp_path)
    token = encode_base64(b'<AET><EnterpriseId Value="1234567"/><!-- older --></AET>')
    hub = replace(HUB, enterprise_id=ENTERPRISE_ID, enrollment_token=token)
    record = tmp_path / "a.mitm"
    with open_recording(record) as recording:
        story = Recorded("wp8", lambda one: recording.append(flow_bytes(flow_from(one))))
        story.enrolled(document(hub=hub))
    rule = "eam-token-differs-from-aetx"
    for arguments, is_found in (([], False), (["--aetx", str(aetx)], True)):
        run(["analyze", str(record), *arguments, "--fail-on", "never"])
        assert (rule in capsys.readouterr().out) == is_found
    assert run(["analyze", str(record), "--aetx", str(tmp_path / "none")]) == 2


# --- secrets


def test_secrets_of_a_file_verify_what_begins_in_the_middle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exchanges: list[Exchange] = []
    story = Story()
    inspect = story.inspector.inspect

    def kept(exchange: Exchange) -> Inspection:
        exchanges.append(exchange)
        return inspect(exchange)

    story.inspector.inspect = kept  # type: ignore[method-assign]
    wrong = server_cred(b"not this nonce..")
    story.sync(package1(cred=device_cred()), answer("1", "212", cred=wrong))
    path = str(write_flows(tmp_path / "session.mitm", exchanges))
    assert run(["analyze", path]) == 0
    capsys.readouterr()
    example = CHECKOUT / "docs" / "examples" / "secrets.toml"
    secrets = ["--secrets", str(example)]
    assert run(["analyze", path, *secrets, "--fail-on", "warning"]) == 1
    said = capsys.readouterr().out
    assert "digest-from-unknown-values" in said
    assert run(["analyze", path, *secrets, "--format", "json"]) == 0
    said += capsys.readouterr().out
    for secret in re.findall(r'(?:_secret|_nonce) = "(.+)"', example.read_text("utf-8")):
        assert secret not in said


def test_a_secrets_file_that_is_none_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "s.toml"
    path.write_text("[[accounts]]\ndevice_secret = 'x'\nnonce = ''\n", "utf-8")
    assert run(["analyze", log(), "--secrets", str(path)]) == 2
    said = capsys.readouterr().err
    assert said == f"mdmproxy: error: {path}: $.accounts[0].nonce: no such key\n"
