"""The captures that commands open: any format, and archives that a password locks."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from mdmcore.capture.saz.writer import write_saz
from mdmcore.cli import captures
from mdmcore.cli.main import run
from mdmcore.http import Exchange
from tests.capture.archives import har_bytes, saz_bytes
from tests.support.story import Recorded, answer, device_cred, document, package1


@pytest.fixture(autouse=True)
def no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(captures.PASSWORD_VARIABLE, raising=False)


def life() -> list[Exchange]:
    """A device that enrols and speaks once, to a server that does not say 212."""
    kept: list[Exchange] = []
    story = Recorded("wp8", kept.append)
    story.enrolled(document())
    story.sync(package1(cred=device_cred()), answer("2", "200"))
    return kept


def findings(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> set[str]:
    run(["analyze", str(path), "--format", "json", "--fail-on", "never", *more])
    analysis = json.loads(capsys.readouterr().out)
    assert analysis["captures"][0]["errors"] == []
    return {finding["rule"] for finding in analysis["findings"]}


def test_each_format_gives_the_same_findings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    har, saz = tmp_path / "a.har", tmp_path / "a.saz"
    har.write_bytes(har_bytes(life()))
    saz.write_bytes(saz_bytes(life()))
    found = findings(har, capsys)
    assert "missing-212" in found
    assert findings(saz, capsys) == found


@pytest.mark.parametrize("how", ["option", "variable", "asked"])
def test_a_locked_archive(
    how: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "a.saz"
    out = io.BytesIO()
    write_saz(out, life(), total=len(life()), password="s3cret")
    path.write_bytes(out.getvalue())
    assert run(["analyze", str(path)]) == 2
    assert "protected by a password (AES-256): --password" in capsys.readouterr().err
    more: tuple[str, ...] = ()
    if how == "variable":
        monkeypatch.setenv(captures.PASSWORD_VARIABLE, "s3cret")
    elif how == "option":
        more = ("--password", "s3cret")
    else:
        monkeypatch.setattr(captures, "getpass", lambda words: "s3cret")
        more = ("--password", "-")
    assert "missing-212" in findings(path, capsys, *more)


def test_a_damaged_entry_is_named_and_the_exit_code_is_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.har"
    data = json.loads(har_bytes(life()))
    data["log"]["entries"].insert(1, {"request": 7})
    path.write_text(json.dumps(data), "utf-8")
    assert run(["analyze", str(path), "--fail-on", "never"]) == 2
    said = capsys.readouterr()
    assert "log.entries[1].request is no object (log.entries[1])" in said.err
    assert "missing-212" in said.out
