"""Plans as JSON, ``mdmproxy-schedule/1``: times RFC 3339 in UTC, lengths in seconds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from mdmcore.phone.schedule import RetrySet
from mdmcore.phone.timetable import End, SetName, Stretch
from mdmcore.report.rows import finding_row
from mdmcore.report.schedule.advice import advice_of
from mdmcore.report.schedule.plan import Plan

SCHEMA_NAME = "mdmproxy-schedule/1"

type Json = dict[str, Any]


def plans_document(plans: Iterable[Plan]) -> Json:
    """The whole document in plain JSON types."""
    return {"schema": SCHEMA_NAME, "schedules": [_plan(plan) for plan in plans]}


def _plan(plan: Plan) -> Json:
    course, advice = plan.course, advice_of(plan)
    end = _end(plan.timetable.end)
    return {
        "source": plan.source,
        "profile": plan.profile,
        "profile_reason": plan.profile_reason,
        "origin": plan.origin,
        "notes": list(plan.notes),
        "sets": _sets(plan),
        "course": {
            "enrolled": _time(course.enrolled),
            "until": _time(course.until),
            "failing": "all" if course.failing is None else course.failing,
            "busy": course.busy.total_seconds(),
            "clock_jumps": [
                {"at": _time(each.at), "by": each.by.total_seconds()} for each in course.jumps
            ],
        },
        "contacts": plan.timetable.count,
        "stretches": [_stretch(each) for each in plan.timetable.stretches],
        "end": end | {"result": advice.result, "why": advice.why, "user": advice.user},
        "later": None if plan.later is None else _end(plan.later),
        "findings": [msgspec.to_builtins(finding_row(each)) for each in plan.findings],
    }


def _sets(plan: Plan) -> list[Json]:
    if plan.schedule is None:
        return []
    names = (SetName.FIRST, SetName.SECOND, SetName.LONG_RUN, SetName.OWN)
    sets: tuple[RetrySet | None, ...] = (*plan.schedule.sets, plan.schedule.own)
    return [
        {
            "set": name.value,
            "count": each.count,
            "interval": each.interval * 60,
            "is_endless": each.is_infinite,
            "is_off": each.is_off,
        }
        for name, each in zip(names, sets, strict=True)
        if each is not None
    ]


def _stretch(stretch: Stretch) -> Json:
    first = stretch.first
    return {
        "set": first.set.value,
        "number": first.number,
        "count": stretch.count,
        "first": _time(first.at),
        "last": _time(stretch.last),
        "interval": stretch.interval.total_seconds(),
        "clock_ahead": (first.clock - first.at).total_seconds(),
        "is_good": first.is_good,
    }


def _end(end: End) -> Json:
    return {
        "kind": end.kind.value,
        "at": _time(end.at),
        "silence": None if end.silence is None else end.silence.value,
        "following": None if end.following is None else _time(end.following),
    }


def _time(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
