"""``mdmproxy criteria``: both texts, the comparison, and what a phone cannot find."""

from __future__ import annotations

import base64
import io
import json
import sys
from pathlib import Path

import pytest

from mdmcore.cli.main import run
from mdmcore.pki.authority import certificate_pem
from tests.support.asn_dump import certutil_asn
from tests.support.certificates import (
    PRINTABLE_STRING,
    UTF8_STRING,
    build_authority,
    forge_certificate,
)
from tests.support.keys import key_path, spki

GUID = "B1C43CD0-1624-5FBB-8E54-34CF17DFD3A1"


def write(
    folder: Path, value: bytes = GUID.encode(), tag: int = PRINTABLE_STRING, *, pem: bool = False
) -> str:
    der = forge_certificate(
        spki("device"), authority=build_authority(), subject_value=value, subject_tag=tag
    )
    path = folder / "device.cer"
    path.write_bytes(certificate_pem(der) if pem else der)
    return str(path)


@pytest.mark.parametrize("pem", [False, True])
def test_both_criteria_are_printed(
    pem: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["criteria", write(tmp_path, pem=pem)]) == 0
    words = capsys.readouterr().out.split()
    assert f"Subject=CN%3D{GUID}&Stores=My%5CUser" in words
    assert f"Subject=CN%3D{GUID}&amp;Stores=My%5CUser" in words
    assert f"CN%3D{GUID}" in words


def test_json_holds_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path)
    assert run(["criteria", path, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["certificates"] == [
        {
            "file": path,
            "subject": f"CN={GUID}",
            "ssl_client_criteria": f"Subject=CN%3D{GUID}&Stores=My%5CUser",
            "ssl_client_criteria_xml": f"Subject=CN%3D{GUID}&amp;Stores=My%5CUser",
            "certificate_search_criteria": f"CN%3D{GUID}",
            "problems": [],
            "matches": None,
        }
    ]


@pytest.mark.parametrize(
    "given",
    [
        f"CN={GUID}",
        f"CN%3D{GUID}",
        "CN=" + GUID.replace("-", "%2D"),
        f"Subject=CN%3D{GUID}&Stores=My%5CUser",
        f"Subject=CN%3D{GUID}&amp;Stores=My%5CUser",
        "Subject=CN%3D" + GUID.replace("-", "%2d") + "&Stores=MY%5Cuser",
    ],
)
def test_forms_of_the_same_criteria_are_equal(given: str, tmp_path: Path) -> None:
    assert run(["criteria", write(tmp_path), "--check", given]) == 0


@pytest.mark.parametrize(
    "given",
    [
        "",
        "CN=other",
        f"CN={GUID.lower()}",
        f"CN%253D{GUID}",
        f"Subject=CN%3D{GUID}",
        f"Subject=CN%3D{GUID}&Stores=My%5CSystem",
    ],
)
def test_another_criteria_is_exit_1(
    given: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["criteria", write(tmp_path), "--check", given]) == 1
    assert "DOES NOT name this subject" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "tag", "said"),
    [
        (b"DEVICE", UTF8_STRING, "CN is UTF8String"),
        (GUID.encode() + b"\0", PRINTABLE_STRING, "CN holds a NUL"),
    ],
)
def test_a_subject_no_phone_finds_is_exit_1(
    value: bytes, tag: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["criteria", write(tmp_path, value, tag)]) == 1
    assert said in capsys.readouterr().out


def test_what_is_no_certificate_is_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cut").write_bytes(Path(write(tmp_path)).read_bytes()[:50])
    for path in (tmp_path / "cut", tmp_path / "missing", key_path("device")):
        assert run(["criteria", str(path)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert str(path) in line


@pytest.mark.parametrize("given", ["", "CN=" + GUID.replace("-", "%2D"), f"CN%3D{GUID}"])
@pytest.mark.parametrize(
    "wrap",
    [
        base64.b64encode,
        base64.encodebytes,
        lambda der: certutil_asn(der).encode(),
        lambda der: certutil_asn(der, offsets=False).encode("utf-16"),
    ],
)
def test_base64_and_certutil_dumps_are_read(
    given: str, wrap, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(write(tmp_path))
    path.write_bytes(wrap(path.read_bytes()))
    assert run(["criteria", str(path), *(["--check", given] if given else [])]) == 0
    assert f"CN%3D{GUID}" in capsys.readouterr().out.split()


def test_an_incomplete_dump_has_the_name_it_shows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(write(tmp_path, GUID.encode() + b"\0"))
    lines = certutil_asn(path.read_bytes()).splitlines()
    at = max(n for n, line in enumerate(lines) if "PRINTABLE_STRING" in line)
    path.write_text("\n".join(lines[at - 1 : at + 5]), "utf-8")
    assert run(["criteria", str(path)]) == 1
    assert "CN holds a NUL" in capsys.readouterr().out


def test_stdin_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = Path(write(tmp_path)).read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert run(["criteria", "-"]) == 0
    assert capsys.readouterr().out.startswith(f"stdin: CN={GUID}\n")


def test_a_csr_is_told_from_a_certificate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.support.story import phone_csr

    (tmp_path / "x").write_bytes(phone_csr())
    assert run(["criteria", str(tmp_path / "x")]) == 2
    assert "this is a CSR" in capsys.readouterr().err


def test_a_file_that_is_too_large_is_not_read_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x").write_bytes(bytes(2 * 1024 * 1024))
    assert run(["criteria", str(tmp_path / "x")]) == 2
    assert "larger than 1048576 bytes" in capsys.readouterr().err
