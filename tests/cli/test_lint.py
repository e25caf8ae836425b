"""``mdmproxy lint`` on files of all kinds: exit codes, streams, options."""

from __future__ import annotations

import base64
import io
import json
import sys
from pathlib import Path

import jsonschema
import pytest

from mdmcore.cli.main import run
from mdmcore.pki.authority import certificate_pem
from mdmcore.report.schema import analysis_schema
from tests.support.artifacts import aetx, rstrc
from tests.support.certificates import UTF8_STRING, build_authority, forge_certificate
from tests.support.keys import spki
from tests.support.requirements import shared_file
from tests.support.story import SERVER_SECRET, document
from tests.syncml.wbxml.vectors import W2, W5

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
    silent = ["--disable", "cert-subject-not-printable"]
    assert run(["lint", str(tmp_path / "device.pem"), *silent]) == 0


@pytest.mark.parametrize("content", [b"", b"some text", b"{}", b"\x30", bytes(100)])
def test_what_is_neither_is_exit_2(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x").write_bytes(content)
    assert run(["lint", str(tmp_path / "x")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def given(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Put bytes on stdin."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def written(folder: Path, name: str, data: bytes) -> str:
    (folder / name).write_bytes(data)
    return str(folder / name)


def test_stdin_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    given(monkeypatch, base64.encodebytes(document()))
    assert run(["lint", "-"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("stdin\n  provisioning document for CN=")
    assert "layers:   base64 > XML > base64 > DER certificate\n" in out


def test_stdin_is_read_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "-", "-"]) == 2
    assert "only once" in capsys.readouterr().err


def test_several_files_are_all_judged_in_their_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [
        written(tmp_path, "bad.xml", document().replace(b"&amp;Stores", b"&Stores")),
        str(tmp_path / "missing"),
        str(tmp_path),
        written(tmp_path, "good.xml", rstrc()),
        written(
            tmp_path,
            "x.pfx",
            b"\x30\x82\x01\x00\x02\x01\x03\x30\x50\x06\x09" + bytes.fromhex("2a864886f70d010701"),
        ),
    ]
    assert run(["lint", *files]) == 2
    captured = capsys.readouterr()
    places = [captured.out.index(f"{file}\n") for file in files]
    assert places == sorted(places)
    assert "ERROR wap-not-wellformed" in captured.out
    assert captured.out.splitlines()[-1].startswith("5 objects: ")
    assert captured.out.splitlines()[-1].endswith("; not everything could be read")
    errors = captured.err.splitlines()
    assert [line.split(": ")[2] for line in errors] == files[1:3] + files[4:]
    assert errors[0].endswith("missing: no such file or directory")
    assert "PKCS#12" in errors[2]
    assert "openssl pkcs12" in errors[2]


def test_never_does_not_hide_what_cannot_be_read(tmp_path: Path) -> None:
    assert run(["lint", "--fail-on", "never", str(tmp_path / "missing")]) == 2


def test_one_run_makes_one_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = written(tmp_path, "a", rstrc()), written(tmp_path, "b", b"nothing of ours")
    target = tmp_path / "report.json"
    assert run(["lint", good, bad, "--format", "json", "-o", str(target)]) == 2
    assert capsys.readouterr().out == ""
    analysis = json.loads(target.read_text("utf-8"))
    jsonschema.validate(analysis, analysis_schema())
    first, second = analysis["captures"]
    assert (first["path"], first["exchanges"], first["errors"]) == (good, 0, [])
    assert first["decoded"]["kind"] == "rstrc"
    assert first["decoded"]["parts"][0]["layers"] == ["XML", "base64", "XML"]
    assert first["decoded"]["content"]["response"]["provisioning"]["version"] == "1.1"
    assert second["errors"][0]["message"].startswith("this is nothing of the enrolment")
    assert analysis["exchanges"] == analysis["lives"] == []


def test_show_lays_out_and_masks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, "a", rstrc())
    assert run(["lint", file]) == 0
    assert "<wap-provisioningdoc" not in capsys.readouterr().out
    assert run(["lint", file, "--show"]) == 0
    shown = capsys.readouterr().out
    assert "<wap-provisioningdoc" in shown
    assert SERVER_SECRET not in shown
    assert run(["lint", file, "--show", "--show-secrets"]) == 0
    assert SERVER_SECRET in capsys.readouterr().out


def test_show_in_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, "a", document())
    run(["lint", file, "--format", "json"])
    assert "shown" not in json.loads(capsys.readouterr().out)["captures"][0]["decoded"]
    run(["lint", file, "--show", "--format", "json"])
    shown = json.loads(capsys.readouterr().out)["captures"][0]["decoded"]["shown"]
    assert shown.startswith("<wap-provisioningdoc")


def test_a_text_report_goes_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "report.txt"
    assert run(["lint", written(tmp_path, "a", document()), "-o", str(target)]) == 0
    assert capsys.readouterr().out == ""
    assert target.read_text("utf-8").endswith("1 object: 0 errors, 0 warnings, 0 info\n")


def test_a_document_is_compared_with_an_aetx(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, "a", document())
    for data in (aetx(), b"\xef\xbb\xbf" + aetx()):
        run(["lint", file, "--aetx", written(tmp_path, "hub.aetx", data)])
        assert "same Enterprise ID, another EnrollmentToken" in capsys.readouterr().out


@pytest.mark.parametrize("data", [b"", b"<AET/>", b"junk"])
def test_an_aetx_that_is_none_is_exit_2(
    data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, "a", document())
    assert run(["lint", file, "--aetx", written(tmp_path, "hub.aetx", data)]) == 2
    assert run(["lint", file, "--aetx", str(tmp_path / "missing")]) == 2
    for line in capsys.readouterr().err.splitlines():
        assert line.startswith("mdmproxy: error: --aetx ")


def test_a_file_that_is_too_large_is_not_read_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(17 * 1024 * 1024)
    assert run(["lint", str(path)]) == 2
    assert "larger than 16777216 bytes" in capsys.readouterr().err


def test_wbxml_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", written(tmp_path, "a", W2), "--show"]) == 0
    shown = capsys.readouterr().out
    assert "layers:   WBXML" in shown
    assert "<MsgID>1</MsgID>" in shown


def test_wbxml_that_breaks_off_is_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lint", written(tmp_path, "a", W5)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "unreadable WBXML" in line


def test_dates_are_judged_today(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.support.artifacts import jwt

    for moment, state in ((1_000_000_000, "expired"), (9_000_000_000, "not expired")):
        run(["lint", written(tmp_path, "a", jwt(exp=moment))])
        assert f"state:     {state}\n" in capsys.readouterr().out


def test_the_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--help"]) == 0
    out = capsys.readouterr().out
    assert "Example: mdmproxy lint answer.xml" in out
    for option in ("--aetx", "--show", "--show-secrets", "--profile", "--fail-on", "--format"):
        assert option in out
