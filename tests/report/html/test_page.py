"""What stands before the exchanges."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from mdmcore.capture import Capture
from mdmcore.report.analysis import Analysis
from mdmcore.report.html.exchange_view import record_of
from mdmcore.report.html.messages import MessageNames
from mdmcore.report.html.page import Page, Survey
from mdmcore.report.html.record import Spool
from mdmcore.report.schedule import Sightings
from tests.report.html.material import (
    EMAIL,
    analysis_of,
    capture_of,
    page_of,
    right_life,
    wrong_life,
)


def surveyed(*captures: Capture) -> tuple[Page, Survey, Analysis]:
    analysis = analysis_of(*captures)
    names, sightings = MessageNames(), Sightings()
    with closing(Spool(in_memory=10**6)) as spool:
        for number, row in enumerate(analysis.rows(), 1):
            sightings.take(row)
            spool.add(record_of(row, names.of(row), number=number, show_secrets=False), "")
        survey = Survey(analysis, sightings)
        for record in spool.records():
            survey.take(record)
    return survey.page(), survey, analysis


def test_the_summary_counts(tmp_path: Path) -> None:
    page, _, analysis = surveyed(capture_of(tmp_path, wrong_life()))
    counts = {each.name: each.number for each in page.severities}
    assert sum(counts.values()) == len(page.findings) == len(analysis.findings)
    assert counts["error"] >= 2
    assert page.exchanges == 5
    assert page.first is not None
    assert page.last is not None
    assert page.first.isoformat() == "2026-11-23T12:01:00+00:00"
    assert {kind.name: kind.number for kind in page.kinds} == {
        "discover": 1,
        "getpolicies": 1,
        "syncml": 3,
    }
    assert page.title == "session.mitm"
    assert page.rules == tuple(sorted({each.rule for each in analysis.findings}))


def test_a_device_has_its_diagram_and_its_polling(tmp_path: Path) -> None:
    page, _, _ = surveyed(capture_of(tmp_path, right_life(sessions=2)))
    (life,) = page.lives
    assert (life.name, life.outcome, life.exchanges) == (EMAIL, "complete", 8)
    assert life.diagram is not None
    assert [lane.title for lane in life.diagram.lanes] == [
        EMAIL,
        "enterpriseenrollment.example.test",
        "mdm.example.test",
    ]
    assert len(life.diagram.arrows) == 16
    assert life.polling is not None
    assert page.timeline is not None
    assert page.timeline.has_windows
    assert not page.has_days
    assert sum(placed.dot.count for placed in page.timeline.dots) == 8
    linked = [window.exchange for window in page.timeline.windows if window.exchange]
    assert linked == [5, 7]


def test_over_days_a_time_has_its_day(tmp_path: Path) -> None:
    page, _, _ = surveyed(capture_of(tmp_path, right_life(sessions=3)))
    assert page.has_days
    source = page_of(capture_of(tmp_path, right_life(sessions=3)))
    assert ">11-24 04:09:00</time>" in source


def test_the_ids_that_a_life_once_had_lead_to_it(tmp_path: Path) -> None:
    _, survey, analysis = surveyed(capture_of(tmp_path, right_life()))
    for life in analysis.lives:
        for part in life.parts:
            assert survey.owner(part) == life.id
    assert survey.owner(None) == ""
