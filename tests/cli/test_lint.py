"""``mdmproxy lint`` on real CSRs, broken ones and certificates."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from mdmcore.cli.main import run
from mdmcore.pki.authority import certificate_pem
from mdmcore.report.schema import analysis_schema
from tests.support.certificates import UTF8_STRING, build_authority, forge_certificate
from tests.support.keys import spki
from tests.support.requirements import shared_file

CSRS = (
    ("wp81-lumia", "lumia630_csr.der"),
    ("csr", "win10_19043_csr.der"),
    ("csr", "poc_ngrok_win10_csr.der"),
    ("csr", "mdmtest_win11_csr.der"),
)


def csr(*parts: str) -> Path:
    return shared_file("captures", *parts)


@pytest.mark.parametrize("parts", CSRS, ids=[parts[1] for parts in CSRS])
def test_the_real_csrs_are_good(parts: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", str(csr(*parts))]) == 0
    out = capsys.readouterr().out
    assert "self-signature valid" in out
    assert "0 errors, 0 warnings, 0 info" in out


def test_nul_exclamation_mark_and_sha1_are_facts(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", str(csr("csr", "win10_19043_csr.der")), "--format", "json"]) == 0
    analysis = json.loads(capsys.readouterr().out)
    jsonschema.validate(analysis, analysis_schema())
    assert analysis["findings"] == analysis["exchanges"] == []
    (capture,) = analysis["captures"]
    assert capture["format"] == "artifact"
    facts = capture["decoded"]["facts"]
    assert "!" in facts["subject"]
    assert facts["subject"].endswith("\\00")
    assert facts["digest"] == "SHA-1"


def test_a_broken_self_signature_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(csr("wp81-lumia", "lumia630_csr.der").read_bytes())
    data[-1] ^= 1
    (tmp_path / "broken.der").write_bytes(data)
    assert run(["lint", str(tmp_path / "broken.der")]) == 1
    assert "csr-signature-invalid" in capsys.readouterr().out
    assert run(["lint", str(tmp_path / "broken.der"), "--fail-on", "never"]) == 0


def test_a_truncated_csr_is_exit_2_with_the_offset(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cut.der").write_bytes(csr("wp81-lumia", "lumia630_csr.der").read_bytes()[:300])
    good = csr("csr", "win10_19043_csr.der")
    assert run(["lint", str(tmp_path / "cut.der"), str(good)]) == 2
    captured = capsys.readouterr()
    (line,) = captured.err.splitlines()
    assert "offset 300" in line
    assert "win10_19043_csr.der" in captured.out  # the good one is reported all the same
    assert run(["lint", str(tmp_path / "cut.der"), "--format", "json"]) == 2
    (capture,) = json.loads(capsys.readouterr().out)["captures"]
    assert capture["errors"][0]["where"] == "offset 300"


def test_a_certificate_as_wp8_would_not_find_it_is_exit_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    der = forge_certificate(spki("device"), authority=build_authority(), subject_tag=UTF8_STRING)
    (tmp_path / "device.pem").write_bytes(certificate_pem(der))
    assert run(["lint", str(tmp_path / "device.pem")]) == 1
    assert "cert-subject-not-printable" in capsys.readouterr().out
    assert run(["lint", str(tmp_path / "device.pem"), "--profile", "win10"]) == 0


@pytest.mark.parametrize("content", [b"", b"some text", b"{}", b"\x30", bytes(100)])
def test_what_is_neither_is_exit_2(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x").write_bytes(content)
    assert run(["lint", str(tmp_path / "x")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
