"""When a device contacts its server next: the schedule's sets as they are used up (session.md 6).

The first contact comes at once, the retries of the sets after it. Registry: the first two sets go
on until a session has been good, and the long run begins with it; when they run out before, or
the clock was put past their end, only a refresh by the user helps (blog, T34). Poll: the sets come
one after another, whether or not sessions are good (DMClient CSP; for phones [U]).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

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


def next_contact(
    schedule: Schedule, polling: Polling, *, enrolled: datetime, now: datetime
) -> datetime | None:
    """When the device contacts the server by itself, not before ``now``; ``None`` for never."""
    if all(each.is_off for each in _sets(schedule)):
        return None
    if _missed_window(schedule, polling, enrolled, now):
        return None
    if polling.last is None:
        return max(enrolled, now)
    place = _place(schedule, polling)
    if place is None:
        return None
    interval = _sets(schedule)[place.position].interval
    return max(polling.last + _minutes(interval), now)


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


def _missed_window(schedule: Schedule, polling: Polling, enrolled: datetime, now: datetime) -> bool:
    """Whether a phone's initial window passed without a good session."""
    if schedule.scheme is not PollScheme.REGISTRY or polling.has_succeeded:
        return False
    initial = (schedule.first, schedule.second)
    if any(each.is_infinite for each in initial):
        return False
    minutes = sum(each.count * each.interval for each in initial if not each.is_off)
    return now > enrolled + _minutes(minutes)


def _minutes(number: int) -> timedelta:
    return timedelta(minutes=min(number, _LONGEST))
