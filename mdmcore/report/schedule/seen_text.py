"""Planned and seen contacts in words: a table, how many of each kind, what is planned next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from mdmcore.phone.timetable import NO_TIME, SetName
from mdmcore.report.schedule.meetings import Begun, Comparison, Meeting, Punctuality
from mdmcore.report.schedule.spans import moment, span

SEEN_HEAD = ("planned", "set and retry", "seen (UTC)", "session", "how it fits")
_BEGUN = {
    Begun.SERVER: " (server, 1200)",
    Begun.CLIENT: " (client, 1201)",
    Begun.UNKNOWN: "",
}
_WHO = (
    "a session with alert 1201 beside the schedule comes of a refresh by the user, of a push or of "
    "another event on the device: the messages do not tell which"
)


def seen_rows(found: Comparison) -> Iterator[tuple[str, ...]]:
    """A row for each meeting."""
    for each in found.meetings:
        session = each.session
        # An early session is none of the schedule: what it is measured by stands in the last cell.
        has_own = each.punctuality is not Punctuality.EARLY
        yield (
            _day(each.due) if has_own else "-",
            _set(each) if has_own else "-",
            _day(None if session is None else session.at),
            "-" if session is None else "good" if session.is_good else "none",
            _how(each),
        )


def seen_lines(found: Comparison) -> Iterator[tuple[str, str]]:
    """What is to say of all of it, each with a label."""
    counts = ((kind, found.count(kind)) for kind in Punctuality)
    told = ", ".join(f"{number} {kind}" for kind, number in counts if number) or "nothing was due"
    following = "" if found.following is None else f"; next planned {moment(found.following)}"
    yield "seen:", f"until {moment(found.until)}: {told}{following}"
    for note in found.notes:
        yield "note:", note
    if any(_is_of_the_device(each) for each in found.meetings):
        yield "note:", _WHO


def _is_of_the_device(each: Meeting) -> bool:
    is_beside = each.punctuality in (Punctuality.EARLY, Punctuality.UNPLANNED)
    return is_beside and each.session is not None and each.session.begun is Begun.CLIENT


def _day(time: datetime | None) -> str:
    """Day and minute; the years stand above."""
    return "-" if time is None else moment(time)[5:16]


def _set(each: Meeting) -> str:
    if each.set is None or each.set is SetName.ENROLMENT:
        return str(each.set or "-")
    last = f"-{each.number + each.count - 1}" if each.count > 1 else ""
    return f"{each.set} {each.number}{last}"


def _how(each: Meeting) -> str:
    begun = _BEGUN[each.session.begun] if each.session is not None else ""
    off = each.off or NO_TIME
    match each.punctuality:
        case Punctuality.ON_TIME:
            return f"on time{f' ({_signed(off)})' if int(off.total_seconds()) else ''}"
        case Punctuality.LATE:
            return f"late by {span(off)}"
        case Punctuality.EARLY:
            return f"early by {span(-off)}{begun}"
        case Punctuality.MISSED:
            every = f", {each.count} times every {span(each.interval)}" if each.count > 1 else ""
            return f"missed{every}"
        case Punctuality.UNPLANNED:
            return f"unplanned{begun}"


def _signed(off: timedelta) -> str:
    return span(off) if off < NO_TIME else f"+{span(off)}"
