"""Plans as JSON, ``mdmproxy-schedule/1``: filling the rows of ``model``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, cast

import msgspec

from mdmcore.phone.schedule import RetrySet
from mdmcore.phone.timetable import Course, SetName, Stretch
from mdmcore.report.model import ProfileName
from mdmcore.report.rows import finding_row
from mdmcore.report.schedule.advice import advice_of
from mdmcore.report.schedule.meetings import Comparison, Meeting, Punctuality
from mdmcore.report.schedule.model import (
    SCHEMA_NAME,
    CourseRow,
    EndRow,
    JumpRow,
    LaterRow,
    MeetingRow,
    ScheduleDocument,
    ScheduleRow,
    SeenRow,
    SessionRow,
    SetRow,
    StretchRow,
    TotalsRow,
)
from mdmcore.report.schedule.plan import Plan


def plans_document(plans: Iterable[Plan]) -> dict[str, Any]:
    """The whole document in plain JSON types."""
    document = ScheduleDocument(schema=SCHEMA_NAME, schedules=tuple(map(_plan, plans)))
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return plain


def _plan(plan: Plan) -> ScheduleRow:
    return ScheduleRow(
        source=plan.source,
        profile=cast(ProfileName, plan.profile),
        profile_reason=plan.profile_reason,
        origin=plan.origin,
        notes=plan.notes,
        sets=tuple(_sets(plan)),
        course=_course(plan.course),
        contacts=plan.timetable.count,
        stretches=tuple(map(_stretch, plan.timetable.stretches)),
        end=_end(plan),
        later=_later(plan),
        findings=tuple(map(finding_row, plan.findings)),
        seen=None if plan.seen is None else _seen(plan.seen),
    )


def _sets(plan: Plan) -> Iterator[SetRow]:
    if plan.schedule is None:
        return
    names = (SetName.FIRST, SetName.SECOND, SetName.LONG_RUN, SetName.OWN)
    sets: tuple[RetrySet | None, ...] = (*plan.schedule.sets, plan.schedule.own)
    for name, each in zip(names, sets, strict=True):
        if each is not None:
            yield SetRow(
                set=name,
                count=each.count,
                interval=each.interval * 60,
                is_endless=each.is_infinite,
                is_off=each.is_off,
            )


def _course(course: Course) -> CourseRow:
    return CourseRow(
        enrolled=_utc(course.enrolled),
        until=_utc(course.until),
        failing="all" if course.failing is None else course.failing,
        busy=course.busy.total_seconds(),
        clock_jumps=tuple(
            JumpRow(at=_utc(each.at), by=each.by.total_seconds()) for each in course.jumps
        ),
    )


def _stretch(stretch: Stretch) -> StretchRow:
    first = stretch.first
    return StretchRow(
        set=first.set,
        number=first.number,
        count=stretch.count,
        first=_utc(first.at),
        last=_utc(stretch.last),
        interval=stretch.interval.total_seconds(),
        clock_ahead=(first.clock - first.at).total_seconds(),
        is_good=first.is_good,
    )


def _end(plan: Plan) -> EndRow:
    end, advice = plan.timetable.end, advice_of(plan)
    return EndRow(
        kind=end.kind,
        at=_utc(end.at),
        silence=end.silence,
        following=_known(end.following),
        result=advice.result,
        why=advice.why,
        user=advice.user,
    )


def _later(plan: Plan) -> LaterRow | None:
    end = plan.later
    if end is None:
        return None
    return LaterRow(
        kind=end.kind, at=_utc(end.at), silence=end.silence, following=_known(end.following)
    )


def _seen(found: Comparison) -> SeenRow:
    return SeenRow(
        enrolled=_utc(found.enrolled),
        until=_utc(found.until),
        following=_known(found.following),
        notes=found.notes,
        totals=TotalsRow(
            on_time=found.count(Punctuality.ON_TIME),
            late=found.count(Punctuality.LATE),
            early=found.count(Punctuality.EARLY),
            missed=found.count(Punctuality.MISSED),
            unplanned=found.count(Punctuality.UNPLANNED),
        ),
        meetings=tuple(map(_meeting, found.meetings)),
    )


def _meeting(each: Meeting) -> MeetingRow:
    session, off = each.session, each.off
    return MeetingRow(
        punctuality=each.punctuality,
        due=_known(each.due),
        set=each.set,
        number=each.number,
        count=each.count,
        interval=each.interval.total_seconds(),
        session=None
        if session is None
        else SessionRow(
            at=_utc(session.at),
            exchange=session.exchange,
            begun=session.begun,
            is_good=session.is_good,
        ),
        off=None if off is None else off.total_seconds(),
    )


def _known(time: datetime | None) -> datetime | None:
    return None if time is None else _utc(time)


def _utc(time: datetime) -> datetime:
    return time.astimezone(UTC)
