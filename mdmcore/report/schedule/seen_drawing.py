"""The drawing of a capture: planned contacts, below them the sessions, below those how both fit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from mdmcore.report.schedule.axis import LEGEND, Panel, Scale, between, columns_of, mark_of, panel
from mdmcore.report.schedule.meetings import Comparison, Meeting, Punctuality

_MINUTE = timedelta(minutes=1)
_FITS = {
    Punctuality.MISSED: ("?", "missed"),
    Punctuality.UNPLANNED: ("u", "unplanned"),
    Punctuality.LATE: (">", "late"),
    Punctuality.EARLY: ("<", "early"),
    Punctuality.ON_TIME: ("=", "on time"),
}
"""How planned and seen fit, what matters most first: a column shows the first that is in it."""
_PLANNED = "|"

SEEN_LEGEND = ((_PLANNED, "planned"), *LEGEND, *_FITS.values())
"""The marks and what they mean."""


def draw_seen(found: Comparison, *, width: int) -> Panel:
    """All of the capture from enrolment on."""

    def lanes(scale: Scale) -> Iterator[tuple[str, list[str]]]:
        for name, mark in (("planned", _planned), ("seen", _seen), ("how it fits", _fit)):
            yield name, [mark(found, *_column(scale, at)) for at in range(scale.columns)]

    return panel(
        "planned and seen",
        start=found.enrolled,
        length=max(found.until - found.enrolled, _MINUTE),
        columns=columns_of(width),
        lanes=lanes,
    )


def _column(scale: Scale, at: int) -> tuple[datetime, datetime]:
    begin = scale.start + at * scale.column
    return begin, begin + scale.column


def _planned(found: Comparison, begin: datetime, end: datetime) -> str:
    return _PLANNED if any(_due_in(each, begin, end) for each in found.meetings) else ""


def _seen(found: Comparison, begin: datetime, end: datetime) -> str:
    here = [each.session for each in found.meetings if each.session is not None]
    here = [each for each in here if begin <= each.at < end]
    good = sum(each.is_good for each in here)
    return mark_of(good, len(here) - good)


def _fit(found: Comparison, begin: datetime, end: datetime) -> str:
    here = {each.punctuality for each in found.meetings if _is_in(each, begin, end)}
    return next((mark for kind, (mark, _) in _FITS.items() if kind in here), "")


def _due_in(each: Meeting, begin: datetime, end: datetime) -> int:
    """How many contacts of it are planned there; an early session has none of its own."""
    if each.due is None or each.punctuality is Punctuality.EARLY:
        return 0
    return between(each.due, each.count, each.interval, begin, end)


def _is_in(each: Meeting, begin: datetime, end: datetime) -> bool:
    if each.session is not None:
        return begin <= each.session.at < end
    return bool(_due_in(each, begin, end))
