"""``mdmproxy convert``: the same capture in another format, and what it says of it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowReader
from mitmproxy.test import tflow
from mitmproxy.test.tflow import ttcpflow

from mdmcore.capture import open_capture
from mdmcore.capture.flows import exchange_from_flow
from mdmcore.cli.main import run
from mdmcore.connection import Connection
from mdmcore.http import (
    Exchange,
    Headers,
    Notes,
    Request,
    Response,
    TlsFacts,
    connection_exchange,
)
from mdmcore.inspector import Inspector
from mdmcore.mitm.flow_file import flow_from
from mdmcore.mitm.mark_flow import end_flow, mark_flow
from mdmcore.report import analyze
from mdmcore.rules import Finding
from mdmcore.xml import parse_strict
from tests.capture.archives import broken_off, exchange, har_bytes, saz_bytes
from tests.capture.flow_files import flow_bytes, http_flow
from tests.matrix.play import Stage, play
from tests.support.requirements import shared_file
from tests.support.tls_server import lasting_certificate

ENDED = datetime(2026, 3, 1, 13, 0, tzinfo=UTC)
SUFFIXES = ("mitm", "har", "saz")
FAULTS = (
    "policy-oid-dangling",
    "wap-thumbprint-mismatch",
    "digest-missing-colon",
    "hub-206-no-content-range",
)
"""Mistakes in different steps: in documents, digests and headers."""


def converted(*arguments: str | Path) -> int:
    return run(["convert", *map(str, arguments)])


def judged(path: Path) -> tuple[list[Exchange], tuple[Finding, ...]]:
    """Its exchanges without notes, and what is found in it, under one name for all captures."""
    capture = open_capture(path, name="c")
    analysis = analyze([capture], inspector=Inspector())
    rows = [replace(row.exchange, notes=Notes()) for row in analysis.rows()]
    assert capture.errors == ()
    return rows, analysis.findings


def flows_in(path: Path) -> list[Any]:
    """What mitmproxy itself reads."""
    with path.open("rb") as file:
        return list(FlowReader(file).stream())


def chained(source: Path, folder: Path, *suffixes: str, options: Iterable[str] = ()) -> list[Path]:
    """The source, and what it is converted to step by step."""
    paths = [source]
    for number, suffix in enumerate(suffixes):
        target = folder / f"step-{number}.{suffix}"
        assert converted(paths[-1], target, *options) == 0
        paths.append(target)
    return paths


# --- the same findings -----------------------------------------------------------------------


DISCOVERY = "https://enterpriseenrollment.example.test/EnrollmentServer/Discovery.svc"


def everything() -> bytes:
    """Flows with what only a live proxy sees: certificates, a connection without a request, a
    mark, an answer that was broken off behind its beginning, and an end."""
    asked = Request(method="GET", url=DISCOVERY, headers=Headers([("User-Agent", "WindowsPhone")]))
    tls = TlsFacts(
        version="TLSv1.2",
        sni="enterpriseenrollment.example.test",
        server_certificates=(lasting_certificate(),),
    )
    cut = exchange(
        request=asked,
        response=Response(status=200, headers=Headers([("Content-Length", "9")]), body=None),
        tls=tls,
        error="the device left: peer closed connection",
        is_begun=True,
    )
    record = replace(broken_off().connection or Connection(host=""), sni=tls.sni or "")
    refused = connection_exchange(record, id="c:1", index=1, capture="c")
    flows = [flow_from(one) for one in (exchange(), refused, cut)]
    return flow_bytes(*flows, mark_flow("here it happens", ENDED), end_flow(ENDED))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_all_that_a_proxy_saw_comes_back(suffix: str, tmp_path: Path) -> None:
    source = tmp_path / "session.mitm"
    source.write_bytes(everything())
    exchanges, findings = judged(source)
    assert len(exchanges) == 4
    assert {one.rule for one in findings} >= {
        "tls-root-not-on-device",
        "tls-name-mismatch",
    }
    *_, there, back = chained(source, tmp_path, suffix, "mitm")
    for path in (there, back):
        assert judged(path) == (exchanges, findings)
        capture = open_capture(path)
        list(capture.exchanges())
        assert capture.until == ENDED


@pytest.mark.parametrize("fault", FAULTS)
def test_a_life_with_a_mistake_is_judged_alike_in_each_format(fault: str, tmp_path: Path) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    source = tmp_path / "life.mitm"
    played = play(folder, "wp8", fault)
    source.write_bytes(flow_bytes(*(flow_from(one) for one in played.exchanges)))
    first = judged(source)
    assert fault in {one.rule for one in first[1]}
    for path in chained(source, tmp_path, "har", "saz", "mitm"):
        assert judged(path) == first


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_log_is_judged_alike(suffix: str, tmp_path: Path) -> None:
    source = shared_file("captures", "win10-enrollment-log.md")
    first = judged(source)
    assert first[1]
    (_, path) = chained(source, tmp_path, suffix, options=["--annotate"])
    assert judged(path) == first


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_messages_of_a_real_phone_are_judged_alike(suffix: str, tmp_path: Path) -> None:
    bodies = [
        (name, shared_file("captures", "wp81-lumia", name).read_bytes())
        for name in ("lumia630_wstep_rst.xml", "lumia630_syncml_pkg1.xml")
    ]
    exchanges = [
        exchange(
            request=Request(
                method="POST",
                url=f"https://mdm.example.test/{name}",
                headers=Headers([("Content-Type", "application/vnd.syncml.dm+xml")]),
                body=body,
            )
        )
        for name, body in bodies
    ]
    source = tmp_path / "real.har"
    source.write_bytes(har_bytes(exchanges))
    (_, path) = chained(source, tmp_path, suffix)
    assert judged(path) == judged(source)


# --- flows stay what they were ---------------------------------------------------------------


def test_flows_stay_byte_for_byte(tmp_path: Path) -> None:
    source = tmp_path / "session.mitm"
    talk = tflow.twebsocketflow()
    source.write_bytes(flow_bytes(http_flow("/a"), talk, ttcpflow(), tflow.tdnsflow()))
    (_, path) = chained(source, tmp_path, "flows")
    assert path.read_bytes() == source.read_bytes()


def test_annotating_changes_notes_alone(tmp_path: Path) -> None:
    source = tmp_path / "session.mitm"
    flow = tflow.twebsocketflow()
    flow.comment = "look at this"
    flow.metadata["theirs"] = 1
    source.write_bytes(flow_bytes(flow, ttcpflow()))
    (_, path) = chained(source, tmp_path, "flow", options=["--annotate"])
    first, second = flows_in(path)
    assert first.comment.startswith("look at this [mdm] ")
    assert first.metadata["theirs"] == 1
    state, before = first.get_state(), flow.get_state()
    for changed in ("comment", "marked", "metadata"):
        del state[changed], before[changed]
    assert state == before
    assert second.type == "tcp"


def test_what_is_not_kept_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "session.mitm", tmp_path / "out.har"
    source.write_bytes(flow_bytes(http_flow(), tflow.twebsocketflow(), ttcpflow()))
    assert converted(source, out) == 0
    assert capsys.readouterr().err.splitlines() == [
        f"mdmproxy: not kept in {out}: 1 tcp, 3 websocket message",
        f"mdmproxy: wrote {out}: 2 exchanges (har)",
    ]


# --- annotations -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A life in which the server makes a mistake, with a person's words on its first flow."""
    folder = tmp_path_factory.mktemp("spoilt")
    (folder / "server").mkdir()
    played = play(folder / "server", "wp8", "digest-missing-colon", life=_two_sessions)
    flows = [flow_from(one) for one in played.exchanges]
    flows[0].comment = "pressed *add account*"
    flows[0].marked = ":bug:"
    source = folder / "spoilt.mitm"
    source.write_bytes(flow_bytes(*flows))
    return source


def _two_sessions(stage: Stage) -> None:
    stage.enroll()
    stage.sessions(2)


def notes_in(path: Path) -> list[Notes]:
    return [one.notes for one in open_capture(path).exchanges()]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_all_findings_land_on_their_exchanges(suffix: str, spoilt: Path, tmp_path: Path) -> None:
    source = spoilt
    (_, path) = chained(source, tmp_path, suffix, options=["--annotate"])
    _, findings = judged(source)
    wanted = {(place.exchange, one.rule) for one in findings for place in one.places}
    found = {
        (f"c:{number}", entry["rule"])
        for number, notes in enumerate(notes_in(path), 1)
        for entry in notes.data["findings"]
    }
    assert wanted
    assert found == wanted
    first = notes_in(path)[0]
    assert first.comment.startswith("pressed *add account* [mdm] ")
    assert first.marker == ":bug:"
    assert ":red_circle:" in {notes.marker for notes in notes_in(path)}


def test_annotating_again_replaces(spoilt: Path, tmp_path: Path) -> None:
    steps = chained(spoilt, tmp_path, "har", "saz", "mitm", options=["--annotate"])
    first, *others = [notes_in(path) for path in steps[1:]]
    assert all(notes.comment.count("[mdm]") == 1 for notes in first)
    assert others == [first] * 2


def test_what_is_known_at_the_end_of_a_life_is_written_to_its_enrolment(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    played = play(tmp_path / "server", "wp8", life=lambda stage: stage.enroll())
    source = tmp_path / "silent.mitm"
    late = datetime(2040, 1, 1, tzinfo=UTC)
    source.write_bytes(flow_bytes(*(flow_from(one) for one in played.exchanges), end_flow(late)))
    _, findings = judged(source)
    assert findings
    (_, path) = chained(source, tmp_path, "saz", options=["--annotate"])
    rules = {entry["rule"] for notes in notes_in(path) for entry in notes.data["findings"]}
    assert rules == {one.rule for one in findings}


def test_rules_can_be_silenced(spoilt: Path, tmp_path: Path) -> None:
    options = ["--annotate", "--disable", "digest-missing-colon", "--profile", "wp8"]
    (_, path) = chained(spoilt, tmp_path, "har", options=options)
    rules = {entry["rule"] for notes in notes_in(path) for entry in notes.data["findings"]}
    assert "digest-missing-colon" not in rules


def test_fiddler_and_mitmproxy_show_what_was_found(spoilt: Path, tmp_path: Path) -> None:
    source = spoilt
    chained(source, tmp_path, "saz", "mitm", options=["--annotate"])
    shown = [flow for flow in flows_in(tmp_path / "step-1.mitm") if flow.marked == ":red_circle:"]
    assert shown
    assert all(isinstance(flow, HTTPFlow) and "[mdm]" in flow.comment for flow in shown)
    with zipfile.ZipFile(tmp_path / "step-0.saz") as archive:
        roots = [
            parse_strict(archive.read(name))
            for name in archive.namelist()
            if name.endswith("_m.xml")
        ]
    flags = [
        {each.get("N"): each.get("V") for each in root.iterfind(".//SessionFlag")} for root in roots
    ]
    red = [one for one in flags if one.get("ui-color") == "red"]
    assert len(red) == len(shown)
    assert all("[mdm]" in (one["ui-comments"] or "") and one["ui-bold"] for one in red)


# --- files -----------------------------------------------------------------------------------


def test_captures_are_put_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.har").write_bytes(har_bytes([exchange()]))
    (tmp_path / "b.saz").write_bytes(saz_bytes([broken_off()]))
    (tmp_path / "c.mitm").write_bytes(flow_bytes(http_flow("/c")))
    out = tmp_path / "all.mitm"
    assert converted(tmp_path / "a.har", tmp_path / "b.saz", tmp_path / "c.mitm", out) == 0
    assert f"wrote {out}: 3 exchanges (flows)" in capsys.readouterr().err
    read = [exchange_from_flow(flow, id="", index=0, capture="") for flow in flows_in(out)]
    assert [one.request.path for one in read] == ["/omadm", "/", "/c"]


def test_a_name_that_tells_no_format_needs_to(tmp_path: Path, capsys: Any) -> None:
    source = tmp_path / "a.har"
    source.write_bytes(har_bytes([exchange()]))
    assert converted(source, tmp_path / "out.zip") == 2
    assert "--to" in capsys.readouterr().err
    assert converted(source, tmp_path / "out.zip", "--to", "saz") == 0
    assert open_capture(tmp_path / "out.zip").format == "saz"


def test_a_file_that_is_there_stays(tmp_path: Path, capsys: Any) -> None:
    source, out = tmp_path / "a.har", tmp_path / "out.saz"
    source.write_bytes(har_bytes([exchange()]))
    out.write_bytes(b"mine")
    assert converted(source, out) == 2
    assert "--force" in capsys.readouterr().err
    assert out.read_bytes() == b"mine"
    assert converted(source, out, "--force") == 0
    assert open_capture(out).format == "saz"


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("a.har", "this is what is read"),
        ("link.har", "this is what is read"),
        ("folder.har", "this is not a file"),
        ("none/out.har", "cannot be written: no such file or directory"),
        ("-", "a capture is written to a file"),
    ],
)
def test_where_nothing_can_be_written(out: str, said: str, tmp_path: Path, capsys: Any) -> None:
    source = tmp_path / "a.har"
    data = har_bytes([exchange()])
    source.write_bytes(data)
    (tmp_path / "link.har").symlink_to(source)
    (tmp_path / "folder.har").mkdir()
    target = out if out == "-" else str(tmp_path / out)
    assert converted(source, target, "--to", "har", "--force") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert source.read_bytes() == data
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.har", "folder.har", "link.har"]


def test_what_can_be_read_of_a_damaged_capture_is_written(tmp_path: Path, capsys: Any) -> None:
    source, out = tmp_path / "a.mitm", tmp_path / "out.har"
    source.write_bytes(flow_bytes(http_flow("/a"), http_flow("/b"))[:-20])
    assert converted(source, out) == 2
    error, wrote = capsys.readouterr().err.splitlines()
    assert error.startswith(f"mdmproxy: error: {source}: ")
    assert wrote == f"mdmproxy: wrote {out}: 1 exchange (har)"
    assert [one.request.path for one in open_capture(out).exchanges()] == ["/a"]


def test_of_nothing_nothing_is_written(tmp_path: Path, capsys: Any) -> None:
    source, out = tmp_path / "a.saz", tmp_path / "out.har"
    source.write_bytes(saz_bytes([exchange()], password="right"))
    assert converted(source, out, "--password", "wrong") == 2
    assert "the password does not open this archive" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["a.saz"]
    assert converted(source, out, "--password", "right") == 0


def test_one_that_is_no_capture_does_not_stop_the_others(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "a.har").write_bytes(har_bytes([exchange()]))
    (tmp_path / "b.txt").write_text("nothing")
    assert converted(tmp_path / "b.txt", tmp_path / "a.har", tmp_path / "o.mitm") == 2
    assert "this is no capture" in capsys.readouterr().err
    assert len(flows_in(tmp_path / "o.mitm")) == 1


def test_a_disk_that_is_full_is_one_line(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    from mdmcore.capture import writing

    class Full(io.FileIO):
        def write(self, data: Any, /) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    def opened(path: Path) -> Any:
        part = path.with_name("part")
        return part, Full(part, "wb")

    monkeypatch.setattr(writing, "_opened", opened)
    source = tmp_path / "a.har"
    source.write_bytes(har_bytes([exchange()]))
    for suffix in SUFFIXES:
        assert converted(source, tmp_path / f"out.{suffix}") == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.endswith("cannot be written: no space left on device")
    assert [each.name for each in tmp_path.iterdir()] == ["a.har"]


def test_options_of_judging_need_annotate(tmp_path: Path, capsys: Any) -> None:
    source = tmp_path / "a.har"
    source.write_bytes(har_bytes([exchange()]))
    assert converted(source, tmp_path / "o.saz", "--profile", "wp8") == 2
    assert "--profile is for --annotate" in capsys.readouterr().err
    assert converted(source) == 2
    assert "name what to convert" in capsys.readouterr().err
