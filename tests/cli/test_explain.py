"""``mdmproxy explain``."""

from __future__ import annotations

import io
import json

import pytest

from mdmcore.cli.main import run


def test_the_codes_of_the_first_hour(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "0x80180024", "0x801900C8", "507", "1226"]) == 0
    out = capsys.readouterr().out
    assert "PROV_SSLCERTNOTFOUND" in out
    assert "cert-public-key-mismatch" in out
    assert "Atomic failed" in out
    assert "generic alert" in out


def test_subcodes_rules_and_aliases(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "s:MessageFormat", "csr-edited", "search-criteria-format"]) == 0
    assert "criteria-prefix" in capsys.readouterr().out


def test_an_unknown_code_is_exit_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "0x8018FFFF", "--format", "json"]) == 1
    (row,) = json.loads(capsys.readouterr().out)["codes"]
    assert (row["facility"], row["low"], row["entries"]) == ("MDM enrolment", 0xFFFF, [])
    assert run(["explain", "nonsense"]) == 1


def test_pasted_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Result: (0x80072ee7)."))
    assert run(["explain", "-"]) == 0
    assert "NAME_NOT_RESOLVED" in capsys.readouterr().out
