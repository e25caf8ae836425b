"""Laying out a sequence diagram: lanes, arrows, notes, each with its place in pixels.

The device stands left, the hosts it spoke to beside it in the order of their first exchange. The
template only writes down what is reckoned here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mdmcore.report.html.marks import Mark, gravest
from mdmcore.report.html.sequence import Exchanged, Folded, Step
from mdmcore.report.html.visible import shortened
from mdmcore.report.schedule.spans import moment, span
from mdmcore.report.timeline import STEPS
from mdmcore.rules.decoded import Kind

MAX_HOSTS = 4
DEVICE_X, FIRST_HOST_X, HOST_GAP, MARGIN = 44, 560, 216, 108
_TOP, _ARROW_ROW, _FOLD_ROW, _WAIT_ROW, _AFTER_EXCHANGE = 62, 30, 34, 26, 8
_CHARACTER = 6.7
"""Pixels of a character of the labels (12 px), on the wide side."""
_BOLD_CHARACTER = 7.9
LANE_WIDTH = 200
"""Pixels of the box with a host's name."""
_LONG_WAIT = timedelta(minutes=2)
_OTHER_HOSTS = "other hosts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A party: its line and its name."""

    x: int
    name: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """A message. ``label`` stands above it; ``title`` is all of it. ``is_lost``: it got nowhere."""

    y: int
    start: int
    end: int
    number: int
    exchange: int
    label: str
    title: str
    severity: str
    rules: str
    is_answer: bool
    is_lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Words across the lanes: time that passed, steps that are folded (with the first's number)."""

    y: int
    text: str
    exchange: int = 0
    severity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The whole picture; its words for those who do not see it are ``title``."""

    width: int
    height: int
    title: str
    lanes: tuple[Lane, ...]
    arrows: tuple[Arrow, ...]
    notes: tuple[Note, ...]


@dataclass(slots=True)
class _Sheet:
    y: int = _TOP
    number: int = 0
    arrows: list[Arrow] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def draw_sequence(steps: Sequence[Step], *, device: str, passed_over: int) -> Drawing:
    """The diagram of these steps."""
    lanes = tuple(_lanes(steps, device))
    places = {lane.title: lane.x for lane in lanes[1:]}
    sheet = _Sheet()
    before: datetime | None = None
    for step in steps:
        begin, end = _times(step)
        if before is not None and begin is not None and begin - before >= _LONG_WAIT:
            _note(sheet, f"{span(begin - before)} later, {moment(begin.replace(microsecond=0))}")
        before = end or before
        host = step.host if isinstance(step, Folded) else step.record.host
        x = places.get(host, lanes[-1].x)
        if isinstance(step, Folded):
            _note(sheet, _folded(step), exchange=step.number, severity=step.severity)
        else:
            _exchange(sheet, step, x)
    if passed_over:
        _note(sheet, f"and {passed_over} more exchanges, see the list of exchanges")
    width = lanes[-1].x + MARGIN
    return Drawing(
        width=width,
        height=sheet.y + 16,
        title=f"Messages between {device} and {', '.join(lane.title for lane in lanes[1:])}",
        lanes=lanes,
        arrows=tuple(sheet.arrows),
        notes=tuple(sheet.notes),
    )


def _lanes(steps: Iterable[Step], device: str) -> Iterator[Lane]:
    hosts = dict.fromkeys(
        step.host if isinstance(step, Folded) else step.record.host for step in steps
    )
    names = [host or "(no host)" for host in hosts]
    if len(names) > MAX_HOSTS:
        names = [*names[: MAX_HOSTS - 1], _OTHER_HOSTS]
    yield Lane(x=DEVICE_X, name="device", title=device)
    for position, name in enumerate(names):
        yield Lane(
            x=FIRST_HOST_X + position * HOST_GAP,
            name=shortened(name, int((LANE_WIDTH - 16) / _BOLD_CHARACTER)),
            title=name,
        )


def _times(step: Step) -> tuple[datetime | None, datetime | None]:
    if isinstance(step, Folded):
        return step.first, step.last
    return step.record.started, step.record.started


def _note(sheet: _Sheet, text: str, *, exchange: int = 0, severity: str = "") -> None:
    note = Note(y=sheet.y + 14, text=text, exchange=exchange, severity=severity)
    sheet.notes.append(note)
    sheet.y += _FOLD_ROW if exchange else _WAIT_ROW


def _exchange(sheet: _Sheet, step: Exchanged, x: int) -> None:
    record = step.record
    asked = tuple(mark for mark in step.marks if mark.is_asked)
    answered = tuple(mark for mark in step.marks if not mark.is_asked)
    is_lost = bool(record.failure)
    if is_lost:
        asked, answered = step.marks, ()
        words = f"{record.asked}: {record.failure}"
        _arrow(sheet, record.number, words, DEVICE_X, x, asked, is_answer=False, is_lost=True)
    else:
        _arrow(sheet, record.number, record.asked, DEVICE_X, x, asked, is_answer=False)
        _arrow(sheet, record.number, record.answered, x, DEVICE_X, answered, is_answer=True)
    sheet.y += _AFTER_EXCHANGE


def _arrow(
    sheet: _Sheet,
    exchange: int,
    words: str,
    start: int,
    end: int,
    marks: tuple[Mark, ...],
    *,
    is_answer: bool,
    is_lost: bool = False,
) -> None:
    sheet.number += 1
    room = abs(end - start) - 58
    sheet.arrows.append(
        Arrow(
            y=sheet.y + 22,
            start=start,
            end=end,
            number=sheet.number,
            exchange=exchange,
            label=shortened(words, int(room / _CHARACTER)),
            title=words,
            severity=gravest(marks),
            rules=", ".join(dict.fromkeys(mark.rule for mark in marks)),
            is_answer=is_answer,
            is_lost=is_lost,
        )
    )
    sheet.y += _ARROW_ROW


def _folded(step: Folded) -> str:
    if step.sessions:
        many = "session" if step.sessions == 1 else "sessions"
        found = "findings as above" if step.severity else "no findings"
        return f"{step.sessions} more {many}, {step.exchanges} exchanges; {found}"
    return f"{step.exchanges} more of {STEPS[Kind(step.kind)]}"
