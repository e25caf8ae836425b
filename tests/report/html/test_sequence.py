"""The steps of a diagram: what is shown, what is folded."""

from __future__ import annotations

from typing import Any

from mdmcore.report.html.marks import Marks
from mdmcore.report.html.sequence import MAX_STEPS, Exchanged, Folded, Sequence, Step
from tests.report.html.records import finding, marks, record


def told(steps: tuple[Step, ...]) -> list[str]:
    return [
        f"{step.exchanges} in {step.sessions}, {step.severity or '-'}"
        if isinstance(step, Folded)
        else str(step.record.number)
        for step in steps
    ]


class Told(Sequence):
    """A sequence that is told with the marks of these findings."""

    def __init__(self, found: Marks) -> None:
        super().__init__()
        self._found = found

    def tell(self, number: int, **values: Any) -> None:
        one = record(number, **values)
        self.add(one, self._found.of(one, "life-1"))


def session(sequence: Told, number: int, *messages: int) -> None:
    for each in messages:
        sequence.tell(each, session=number)


def test_the_third_quiet_session_and_those_after_it_are_one_step() -> None:
    sequence = Told(marks())
    for number in range(1, 6):
        session(sequence, number, number * 10, number * 10 + 1)
    assert told(sequence.steps()) == ["10", "11", "20", "21", "6 in 3, -"]
    assert sequence.exchanges == 10


def test_a_session_with_a_new_finding_is_shown() -> None:
    sequence = Told(marks((51, "error")))
    for number in range(1, 8):
        session(sequence, number, number * 10, number * 10 + 1)
    steps = sequence.steps()
    assert told(steps) == ["10", "11", "20", "21", "4 in 2, -", "50", "51", "4 in 2, -"]
    shown = steps[6]
    assert isinstance(shown, Exchanged)
    assert [mark.rule for mark in shown.marks] == ["some-rule-error"]


def test_sessions_with_the_same_findings_are_folded_too() -> None:
    one = finding(rule="r", severity="warning", numbers=tuple(range(10, 80, 10)))
    sequence = Told(Marks([one]))
    for number in range(1, 8):
        session(sequence, number, number * 10)
    assert told(sequence.steps()) == ["10", "20", "5 in 5, warning"]


def test_parts_of_a_download_are_folded() -> None:
    sequence = Told(marks((5, "error")))
    for number in range(1, 10):
        sequence.tell(number, kind="hub", session=0)
    assert told(sequence.steps()) == ["1", "2", "2 in 0, -", "5", "4 in 0, -"]


def test_a_diagram_is_bounded() -> None:
    sequence = Told(marks(*((number, "info") for number in range(1, 1001))))
    for number in range(1, 1001):
        sequence.tell(number, session=number)
    steps = sequence.steps()
    assert len(steps) == MAX_STEPS
    assert sequence.passed_over == 1000 - MAX_STEPS


def test_a_session_without_end_is_cut_but_its_findings_are_kept() -> None:
    sequence = Told(marks((900, "error")))
    for number in range(1, 1001):
        sequence.tell(number)
    found = told(sequence.steps())
    assert "900" in found
    assert found[-1] == "975 in 0, error"
    assert len(found) < 40
