"""A plan for people: the sets, the contacts, the drawing, how it ends and what to do, findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TextIO

from mdmcore.phone.polling import Polling, window_end
from mdmcore.phone.schedule import RetrySet, Schedule
from mdmcore.phone.schedule_branch import SET_NAMES
from mdmcore.phone.timetable import Course, SetName, Stretch
from mdmcore.report.plain import DEFAULT_WIDTH, LineWriter, cut
from mdmcore.report.schedule.advice import advice_of
from mdmcore.report.schedule.axis import Panel, draw, legend
from mdmcore.report.schedule.plan import Plan
from mdmcore.report.schedule.seen_drawing import SEEN_LEGEND, draw_seen
from mdmcore.report.schedule.seen_text import SEEN_HEAD, seen_lines, seen_rows
from mdmcore.report.schedule.spans import moment, span
from mdmcore.report.text import TextReport

_MAX_STRETCHES = 40
_LABEL = 12
_MINUTES = len("2026-11-26 08:00")
_HEAD = ("contact", "set and retry", "after enrolment", "first at (UTC)", "every", "session")


def write_plans_text(
    out: TextIO, plans: Iterable[Plan], *, width: int = DEFAULT_WIDTH, colour: bool = False
) -> None:
    """One plan below the other."""
    text = _PlanText(out, width=width, colour=colour)
    for plan in plans:
        text.write(plan)


class _PlanText:
    def __init__(self, out: TextIO, *, width: int, colour: bool) -> None:
        self._lines = LineWriter(out, width=width, colour=colour)
        self._report = TextReport(out, width=width, colour=colour)

    def write(self, plan: Plan) -> None:
        """All of one plan."""
        self._lines.wrapped(plan.source, style="title")
        self._labelled("profile:", f"{plan.profile} ({plan.profile_reason})")
        self._labelled("schedule:", plan.origin)
        if plan.schedule is not None:
            for label, words in _sets(plan.schedule):
                self._labelled("", f"{label}: {words}")
        for label, words in (*_course(plan.course), *_window(plan)):
            self._labelled(label, words)
        for note in plan.notes:
            self._labelled("note:", note)
        self._lines.line()
        self._contacts(plan)
        self._draw(plan)
        self._seen(plan)
        self._end(plan)
        for finding in plan.findings:
            self._report.finding(finding, is_placed=finding.life is None)

    def _contacts(self, plan: Plan) -> None:
        if not plan.timetable.count:
            return
        rows: list[tuple[str, ...]] = [_HEAD]
        number = 1
        for each in plan.timetable.stretches[:_MAX_STRETCHES]:
            rows.append(_row(each, number, plan.course))
            number += each.count
        self._table(rows, plan.timetable.count + 1 - number)

    def _table(self, rows: list[tuple[str, ...]], rest: int) -> None:
        """Rows in aligned columns, the first as their head; ``rest`` more are not shown."""
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        between = "  " if sum(widths) + 2 * len(widths) <= self._lines.width else " "
        for index, row in enumerate(rows):
            cells = (f"{text:<{width}}" for text, width in zip(row, widths, strict=True))
            line = cut(f"  {between.join(cells)}".rstrip(), self._lines.width)
            self._lines.line(line if index else self._lines.styled(line, "dim"))
        if rest:
            self._lines.line(f"  and {rest} more")
        self._lines.line()

    def _draw(self, plan: Plan) -> None:
        if plan.schedule is not None:
            panels = draw(plan, width=self._lines.width)
            self._panels(panels, legend(panels))

    def _seen(self, plan: Plan) -> None:
        """What a capture shows of it."""
        if plan.seen is None:
            return
        for label, words in seen_lines(plan.seen):
            self._labelled(label, words)
        self._lines.line()
        rows = list(seen_rows(plan.seen))
        if not rows:
            return
        self._table([SEEN_HEAD, *rows[:_MAX_STRETCHES]], max(len(rows) - _MAX_STRETCHES, 0))
        panel = draw_seen(plan.seen, width=self._lines.width)
        self._panels((panel,), legend((panel,), SEEN_LEGEND))

    def _panels(self, panels: Iterable[Panel], marks: str) -> None:
        for panel in panels:
            self._lines.line("  " + self._lines.styled(panel.title, "dim"))
            for line in panel.lines:
                self._lines.line("  " + line)
            self._lines.line()
        if marks:
            self._labelled("marks:", marks)
            self._lines.line()

    def _end(self, plan: Plan) -> None:
        advice = advice_of(plan)
        self._lines.wrapped(advice.result, indent=2, style="error" if plan.ends else "title")
        self._labelled("why:", advice.why)
        self._labelled("the user:", advice.user)
        self._lines.line()

    def _labelled(self, label: str, text: str) -> None:
        self._lines.labelled(label, text, label_width=_LABEL)


def _sets(schedule: Schedule) -> Iterator[tuple[str, str]]:
    names = SET_NAMES[schedule.scheme]
    sets = (SetName.FIRST, SetName.SECOND, SetName.LONG_RUN)
    for name, (count, interval), each in zip(sets, names, schedule.sets, strict=True):
        words = _set_words(each)
        if name is SetName.FIRST and schedule.never_begins:
            words = f"{each.count} x {each.interval} min: the device never begins"
        yield f"{name} ({count}, {interval})", words
    if schedule.own is not None:
        yield f"{SetName.OWN}, since no set is endless", _set_words(schedule.own)


def _set_words(each: RetrySet) -> str:
    if each.is_off:
        return f"off ({each.count} x {each.interval} min)"
    every = f"every {each.interval} min"
    return f"for ever {every}" if each.is_infinite else f"{each.count} times {every}"


def _course(course: Course) -> Iterator[tuple[str, str]]:
    length = span(course.until - course.enrolled)
    yield "enrolled:", f"{moment(course.enrolled)} UTC, looked at for {length}"
    if course.failing is None:
        yield "no session:", f"never{_busy(course)}"
    elif course.failing:
        yield "no session:", f"the first {course.failing} of its contacts{_busy(course)}"
    for jump in course.jumps:
        way = "forward" if jump.by > timedelta(0) else "back"
        after = span(jump.at - course.enrolled)
        yield "clock:", f"put {way} by {span(abs(jump.by))} at {moment(jump.at)} (after {after})"


def _window(plan: Plan) -> Iterator[tuple[str, str]]:
    """Until when there must be a good session, by the device's clock."""
    if plan.schedule is None or plan.schedule.never_begins:
        return
    enrolled = plan.course.enrolled
    end = window_end(plan.schedule, Polling(), enrolled=enrolled)
    if end is not None:
        after = span(end - enrolled)
        yield "window:", f"a session must be good by {moment(end)} on the device's clock ({after})"


def _busy(course: Course) -> str:
    return f"; without an answer it tries for {span(course.busy)} each time" if course.busy else ""


def _row(each: Stretch, number: int, course: Course) -> tuple[str, ...]:
    first, last = each.first.at - course.enrolled, each.last - course.enrolled
    many = each.count > 1
    name = str(each.first.set)
    if each.first.set is not SetName.ENROLMENT:
        name += f" {_range(each.first.number, each.count)}"
    return (
        _range(number, each.count),
        name,
        f"{span(first)} - {span(last)}" if many else span(first),
        moment(each.first.at)[:_MINUTES],
        span(each.interval) if many else "-",
        "good" if each.first.is_good else "none",
    )


def _range(first: int, count: int) -> str:
    return str(first) if count == 1 else f"{first}-{first + count - 1}"
