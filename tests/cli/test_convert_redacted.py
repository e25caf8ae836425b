"""``mdmproxy convert --redact`` and ``--bundle``: what is written, said, and refused."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from mdmcore.capture import open_capture
from mdmcore.capture.redact import LeakSearch, known
from mdmcore.capture.redact.kinds import ValueKind
from mdmcore.capture.redact.search import Leak
from mdmcore.capture.source import Record
from mdmcore.cli.main import run
from mdmcore.http import Exchange, Headers, Response
from mdmcore.mitm.flow_writer import FlowFileWriter
from tests.capture.redact import planted
from tests.capture.redact.judging import counted, found
from tests.capture.redact.looking import found_in

BINARY = bytes(range(256)) * 4


def write(path: Path, exchanges: list[Exchange]) -> Path:
    with path.open("wb") as out:
        writer = FlowFileWriter(out)
        for exchange in exchanges:
            writer.add(Record(exchange=exchange))
        writer.finish()
    return path


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("session") / "planted.mitm", planted.exchanges())


@pytest.fixture
def unknown(tmp_path: Path) -> Path:
    first = planted.exchanges()[0]
    headers = Headers([("Content-Type", "application/octet-stream")])
    odd = replace(first, response=Response(status=200, headers=headers, body=BINARY))
    return write(tmp_path / "unknown.mitm", [odd])


@pytest.mark.parametrize("name", ["out.mitm", "out.har", "out.saz"])
def test_each_format_is_written_redacted_and_says_so(
    name: str, session: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / name
    assert run(["convert", str(session), str(out), "--redact"]) == 0
    assert found_in(out.read_bytes(), planted.SECRETS) == []
    said = capsys.readouterr()
    assert said.out == ""
    assert "redacted: e-mail address: " in said.err
    assert found_in(said.err.encode(), planted.SECRETS) == []
    before, after = (list(open_capture(path).exchanges()) for path in (session, out))
    assert counted(found(after)) == counted(found(before))
    assert all("redacted" in one.notes.data for one in after)


def test_har_and_saz_carry_the_list(session: Path, tmp_path: Path) -> None:
    har, saz = tmp_path / "out.har", tmp_path / "out.saz"
    assert run(["convert", str(session), str(har), "--redact"]) == 0
    assert run(["convert", str(session), str(saz), "--redact"]) == 0
    comment = json.loads(har.read_bytes())["log"]["comment"]
    assert comment.startswith("Redacted by mdmproxy.\n")
    assert "IMEI: " in comment
    with zipfile.ZipFile(saz) as archive:
        assert b"Redacted by mdmproxy." in archive.comment
        assert b'N="addon.mdmproxy.redacted"' in archive.read("raw/000001_m.xml")


def test_a_key_keeps_the_names_from_capture_to_capture(session: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("0123456789abcdef0123456789abcdef\n")
    hosts = []
    for name in ("one.mitm", "two.mitm"):
        out = tmp_path / name
        assert run(["convert", str(session), str(out), "--redact", "--redact-key", str(key)]) == 0
        hosts.append(next(iter(open_capture(out).exchanges())).request.host)
    assert hosts[0] == hosts[1]
    other = tmp_path / "three.mitm"
    assert run(["convert", str(session), str(other), "--redact"]) == 0
    assert next(iter(open_capture(other).exchanges())).request.host != hosts[0]


@pytest.mark.parametrize("text", ["", "short"])
def test_a_short_key_is_refused(
    text: str, session: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key"
    key.write_text(text)
    out = tmp_path / "out.mitm"
    assert run(["convert", str(session), str(out), "--redact", "--redact-key", str(key)]) == 2
    assert "a redaction key has at least 16 bytes" in capsys.readouterr().err
    assert not out.exists()


def test_what_is_not_understood_is_left_out_and_named(
    unknown: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, listed = tmp_path / "out.mitm", tmp_path / "list.json"
    command = ["convert", str(unknown), str(out), "--redact", "--redact-list", str(listed)]
    assert run(command) == 1
    assert f"exchange 1 response body: {len(BINARY)} bytes left out" in capsys.readouterr().err
    (exchange,) = open_capture(out).exchanges()
    assert exchange.response is not None
    assert exchange.response.body is None
    assert f"[redacted {len(BINARY)} bytes, sha256:" in exchange.notes.comment
    left_out = json.loads(listed.read_bytes())["left_out"]
    assert left_out == [
        {
            "place": "exchange 1 response body",
            "bytes": len(BINARY),
            "reason": "it is not understood",
        }
    ]


def test_strict_writes_nothing_then(
    unknown: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.mitm"
    assert run(["convert", str(unknown), str(out), "--redact", "--strict"]) == 2
    assert "--strict: exchange 1 response body" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [unknown]


def test_a_value_that_still_stands_writes_nothing(
    session: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leak = Leak(kind=ValueKind.SECRET, coding="base64", place="out.mitm offset 12")
    monkeypatch.setattr(LeakSearch, "in_file", lambda *_: [leak])
    out = tmp_path / "out.mitm"
    assert run(["convert", str(session), str(out), "--redact"]) == 1
    assert "not written: a value (secret) still stands at" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("bound", ["MAX_VALUES", "MAX_CHARACTERS"])
@pytest.mark.parametrize("options", [["--redact"], ["--bundle"]], ids=["redact", "bundle"])
def test_more_values_than_are_kept_write_nothing(
    bound: str,
    options: list[str],
    session: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(known, bound, 10)
    out = str(tmp_path / "out")
    tail = ["--bundle", out] if options == ["--bundle"] else [f"{out}.mitm", *options]
    assert run(["convert", str(session), *tail]) == 2
    assert "error: more to replace than is kept in memory" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_has_the_capture_reports_and_the_list(session: Path, tmp_path: Path) -> None:
    out = tmp_path / "ticket.zip"
    assert run(["convert", str(session), "--bundle", str(out)]) == 0
    assert found_in(out.read_bytes(), planted.SECRETS) == []
    with zipfile.ZipFile(out) as archive:
        names = set(archive.namelist())
        assert {
            "capture.mitm",
            "analysis.json",
            "analysis.txt",
            "analysis.md",
            "replaced.json",
            "README.txt",
        } <= names
        capture = tmp_path / "capture.mitm"
        capture.write_bytes(archive.read("capture.mitm"))
        analysis = json.loads(archive.read("analysis.json"))
        assert b"tls-name-mismatch" in archive.read("analysis.md")
        assert b"e-mail address: " in archive.read("README.txt")
    wanted = counted(found(list(open_capture(session).exchanges())))
    assert counted(found(list(open_capture(capture).exchanges()))) == wanted
    assert {one["rule"] for one in analysis["findings"]} == {rule for rule, _, _ in wanted}
    assert str(session.parent) not in json.dumps(analysis)


def test_annotations_are_those_of_the_redacted_capture(session: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mitm"
    assert run(["convert", str(session), str(out), "--redact", "--annotate"]) == 0
    assert found_in(out.read_bytes(), planted.SECRETS) == []
    first = next(iter(open_capture(out).exchanges()))
    assert "[mdm]" in first.notes.comment
    assert {"findings", "redacted"} <= first.notes.data.keys()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["OUT", "--strict"], "--strict is for --redact and --bundle"),
        (["OUT", "--redact-key", "key"], "--redact-key is for --redact and --bundle"),
        (["--bundle", "OUT", "--annotate"], "leave out --to and --annotate"),
    ],
    ids=["strict", "key", "bundle"],
)
def test_options_that_do_not_fit_are_refused(
    options: list[str],
    said: str,
    session: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = str(tmp_path / "out.mitm")
    command = [out if one == "OUT" else one for one in options]
    assert run(["convert", str(session), *command]) == 2
    assert said in capsys.readouterr().err
