"""The drawing of a timetable: a lane for each set over a time axis, in plain characters.

Two scales where one would hide something: the minutes of the first sets, then all the days. What
a mark means is told without colour; each column is counted, so that years are drawn at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from mdmcore.phone.timetable import NO_TIME, EndKind, SetName, Stretch
from mdmcore.report.schedule.plan import Plan
from mdmcore.report.schedule.spans import span

LABEL = 14
"""Cells of a lane's name."""
_MARGIN = 2
_MIN_COLUMNS = 38
_MAX_COLUMNS = 86
"""Wider drawings tell no more and are hard to follow."""
_TICK_CELLS = 8
"""Cells that a label of the axis may need."""
_LAST_LABEL = 6
"""Cells that are kept free for the last label, which begins below the last columns."""
_OPENING_STEPS = 12
"""Retries of an endless first set that the drawing of minutes shows."""
_NARROWER = 4
"""So many times shorter than all the days the first sets must be for a drawing of their own."""

_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_COLUMNS = (
    *(number * _SECOND for number in (5, 10, 15, 20, 30)),
    *(number * _MINUTE for number in (1, 2, 3, 5, 10, 15, 30)),
    *(number * _HOUR for number in (1, 2, 3, 4, 6, 8, 12)),
    *(number * _DAY for number in (1, 2, 7, 14, 28, 91, 182, 365, 730)),
)
_TICKS = (
    *(number * _MINUTE for number in (1, 2, 3, 5, 10, 15, 20, 30)),
    *(number * _HOUR for number in (1, 2, 3, 4, 6, 12)),
    *(
        number * _DAY
        for number in (1, 2, 4, 5, 7, 10, 14, 28, 56, 91, 182, 364, 365, 730, 3650, 7300)
    ),
)

LEGEND = (
    ("o", "session"),
    ("x", "contact without session"),
    ("O", "several sessions in one column"),
    ("X", "several contacts without session"),
    ("*", "several of both"),
    ("J", "the clock jumps"),
    ("!", "from here on no contact (~)"),
)
"""The marks and what they mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A drawing at one scale: its title and its lines, none wider than asked for."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Columns of equal time from a start on."""

    start: datetime
    column: timedelta
    columns: int

    def at(self, time: datetime) -> int:
        """The column of that time, perhaps beyond the last."""
        return (time - self.start) // self.column


def draw(plan: Plan, *, width: int) -> tuple[Panel, ...]:
    """The drawings, the one of the first sets before that of all days."""
    columns = columns_of(width)
    whole = max(plan.course.until - plan.course.enrolled, _MINUTE)
    opening = _opening(plan)
    panels = []
    if NO_TIME < opening * _NARROWER <= whole:
        panels.append(_panel(plan, opening, columns, "the first sets"))
    panels.append(_panel(plan, whole, columns, "all of it" if panels else "all contacts"))
    return tuple(panels)


def columns_of(width: int) -> int:
    """The columns of a drawing that is no wider than that."""
    return max(min(width - _MARGIN - LABEL - _LAST_LABEL, _MAX_COLUMNS), _MIN_COLUMNS)


def legend(panels: Iterable[Panel], marks: Iterable[tuple[str, str]] = LEGEND) -> str:
    """What the marks that were used mean."""
    used = {character for panel in panels for line in panel.lines for character in line[LABEL:]}
    return ", ".join(f"{mark} {meaning}" for mark, meaning in marks if mark in used)


def _opening(plan: Plan) -> timedelta:
    """How long the first sets take, and what comes soon after them."""
    course, found = plan.course, plan.timetable
    last, has_long_run = course.enrolled, False
    for each in found.stretches:
        if each.first.set in (SetName.LONG_RUN, SetName.OWN):
            has_long_run = True
            continue
        shown = min(each.count - 1, _OPENING_STEPS) if _is_endless(plan, each) else each.count - 1
        last = max(last, each.first.at + shown * each.interval)
    if last > course.enrolled and found.end.kind is EndKind.GIVES_UP and not has_long_run:
        last = max(last, found.end.at)
    longer = (last - course.enrolled) * 9 // 8
    return -(-longer // _MINUTE) * _MINUTE


def _is_endless(plan: Plan, stretch: Stretch) -> bool:
    assert plan.schedule is not None
    sets = {SetName.FIRST: plan.schedule.first, SetName.SECOND: plan.schedule.second}
    return stretch.first.set in sets and sets[stretch.first.set].is_infinite


def _panel(plan: Plan, length: timedelta, columns: int, name: str) -> Panel:
    return panel(
        name,
        start=plan.course.enrolled,
        length=length,
        columns=columns,
        lanes=lambda scale: _lanes(plan, scale),
    )


def panel(
    name: str,
    *,
    start: datetime,
    length: timedelta,
    columns: int,
    lanes: Callable[[Scale], Iterable[tuple[str, list[str]]]],
) -> Panel:
    """A drawing of so much time in at most so many columns; ``lanes`` are names and marks, one for
    each column of the scale."""
    smallest = (each for each in _COLUMNS if length < columns * each)
    column = next(smallest, None) or _rounded(length, columns)
    used = min(length // column + 1, columns)
    scale = Scale(start=start, column=column, columns=used)
    tick = next((one for one in _TICKS if _fits(one, column)), column * _TICK_CELLS)
    grid = [at for at in range(scale.columns) if (at * column) % tick == NO_TIME]
    lines = [_line(lane, marks, grid) for lane, marks in lanes(scale)]
    return Panel(
        title=f"{name}: {span(length)} from enrolment on, one column is {span(column)}",
        lines=(*lines, *_axis(scale, grid)),
    )


def _rounded(length: timedelta, columns: int) -> timedelta:
    """Whole years a column, for what is longer than all that stands in the table."""
    years = length // (columns * 365 * _DAY) + 1
    return years * 365 * _DAY


def _fits(tick: timedelta, column: timedelta) -> bool:
    return tick % column == NO_TIME and tick // column >= _TICK_CELLS


def _lanes(plan: Plan, scale: Scale) -> Iterator[tuple[str, list[str]]]:
    """The sets that are in use, in their order, then what else happens."""
    for name in _names(plan):
        stretches = [each for each in plan.timetable.stretches if each.first.set is name]
        yield name, [_mark(stretches, scale, at) for at in range(scale.columns)]
    at_jumps = (scale.at(each.at) for each in plan.course.jumps)
    jumps = [at for at in at_jumps if at < scale.columns]
    if jumps:
        yield "clock", ["J" if at in jumps else "" for at in range(scale.columns)]
    end = scale.at(plan.timetable.end.at)
    if plan.ends and end < scale.columns:
        after = (("!" if at == end else "~" if at > end else "") for at in range(scale.columns))
        yield "silence", list(after)


def _names(plan: Plan) -> Iterator[SetName]:
    if plan.schedule is None:
        return
    names = (SetName.FIRST, SetName.SECOND, SetName.LONG_RUN, SetName.OWN)
    yield SetName.ENROLMENT
    for name, each in zip(names, (*plan.schedule.sets, plan.schedule.own), strict=True):
        if each is not None and not each.is_off:
            yield name


def _mark(stretches: list[Stretch], scale: Scale, at: int) -> str:
    """The mark of what is in that column."""
    begin = scale.start + at * scale.column
    good = failed = 0
    for each in stretches:
        number = between(each.first.at, each.count, each.interval, begin, begin + scale.column)
        if each.first.is_good:
            good += number
        else:
            failed += number
    return mark_of(good, failed)


def mark_of(good: int, failed: int) -> str:
    """The mark of so many sessions and contacts without one."""
    if good and failed:
        return "*"
    if good:
        return "o" if good == 1 else "O"
    if failed:
        return "x" if failed == 1 else "X"
    return ""


def between(
    first: datetime, count: int, interval: timedelta, begin: datetime, end: datetime
) -> int:
    """How many of ``count`` times, ``interval`` apart, are from ``begin`` on and before ``end``."""
    if count == 1:
        return int(begin <= first < end)
    before = min(max(-((first - begin) // interval), 0), count)
    until = min(max(-((first - end) // interval), 0), count)
    return until - before


def _line(name: str, marks: list[str], grid: list[int]) -> str:
    cells = (mark or ("." if at in grid else " ") for at, mark in enumerate(marks))
    return f"{name:<{LABEL}}{''.join(cells)}".rstrip()


def _axis(scale: Scale, grid: list[int]) -> tuple[str, str]:
    ruler = "".join("+" if at in grid else "-" for at in range(scale.columns))
    labels = ""
    for at in grid:
        text = span(at * scale.column)
        if at + len(text) <= scale.columns + _LAST_LABEL:
            labels = labels.ljust(at) + text
    return f"{'':{LABEL}}{ruler}", f"{'':{LABEL}}{labels}"
