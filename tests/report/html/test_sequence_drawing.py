"""Laying out the diagram."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from mdmcore.report.html.marks import Marks
from mdmcore.report.html.sequence import Exchanged, Folded, Step
from mdmcore.report.html.sequence_drawing import DEVICE_X, MAX_HOSTS, Drawing, draw_sequence
from tests.report.html.records import marks, record

START = datetime(2026, 11, 23, 12, tzinfo=UTC)


def step(number: int, found: Marks | None = None, **values: Any) -> Exchanged:
    one = record(number, **values)
    return Exchanged(record=one, marks=(found or marks()).of(one, "life-1"))


def draw(*steps: Step, passed_over: int = 0) -> Drawing:
    return draw_sequence(steps, device="anna", passed_over=passed_over)


def test_an_exchange_is_two_arrows_that_lead_to_it() -> None:
    drawing = draw(step(7), step(8))
    first, second = drawing.arrows[:2]
    assert (first.start, second.end) == (DEVICE_X, DEVICE_X)
    assert first.end == second.start == drawing.lanes[1].x
    assert [arrow.number for arrow in drawing.arrows] == [1, 2, 3, 4]
    assert [arrow.exchange for arrow in drawing.arrows] == [7, 7, 8, 8]
    assert (first.label, second.label) == ("asked 7", "answered 7")
    assert all(before.y < after.y for before, after in pairwise(drawing.arrows))
    assert drawing.height > drawing.arrows[-1].y


def test_a_finding_stands_at_its_message() -> None:
    asked, answered = draw(step(1, marks((1, "error"), part="csr"))).arrows
    assert (asked.severity, asked.rules, answered.severity) == ("error", "some-rule-error", "")
    asked, answered = draw(step(1, marks((1, "warning")))).arrows
    assert (asked.severity, answered.severity) == ("", "warning")


def test_a_message_that_got_no_answer_is_lost_with_all_findings() -> None:
    (arrow,) = draw(step(1, marks((1, "error")), failure="no route", answered="")).arrows
    assert arrow.is_lost
    assert arrow.severity == "error"
    assert arrow.label == "asked 1: no route"


def test_hosts_have_lanes_up_to_a_number() -> None:
    drawing = draw(*(step(number, host=f"h{number}") for number in range(1, 8)))
    names = [lane.name for lane in drawing.lanes]
    assert names == ["device", *(f"h{n}" for n in range(1, MAX_HOSTS)), "other hosts"]
    assert drawing.arrows[-1].start == drawing.lanes[-1].x
    assert drawing.width > drawing.lanes[-1].x


def test_labels_fit_between_the_lanes() -> None:
    (arrow, _) = draw(step(1, asked="x" * 500)).arrows
    assert len(arrow.label) * 6 < arrow.end - arrow.start
    assert arrow.title == "x" * 500


def test_time_that_passes_and_folded_steps_are_noted() -> None:
    later = START + timedelta(hours=8)
    folded = Folded(
        kind="syncml",
        host="mdm.example.test",
        exchanges=6,
        sessions=3,
        number=9,
        first=later,
        last=later,
    )
    drawing = draw(step(1, started=START), folded, passed_over=4)
    assert [(note.text, note.exchange) for note in drawing.notes] == [
        ("8h later, 2026-11-23 20:00", 0),
        ("3 more sessions, 6 exchanges; no findings", 9),
        ("and 4 more exchanges, see the list of exchanges", 0),
    ]
