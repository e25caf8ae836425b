"""The text report: what a person reads, whatever was sent."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from mitmproxy.test import tflow

from mdmcore.capture import Capture, open_capture
from mdmcore.report import analyze, write_text
from mdmcore.report.plain import cells
from tests.capture.flow_files import flow_bytes
from tests.report.material import capture_of, dm_flow, exchange_flow
from tests.report.support import make_analysis, make_capture
from tests.support.requirements import shared_file


def report(folder: Path, *, width: int = 100, colour: bool = False, **capture: int) -> str:
    out = io.StringIO()
    analysis = make_analysis(make_capture(folder, **capture))  # type: ignore[arg-type]
    write_text(out, analysis, width=width, colour=colour)
    return out.getvalue()


def test_the_timeline_marks_what_is_wrong(tmp_path: Path) -> None:
    lines = report(tmp_path, good=1, bad=1).splitlines()
    assert lines[0] == "one (mitmproxy flows)"
    assert lines[1].split() == [
        *("1", "->", "hub", "download", "206", "Company", "Hub", "hub.xap", "GET", "->"),
        *("206", "0-4/9", "-"),
    ]
    assert lines[2].endswith("1 error")


def test_a_finding_has_place_effect_fix_and_source(tmp_path: Path) -> None:
    text = report(tmp_path, bad=5)
    assert "ERROR hub-206-no-content-range" in text
    assert "5 times" in text
    for label in ("where:", "needs:", "effect:", "fix:", "source:"):
        assert f"\n  {label}" in text
    assert "and 2 more" in text
    assert text.splitlines()[-1].endswith("1 error, 0 warnings, 0 info")


def test_a_capture_that_broke_is_not_passed_over(tmp_path: Path) -> None:
    text = report(tmp_path, good=1, broken=1)
    assert "broken:  offset 41: cut off" in text
    assert text.splitlines()[-1].endswith("; not everything could be read")


def test_lines_keep_the_width(tmp_path: Path) -> None:
    for width in (80, 140):
        assert max(len(line) for line in report(tmp_path, width=width, bad=2).splitlines()) <= width


def test_colour_only_when_asked(tmp_path: Path) -> None:
    assert "\x1b" not in report(tmp_path, bad=1)
    assert "\x1b[31;1m" in report(tmp_path, bad=1, colour=True)


def test_an_empty_capture_says_so(tmp_path: Path) -> None:
    assert "no exchange in it" in report(tmp_path)


@pytest.fixture
def win10() -> Capture:
    return open_capture(shared_file("captures", "win10-enrollment-log.md"), name="win10.md")


def report_of(*captures: Capture, width: int = 120) -> str:
    out = io.StringIO()
    write_text(out, analyze(captures), width=width)
    return out.getvalue()


def test_the_parts_stand_in_their_order(win10: Capture) -> None:
    text = report_of(win10)
    places = [
        text.index("win10.md (text log)\n   1  ->  probe"),
        text.index("\n   6  ->  management"),
        text.index("\nlife-1: complete, win10, 6 exchanges\n  device:  email demo@"),
        text.index("\nERROR xml-not-wellformed, life-1\n  the answer is not well-formed XML"),
        text.index("\nWARNING empty-response-body, life-1\n"),
        text.index("\n6 exchanges in 1 capture, 1 device: "),
    ]
    assert places == sorted(places)
    assert text.endswith(" errors, 5 warnings, 1 info\n")


def test_a_finding_says_where_what_it_does_what_to_do_and_who_says_so(win10: Capture) -> None:
    lines = report_of(win10).splitlines()
    start = lines.index("ERROR uncredentialed-package-not-challenged, life-1")
    block = lines[start : lines.index("", start)]
    where, needs, effect, fix, source = block[2:]
    assert where == (
        "  where:   exchange 5, response, xpath /SyncML/SyncBody/Status[1]/Data: "
        "Status 200 for SyncHdr"
    )
    assert needs == "  needs:   Status 407 with a Chal for a package 1 without Cred."
    assert effect.startswith("  effect:  The device never sends credentials")
    assert fix.startswith("  fix:     Answer 407 with a Chal")
    assert source.startswith("  source:  ")


def test_places_name_their_capture_where_there_are_several(tmp_path: Path) -> None:
    text = report_of(*(capture_of(tmp_path / name, dm_flow()) for name in ("one", "two")))
    assert "where:   one:1, response" in text
    assert "where:   two:1, response" in text
    assert "2 exchanges in 2 captures, 1 device" in text


def test_what_could_not_be_read_is_told_twice(tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(flow_bytes(tflow.ttcpflow(), exchange_flow()) + b"junk")
    text = report_of(open_capture(tmp_path / "c"))
    assert "  passed over: 1 tcp flows (not HTTP)\n" in text
    assert "  broken:  offset " in text
    assert text.endswith("; not everything could be read\n")


def test_another_devices_life_is_announced(tmp_path: Path) -> None:
    other = dm_flow(device=b"urn:uuid:2")
    text = report_of(capture_of(tmp_path / "c", dm_flow(), dm_flow(), other, dm_flow()))
    assert text.count("      life-2:\n   3  ->") == 1
    assert text.count("      life-1:\n   4  ->") == 1


@pytest.mark.parametrize("width", [60, 80, 120])
def test_nothing_sent_breaks_the_width_or_reaches_the_terminal(
    tmp_path: Path, width: int, win10: Capture
) -> None:
    hostile = dm_flow(device="한국\u202e".encode() * 40)
    capture = capture_of(
        tmp_path / "c", hostile, exchange_flow("/\x1b]0;x\x07" + "y" * 300), tail=b"\x1b[2J"
    )
    for line in report_of(capture, win10, width=width).splitlines():
        assert line.isprintable()
        assert cells(line) <= width
