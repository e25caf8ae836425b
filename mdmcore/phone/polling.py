"""When a device contacts its server next: the schedule's sets as they are used up (session.md 6).

The first contact comes at once, the retries of the sets after it. Registry: the first two sets go
on until a session has been good, and the long run begins with it; when they run out before, or
the clock was put past their end, only a refresh by the user helps (blog, T34). Poll: the sets come
one after another, whether or not sessions are good (DMClient CSP; for phones [U]).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from mdmcore.phone.schedule import RetrySet, Schedule
from mdmcore.profiles import PollScheme

_LONG_RUN = 2
_LONGEST = 20 * 365 * 24 * 60
"""Minutes of 20 years, longer than any device lives; a server may write far more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """How far the schedule is used up: ``used`` retries of the set at ``position``
    (first, second, long run, the client's own).

    ``last`` is the last contact by the schedule, ``None`` before the first; ``has_succeeded``
    since a session was good.
    """

    position: int = 0
    used: int = 0
    last: datetime | None = None
    has_succeeded: bool = False


class Silence(StrEnum):
    """Why a device does not contact its server any more by itself."""

    NO_SET = "no set of the schedule has an interval"
    NO_SESSION = "the first sets are used up without a good session"
    WINDOW_MISSED = "the time of the first sets has passed without a good session"
    USED_UP = "all sets are used up"


def next_contact(
    schedule: Schedule, polling: Polling, *, enrolled: datetime, now: datetime
) -> datetime | None:
    """When the device contacts the server by itself, not before ``now``; ``None`` for never."""
    if silence(schedule, polling, enrolled=enrolled, now=now) is not None:
        return None
    due = due_set(schedule, polling)
    if polling.last is None or due is None:
        return max(enrolled, now)
    return max(polling.last + due.interval, now)


def silence(
    schedule: Schedule, polling: Polling, *, enrolled: datetime, now: datetime
) -> Silence | None:
    """Why the device does not contact the server by itself from ``now`` on; ``None`` if it does."""
    if all(each.is_off for each in _sets(schedule)):
        return Silence.NO_SET
    if polling.last is not None and _place(schedule, polling) is None:
        is_initial = schedule.scheme is PollScheme.REGISTRY and not polling.has_succeeded
        return Silence.NO_SESSION if is_initial else Silence.USED_UP
    window = window_end(schedule, polling, enrolled=enrolled)
    return Silence.WINDOW_MISSED if window is not None and now > window else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSet:
    """The set that the next retry belongs to, counted as in ``Polling``; ``left`` retries of it
    are to come, ``None`` for ever."""

    position: int
    used: int
    left: int | None
    interval: timedelta


def due_set(schedule: Schedule, polling: Polling) -> DueSet | None:
    """The set of the next retry; ``None`` before the first contact and when all are used up."""
    place = None if polling.last is None else _place(schedule, polling)
    if place is None:
        return None
    current = _sets(schedule)[place.position]
    return DueSet(
        position=place.position,
        used=place.used,
        left=None if current.is_infinite else current.count - place.used,
        interval=_minutes(current.interval),
    )


def window_end(schedule: Schedule, polling: Polling, *, enrolled: datetime) -> datetime | None:
    """Until when a phone must have had a good session; ``None`` where there is no such end."""
    if schedule.scheme is not PollScheme.REGISTRY or polling.has_succeeded:
        return None
    initial = (schedule.first, schedule.second)
    if any(each.is_infinite for each in initial):
        return None
    return enrolled + _minutes(sum(each.count * each.interval for each in initial))


def contacted(schedule: Schedule, polling: Polling, *, at: datetime, is_good: bool) -> Polling:
    """The polling after a contact by the schedule, good or not."""
    place = polling
    if polling.last is not None:
        place = _place(schedule, polling) or polling
        place = replace(place, used=place.used + 1)
    after = replace(place, last=at)
    return succeeded(schedule, after) if is_good else after


def succeeded(schedule: Schedule, polling: Polling) -> Polling:
    """The polling after a good session, whoever began it."""
    after = replace(polling, has_succeeded=True)
    initial = (schedule.first, schedule.second)
    is_registry = schedule.scheme is PollScheme.REGISTRY
    if is_registry and after.position < _LONG_RUN and not any(each.is_infinite for each in initial):
        return replace(after, position=_LONG_RUN, used=0)
    return after


def rescheduled(polling: Polling, *, at: datetime) -> Polling:
    """The polling when the server has given another schedule: it begins anew from then."""
    return replace(polling, position=0, used=0, last=at)


def _sets(schedule: Schedule) -> tuple[RetrySet, ...]:
    own = () if schedule.own is None else (schedule.own,)
    return (*schedule.sets, *own)


def _place(schedule: Schedule, polling: Polling) -> Polling | None:
    """The set to use now, ``None`` when all are used up."""
    sets = _sets(schedule)
    position, used = polling.position, polling.used
    while position < len(sets):
        current = sets[position]
        if current.is_infinite or (not current.is_off and used < current.count):
            waits = position == _LONG_RUN and schedule.scheme is PollScheme.REGISTRY
            if waits and not polling.has_succeeded:
                return None
            return replace(polling, position=position, used=used)
        position, used = position + 1, 0
    return None


def _minutes(number: int) -> timedelta:
    return timedelta(minutes=min(number, _LONGEST))
