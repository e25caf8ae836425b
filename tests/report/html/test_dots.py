"""The timeline's dots: bounded, and nothing is lost."""

from datetime import UTC, datetime, timedelta

from mdmcore.report.html.dots import MAX_DOTS, Dots
from tests.report.html.records import record

START = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_dots_stand_in_their_rows_in_order() -> None:
    dots = Dots()
    dots.add("a", record(2, started=START + timedelta(seconds=5)), "")
    dots.add("a", record(1, started=START), "error")
    dots.add("b", record(3, started=None), "")
    assert [(dot.number, dot.severity) for dot in dots.of("a")] == [(1, "error"), (2, "")]
    assert dots.rows() == ("a",)


def test_many_become_fewer_that_count() -> None:
    dots = Dots()
    number = MAX_DOTS * 3
    for each in range(number):
        severity = "error" if each == 77 else ""
        dots.add("a", record(each + 1, started=START + timedelta(seconds=each)), severity)
    found = dots.of("a")
    assert len(found) <= MAX_DOTS
    assert sum(dot.count for dot in found) == number
    assert [dot.severity for dot in found].count("error") == 1
