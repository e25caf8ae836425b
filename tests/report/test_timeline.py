"""One line for each exchange, in columns."""

from __future__ import annotations

from pathlib import Path

import pytest
from mitmproxy.http import HTTPFlow

from mdmcore.report import analyze, timeline_line
from mdmcore.report.plain import cells
from mdmcore.report.timeline import NO_FINDINGS, STEPS, counted, worst
from mdmcore.rules import Finding, Severity
from mdmcore.rules.decoded import Kind
from tests.report.material import capture_of, dm_flow, exchange_flow


def lines(tmp_path: Path, *flows: HTTPFlow, width: int = 120) -> list[str]:
    rows = analyze([capture_of(tmp_path / "c", *flows)]).rows()
    return [timeline_line(row, width=width) for row in rows]


def finding(severity: Severity) -> Finding:
    return Finding(
        rule="x", severity=severity, message="", effect="", fix="", sources=(), life=None, count=1
    )


def test_a_line_says_number_arrow_step_status_what_and_findings(tmp_path):
    capture = capture_of(tmp_path / "c", dm_flow(), exchange_flow("/a", answer=None))
    answered, unanswered = analyze([capture]).rows()
    line = timeline_line(answered)
    assert line.startswith(f"   1  ->  management    200  {answered.inspection.summary}  ")
    assert line.endswith(f"  {counted(answered.inspection.findings)}")
    assert "warning" in line
    line = timeline_line(unanswered)
    assert line.startswith(f"   2  -x  other           -  {unanswered.inspection.summary}  ")
    assert line.endswith(f"  {NO_FINDINGS}")


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_columns_are_aligned_and_the_width_is_kept(tmp_path, width):
    found = lines(
        tmp_path,
        dm_flow(),
        exchange_flow("/" + "long" * 100),
        exchange_flow(host="x" * 200),
        exchange_flow("/\x1b[2J", status=404),
        width=width,
    )
    assert all(cells(line) <= width and line.isprintable() for line in found)
    column = found[1].rindex(NO_FINDINGS)
    assert {line[column - 1] for line in found} == {" "}
    assert all(line[column] != " " for line in found)


def test_each_kind_has_a_name_for_people():
    assert set(STEPS) == set(Kind)


@pytest.mark.parametrize(
    ("severities", "text"),
    [
        ("", NO_FINDINGS),
        ("e", "1 error"),
        ("eew", "2 errors, 1 warning"),
        ("wwi", "2 warnings"),
        ("ii", "2 info"),
    ],
)
def test_findings_are_counted_in_words(severities, text):
    names = {"e": Severity.ERROR, "w": Severity.WARNING, "i": Severity.INFO}
    assert counted([finding(names[each]) for each in severities]) == text


def test_the_worst_severity_wins():
    assert worst([finding(Severity.INFO), finding(Severity.WARNING)]) is Severity.WARNING
    assert worst([]) is None
