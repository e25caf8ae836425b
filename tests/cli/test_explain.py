"""``mdmproxy explain``: codes, pasted text, rules, and what of it a capture shows."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from mdmcore.cli.main import run
from tests.support.requirements import shared_file


def log() -> str:
    return str(shared_file("captures", "win10-enrollment-log.md"))


def paste(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))


def test_the_codes_of_the_first_hour(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "0x80180024", "0x801900C8", "507", "1226"]) == 0
    out = capsys.readouterr().out
    assert "PROV_SSLCERTNOTFOUND" in out
    assert "1. cert-public-key-mismatch: " in out
    assert "the body is not usable" in out
    assert "SyncML status 507: Atomic failed" in out
    assert "SyncML alert 1226: Generic alert" in out


def test_everything_that_is_known_of_a_code_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "2149056555"]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "2149056555 = 0x8018002B (MDM enrolment, low word 43)"
    assert lines[1] == "HRESULT 0x8018002B: MENROLL_E_MDM_NOT_CONFIGURED"
    labels = [line.split(":")[0] for line in lines if ":  " in line]
    assert labels == ["reports", "phase", "look at", "device", "conflict", "source"]
    assert "before discovery" in " ".join(lines)
    assert "0x80180031" in " ".join(lines)
    assert lines[-2].endswith("(field reports)") or "(field reports)" in " ".join(lines)


def test_rules_come_in_their_order_and_the_rest_by_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["explain", "0x8018001F"]) == 0
    out = capsys.readouterr().out
    assert out.index("1. w7-missing-parm:") < out.index("6. w7-flag-has-value:")
    assert "then appauth-entry-missing, appauth-client-not-digest" in out


def test_subcodes_constants_rules_and_aliases(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["s:MessageFormat", "ERROR_INTERNET_TIMEOUT", "csr-edited", "search-criteria-format"]
    assert run(["explain", *words]) == 0
    out = capsys.readouterr().out
    for word in ("DEVICE_MESSAGE_FORMAT_ERROR", "12002", "criteria-prefix", "criteria-store"):
        assert word in out


@pytest.mark.parametrize("arguments", [["-2016281112"], ["--", "-2016281112"]])
def test_a_negative_number(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", *arguments]) == 0
    assert "0x87D1FDE8" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--frmat", "-x"])
def test_an_unknown_option_is_no_code(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "507", option]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert option in line


def test_an_unknown_code_is_exit_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "0x8018FFFF", "--format", "json"]) == 1
    (row,) = json.loads(capsys.readouterr().out)["codes"]
    assert (row["facility"], row["low"], row["entries"]) == ("MDM enrolment", 0xFFFF, [])
    assert run(["explain", "CAA30194"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "CAA30194 (sign-in broker (Entra), before MDM, low word 404)",
        "  unknown",
        "",
    ]
    assert run(["explain", "AADSTS90072"]) == 1
    assert "unknown; its class: sign-in (Entra), before MDM" in capsys.readouterr().out
    assert run(["explain", "nonsense"]) == 1


def test_json_has_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "0x80180004", "--format", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["codes"]
    (found,) = row["entries"]
    assert row["value"] == "0x80180004"
    assert found["aliases"] == ["MENROLL_E_DEVICE_CERTIFCATEREQUEST_ERROR"]
    assert found["rules"] == ["csr-strict-parser", "csr-edited", "policy-key-length-mismatch"]
    assert found["phase"] == "enrollment"
    assert "event 75" in found["device"]
    assert found["confidence"] == "documented"


def test_pasted_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    paste(monkeypatch, b"Result: (0x80072ee7), 200 times.\r\n")
    assert run(["explain", "-"]) == 0
    out = capsys.readouterr().out
    assert "NAME_NOT_RESOLVED" in out
    assert "SyncML" not in out
    assert run(["explain", "Failed with status 405 at ./Vendor"]) == 0
    assert "Command not allowed" in capsys.readouterr().out


def test_a_text_without_codes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paste(monkeypatch, b"200 devices")
    assert run(["explain", "-"]) == 1
    assert "no code found" in capsys.readouterr().out


def test_what_was_typed_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "\x1b[31m" + "x" * 5000]) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert len(out) < 500


def test_the_rules_of_a_code_that_fire_in_a_capture(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "syncml(400)", "--in", log()]) == 1
    out = capsys.readouterr().out
    assert "ERROR wrong-namespace" in out
    assert "where:   exchange 5, response, xpath /SyncML/SyncBody/Replace[1]" in out
    assert "fix:     Use exactly SYNCML:SYNCML1.2" in out
    # What is wrong in it beside that, but not named by the code, is not told.
    assert "hub-" not in out
    assert "first-sync" not in out


def test_only_the_rules_of_the_code_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    run(["analyze", log(), "--format", "json"])
    all_findings = json.loads(capsys.readouterr().out)["findings"]
    run(["explain", "0x80180024", "syncml(400)", "--in", log(), "--format", "json"])
    document = json.loads(capsys.readouterr().out)
    named = [rule for code in document["codes"] for rule in code["entries"][0]["rules"]]
    expected = [finding for rule in named for finding in all_findings if finding["rule"] == rule]
    assert document["findings"] == expected
    assert 0 < len(expected) < len(all_findings)
    assert document["captures"][0]["exchanges"] == 6
    assert sorted(document["checked"] + document["unchecked"]) == sorted(named)


def test_that_no_rule_fired_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "criteria-prefix", "--in", log()]) == 0
    assert "none of their rules fired; checked: criteria-prefix\n" in capsys.readouterr().out
    assert run(["explain", "0x80180008", "--in", log()]) == 0
    assert "no rule of these codes can be checked" in capsys.readouterr().out


@pytest.mark.parametrize(("fail_on", "code"), [("error", 1), ("never", 0)])
def test_fail_on_decides_the_code(fail_on: str, code: int) -> None:
    assert run(["explain", "syncml(400)", "--in", log(), "--fail-on", fail_on]) == code


def test_a_capture_that_cannot_be_read_is_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.bin").write_bytes(b"no capture")
    assert run(["explain", "507", "--in", str(tmp_path / "x.bin")]) == 2
    captured = capsys.readouterr()
    assert "Atomic failed" in captured.out
    assert "fired" not in captured.out
    (line,) = captured.err.splitlines()
    assert line.startswith("mdmproxy: error: ")
    both = ["--in", str(tmp_path / "x.bin"), "--in", log()]
    assert run(["explain", "criteria-prefix", *both]) == 2
    assert "none of their rules fired" in capsys.readouterr().out


def test_lines_fit_into_the_width_and_the_file(tmp_path: Path) -> None:
    target = tmp_path / "explained.txt"
    assert run(["explain", "0x80180024", "507", "-o", str(target)]) == 0
    assert max(map(len, target.read_text("utf-8").splitlines())) <= 140


@pytest.mark.parametrize(
    "data",
    [
        "Fehler: 0x80072ee7".encode("utf-16"),
        b"\xef\xbb\xbfFehler: 0x80072ee7",
        b"\xff\xfa\x80 error 0x80072ee7 \x00\xc3",
    ],
)
def test_any_encoding_is_read(
    data: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paste(monkeypatch, data)
    assert run(["explain", "-"]) == 0
    assert "NAME_NOT_RESOLVED" in capsys.readouterr().out


def test_too_much_text_is_refused_and_not_cut(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paste(monkeypatch, b"x" * (1024 * 1024 + 1))
    assert run(["explain", "-"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "stdin: more than 1048576 bytes" in line
