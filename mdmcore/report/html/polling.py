"""The polling windows of a life: when its schedule lets it come, and when it came.

The schedule is read and followed as ``mdmproxy schedule --in`` does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from mdmcore.inspector.artifact.profile import NOTHING_TELLS
from mdmcore.phone.timetable import Course, SetName
from mdmcore.report.html.times import usual_time
from mdmcore.report.schedule import Sightings, compare, plan_of
from mdmcore.report.schedule.meetings import Comparison, Meeting, Punctuality
from mdmcore.report.schedule.seen_text import SEEN_HEAD, seen_lines, seen_rows
from mdmcore.report.schedule.spans import moment, span
from mdmcore.rules.life import Life

MAX_ROWS = 40
MAX_DRAWN = 1000
"""Windows, and sessions beside them, that are drawn."""
_SHOWN_MISSED = 3
"""Windows of a run of missed ones that are drawn, and the last."""
_TOLD = "as the capture tells"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A planned contact: a session is on time from ``begin`` to ``end``. ``fit`` is how the session
    and it fit; ``seen`` when it came, in that exchange."""

    begin: datetime
    due: datetime
    end: datetime
    fit: str
    title: str
    seen: datetime | None = None
    exchange: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A session that no window is for."""

    at: datetime
    title: str
    exchange: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PollingView:
    """The windows of a life and its sessions, drawn and in words. ``problem`` is there where
    nothing can be planned."""

    origin: str = ""
    problem: str = ""
    windows: tuple[Window, ...] = ()
    beside: tuple[Beside, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    head: tuple[str, ...] = SEEN_HEAD
    rows: tuple[tuple[str, ...], ...] = ()
    more: int = 0


def polling_of(life: Life, sightings: Sightings) -> PollingView | None:
    """The view of a life; ``None`` without a provisioning document, or without times."""
    part = life.provisioning
    sighted = sightings.of(life)
    enrolled, until = usual_time(sighted.enrolled), usual_time(sighted.until)
    if part is None or part.document is None or enrolled is None or until is None:
        return None
    plan = plan_of(
        part,
        source=life.id or "",
        profile=life.profile,
        profile_reason=_TOLD if life.is_profile_known else NOTHING_TELLS,
        course=Course(enrolled=enrolled, until=max(enrolled, until)),
    )
    if plan.schedule is None:
        return PollingView(origin=plan.origin, problem=plan.refusal)
    found = compare(
        plan.schedule, sighted.sessions, enrolled=enrolled, until=until, notes=sighted.notes
    )
    rows = tuple((at, _spelt(name), *rest) for at, name, *rest in seen_rows(found))
    windows, beside = tuple(_windows(found)), tuple(_beside(found))
    return PollingView(
        origin=plan.origin,
        windows=windows[:MAX_DRAWN],
        beside=beside[:MAX_DRAWN],
        lines=(*seen_lines(found), *_left_out(len(windows), len(beside))),
        rows=rows[:MAX_ROWS],
        more=max(0, len(rows) - MAX_ROWS),
    )


def _left_out(windows: int, beside: int) -> Iterator[tuple[str, str]]:
    for number, what in ((windows, "windows"), (beside, "sessions beside the schedule")):
        if number > MAX_DRAWN:
            yield "note:", f"of {number} {what} the first {MAX_DRAWN} are drawn"


def _windows(found: Comparison) -> Iterator[Window]:
    for each in found.meetings:
        # An early session has no window of its own: that of its planned time is still to come.
        if each.due is not None and each.punctuality is not Punctuality.EARLY:
            yield from _of_meeting(each, each.due, found.enrolled)
    if found.following is not None:
        at = found.following
        title = f"next planned contact, {moment(at)}"
        yield Window(begin=at, due=at, end=at, fit="planned", title=title)


def _of_meeting(each: Meeting, due: datetime, enrolled: datetime) -> Iterator[Window]:
    for number in _shown(each.count):
        at = due + number * each.interval
        yield Window(
            begin=max(at - each.spare, min(enrolled, at)),
            due=at,
            end=at + each.spare,
            fit=each.punctuality.value.replace(" ", "-"),
            title=_title(each, at, number),
            seen=None if each.session is None else each.session.at,
            exchange="" if each.session is None else each.session.exchange,
        )


def _spelt(name: str) -> str:
    """The name of a set as the specs spell it, which all labels of the page do."""
    return "enrollment" if name == SetName.ENROLMENT else name


def _shown(count: int) -> Iterable[int]:
    if count <= _SHOWN_MISSED + 1:
        return range(count)
    return (*range(_SHOWN_MISSED), count - 1)


def _title(each: Meeting, at: datetime, number: int) -> str:
    retry = "" if each.set is None or each.set is SetName.ENROLMENT else f" {each.number + number}"
    name = _spelt(f"{each.set}{retry}")
    words = f"planned {moment(at.replace(microsecond=0))}, {name}: {each.punctuality}"
    if each.off:
        words += f" by {span(abs(each.off))}"
    if each.spare >= timedelta(seconds=1):
        words += f" (on time within {span(each.spare)} before and after)"
    if each.count > 1:
        words += f"; {each.count} in a row, every {span(each.interval)}"
    return words


def _beside(found: Comparison) -> Iterator[Beside]:
    for each in found.meetings:
        if each.session is None or each.punctuality not in (
            Punctuality.EARLY,
            Punctuality.UNPLANNED,
        ):
            continue
        at = moment(each.session.at.replace(microsecond=0))
        yield Beside(
            at=each.session.at,
            title=f"session {at}, {each.punctuality}",
            exchange=each.session.exchange,
        )
