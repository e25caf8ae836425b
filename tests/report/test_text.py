"""The text report: what a person reads, whatever was sent."""

from __future__ import annotations

import io
from pathlib import Path

from mdmcore.inspector import inspect_artifact
from mdmcore.report import write_artifacts_text, write_text
from tests.report.support import make_analysis, make_capture
from tests.support.certificates import UTF8_STRING, build_authority, forge_certificate
from tests.support.keys import spki


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
    for label in ("where:", "effect:", "fix:", "source:"):
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


def test_loose_files_show_facts_and_findings() -> None:
    der = forge_certificate(spki("device"), authority=build_authority(), subject_tag=UTF8_STRING)
    out = io.StringIO()
    write_artifacts_text(out, inspect_artifact(der, name="bad\x1b[2J.cer"))
    text = out.getvalue()
    assert "\x1b" not in text
    assert "UTF8String" in text
    assert "ERROR cert-subject-not-printable" in text


def test_an_output_that_cannot_hold_a_character_gets_an_escape(tmp_path: Path) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    write_artifacts_text(out, inspect_artifact(build_authority().certificate, name="schlüssel"))
    out.flush()
    assert b"schl\\xfcssel" in raw.getvalue()
