"""The captures that commands open: any format, and archives that a password locks."""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from mdmcore.capture.limits import USUAL_LIMITS
from mdmcore.cli import captures
from mdmcore.cli.main import run
from mdmcore.http import Exchange
from tests.capture.archives import har_bytes, saz_bytes, write_saz
from tests.capture.events.test_read import event
from tests.capture.viewer_text import FIRST, SAVE, SECOND
from tests.support.requirements import shared_file
from tests.support.story import HOST, Recorded, answer, device_cred, document, package1


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


def locked(folder: Path) -> Path:
    path = folder / "a.saz"
    out = io.BytesIO()
    write_saz(out, life(), total=len(life()), password="s3cret")
    path.write_bytes(out.getvalue())
    return path


@pytest.mark.parametrize("how", ["option", "variable", "asked"])
def test_a_locked_archive(
    how: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = locked(tmp_path)
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


COMMANDS = {
    "analyze": ("analyze", "IN", "--fail-on", "never"),
    "analyze-diff": ("analyze", "--diff", "IN", "IN"),
    "convert": ("convert", "IN", "OUT.har"),
    "convert-bundle": ("convert", "IN", "--bundle", "OUT.zip"),
    "explain": ("explain", "missing-212", "--in", "IN", "--fail-on", "never"),
    "schedule": ("schedule", "--in", "IN", "--fail-on", "never"),
    "replay-as-device": ("replay", "IN", "--as-device", "--to", "http://127.0.0.1:9", "-o", "-/-"),
    "replay-as-server": ("replay", "IN", "--as-server", "--life", "none"),
}
"""Each command that opens captures; the replays are such that they fail once a life was found."""
OPENED = {
    "replay-as-device": "-o -/-: cannot be written there",
    "replay-as-server": "has no life 'none', but life-1",
}


def words(command: str, path: Path) -> list[str]:
    places = {"IN": str(path)}
    return [
        places.get(word, word.replace("OUT", str(path.parent / "out")))
        for word in COMMANDS[command]
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_opens_with_the_same_options(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = words(command, locked(tmp_path))
    assert run(given) == 2
    assert "protected by a password (AES-256): --password" in capsys.readouterr().err
    assert run([*given, "--password", "s3cret", "--max-entries", "1"]) == 2
    assert "more than 1 files" in capsys.readouterr().err
    assert run([*given, "--password", "s3cret", "--max-entry", "x"]) == 2
    assert "--max-entry: 'x' is no size" in capsys.readouterr().err
    expected = 2 if command in OPENED else 0
    keys = ("--key-log", str(key_log(tmp_path)))
    assert run([*given, "--password", "s3cret", *keys]) == expected
    assert OPENED.get(command, "") in capsys.readouterr().err


def key_log(folder: Path) -> Path:
    path = folder / "keys.log"
    path.write_text("# no key yet\n", encoding="utf-8")
    return path


def test_the_password_is_in_no_representation() -> None:
    assert "s3cret" not in repr(captures.given_options(password="s3cret"))


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


def test_limits_are_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "save.gz"
    path.write_bytes(gzip.compress(SAVE.encode(), mtime=0))
    assert run(["analyze", str(path), "--max-entry", "1K"]) == 2
    assert "unpacks to more than 1024 bytes" in capsys.readouterr().err
    assert run(["analyze", str(path), "--max-entry", "1M", "--fail-on", "never"]) == 0


@pytest.mark.parametrize(
    ("text", "size"), [("1000", 1000), ("1K", 1024), ("1.5m", 1_572_864), ("2 GiB", 2**31)]
)
def test_sizes_have_units(text: str, size: int) -> None:
    assert captures.given_options(max_entry=text).limits.entry_bytes == size
    given = captures.given_options(max_total=text, max_entries=7, max_ratio=9)
    assert given.limits == replace(USUAL_LIMITS, total_bytes=size, entries=7, ratio=9)


@pytest.mark.parametrize("text", ["", "x", "-1", "0", "1Q", "1e9"])
def test_what_is_no_size_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "x", "--max-total", text]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "--max-total" in line


def test_a_log_of_the_device_explains_the_capture_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "mail.txt"
    log.write_text(f"it says:\nMDM Enroll: {HOST} refused (0x80180014)\n", encoding="utf-8")
    real = str(shared_file("captures", "win10-enrollment-log.md"))
    assert run(["analyze", real, str(log)]) == 1
    out = capsys.readouterr().out
    assert "device log" in out
    assert "passed over: 1 other line" in out
    assert "7 exchanges in 2 captures, 1 device" in out


def test_a_folder_of_messages_is_one_capture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "session").mkdir()
    (tmp_path / "session" / "1-request.xml").write_text(FIRST, encoding="utf-8")
    (tmp_path / "session" / "1-response.xml").write_text(SECOND, encoding="utf-8")
    run(["analyze", str(tmp_path), "--format", "json"])
    (capture,) = json.loads(capsys.readouterr().out)["captures"]
    assert (capture["format"], capture["exchanges"]) == ("folder", 1)


def test_what_a_device_tells_is_redacted_with_the_rest(tmp_path: Path) -> None:
    log = tmp_path / "events.xml"
    log.write_text(
        event(message="MDM Enroll: anna@acme.example https://mdm.acme.example/x (0x80180014)"),
        encoding="utf-8",
    )
    target = tmp_path / "out.har"
    assert run(["convert", str(log), str(target), "--redact"]) == 0
    written = target.read_text("utf-8")
    assert "0x80180014" in written
    for secret in ("PC-1", "anna", "acme"):
        assert secret not in written
