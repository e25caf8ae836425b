"""Planned contacts and the sessions that were seen, put beside each other.

The schedule is followed as a device follows it (``mdmcore.phone.polling``), with each session as it
was seen, good or not: the long run begins when the capture shows a good one. Times are those of the
capture, the device's clock is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from mdmcore.phone.polling import (
    Polling,
    contacted,
    due_set,
    next_contact,
    succeeded,
    window_end,
)
from mdmcore.phone.schedule import Schedule
from mdmcore.phone.timetable import NO_TIME, SetName

AFTER_ENROLMENT = timedelta(minutes=5)
"""How long a device may take for its first contact: it applies the document before."""
LEAST_SPARE = timedelta(minutes=1)
MOST_SPARE = timedelta(minutes=15)
"""A contact is on time a tenth of its interval before and after, within these bounds, and at most
half of the interval to the contact beside it."""

_SETS = (SetName.FIRST, SetName.SECOND, SetName.LONG_RUN, SetName.OWN)


class Begun(StrEnum):
    """Who began a session, by the Alert of its first message (session.md 5)."""

    SERVER = "server"
    """Alert 1200."""
    CLIENT = "client"
    """Alert 1201: by its schedule, a refresh of the user, a push or another event, which no message
    tells apart."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSession:
    """A session of the capture: when it began, in which exchange, and whether it came to a good
    end."""

    at: datetime
    exchange: str
    is_good: bool
    begun: Begun = Begun.UNKNOWN


class Punctuality(StrEnum):
    """How a session and the schedule fit."""

    ON_TIME = "on time"
    LATE = "late"
    """Nothing came at the planned time, and this before the next one."""
    EARLY = "early"
    MISSED = "missed"
    """Nothing came."""
    UNPLANNED = "unplanned"
    """The device had given up, or had no contact to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A planned contact and the session seen for it, or one of them alone.

    ``due`` is the planned time, of an early session the one that was still to come; ``set`` and
    ``number`` name it as in ``Contact``. Contacts that were missed one after another are one
    meeting: ``count`` of them, ``interval`` apart. A session is on time up to ``spare`` before and
    after ``due``.
    """

    punctuality: Punctuality
    due: datetime | None = None
    set: SetName | None = None
    number: int = 0
    count: int = 1
    interval: timedelta = NO_TIME
    session: SeenSession | None = None
    spare: timedelta = NO_TIME

    @property
    def off(self) -> timedelta | None:
        """How much later than planned the session came, below zero where it was earlier."""
        if self.session is None or self.due is None:
            return None
        return self.session.at - self.due


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All meetings from ``enrolled`` to ``until``, where the capture says no more; ``following`` is
    the contact that is planned next. ``notes`` say what the comparison does not know."""

    enrolled: datetime
    until: datetime
    meetings: tuple[Meeting, ...] = ()
    following: datetime | None = None
    notes: tuple[str, ...] = ()

    def count(self, punctuality: Punctuality) -> int:
        """How many contacts or sessions of that kind there are."""
        return sum(each.count for each in self.meetings if each.punctuality is punctuality)


def compare(
    schedule: Schedule,
    sessions: Sequence[SeenSession],
    *,
    enrolled: datetime,
    until: datetime,
    notes: tuple[str, ...] = (),
) -> Comparison:
    """Follow the schedule along these sessions, which are in the order of their times."""
    walk = _Walk(schedule, enrolled, until)
    seen = [each for each in sessions if enrolled <= each.at <= until]
    meetings = tuple(in_a_row(tuple(walk.meetings(seen))))
    return Comparison(
        enrolled=enrolled, until=until, meetings=meetings, following=walk.due(), notes=notes
    )


class _Walk:
    def __init__(self, schedule: Schedule, enrolled: datetime, until: datetime) -> None:
        self._schedule = schedule
        self._enrolled = enrolled
        self._until = until
        self._polling = Polling()
        self._now = enrolled

    def meetings(self, sessions: Sequence[SeenSession]) -> Iterator[Meeting]:
        """Session by session, then what was still due before the end."""
        for session in sessions:
            yield from self._missed(before=session)
            yield self._meet(session)
        yield from self._missed(before=None)

    def due(self) -> datetime | None:
        """The next planned contact."""
        if self._schedule.never_begins:
            return None
        return next_contact(self._schedule, self._polling, enrolled=self._enrolled, now=self._now)

    def _spare(self, polling: Polling) -> timedelta:
        """How far from its time the next contact may be, never nearer to one beside it."""
        place = due_set(self._schedule, polling)
        if place is None:
            spare = AFTER_ENROLMENT
        else:
            spare = min(max(place.interval / 10, LEAST_SPARE), MOST_SPARE, place.interval / 2)
        after = contacted(self._schedule, polling, at=polling.last or self._enrolled, is_good=False)
        following = due_set(self._schedule, after)
        return spare if following is None else min(spare, following.interval / 2)

    def _meet(self, session: SeenSession) -> Meeting:
        due, spare = self.due(), self._spare(self._polling)
        if due is None:
            meeting = Meeting(punctuality=Punctuality.UNPLANNED, session=session)
            self._beside(session)
        elif session.at < due - spare:
            meeting = self._planned(Punctuality.EARLY, due, session)
            self._beside(session)
        else:
            is_late = session.at > due + spare
            kind = Punctuality.LATE if is_late else Punctuality.ON_TIME
            meeting = self._planned(kind, due, session)
            self._polling = contacted(
                self._schedule, self._polling, at=session.at, is_good=session.is_good
            )
        self._now = session.at
        return meeting

    def _beside(self, session: SeenSession) -> None:
        """A session that is none of the schedule: a good one can begin the long run."""
        if session.is_good:
            last = self._polling.last or session.at
            self._polling = succeeded(self._schedule, replace(self._polling, last=last))

    def _planned(
        self, kind: Punctuality, due: datetime, session: SeenSession | None = None
    ) -> Meeting:
        place = due_set(self._schedule, self._polling)
        return Meeting(
            punctuality=kind,
            due=due,
            set=SetName.ENROLMENT if place is None else _SETS[place.position],
            number=1 if place is None else place.used + 1,
            session=session,
            spare=self._spare(self._polling),
        )

    def _missed(self, *, before: SeenSession | None) -> Iterator[Meeting]:
        """The planned contacts for which nothing was seen until that session, or the end."""
        limit = self._until if before is None else before.at
        while True:
            due, spare = self.due(), self._spare(self._polling)
            if due is None or limit <= due + spare:
                return
            after = contacted(self._schedule, self._polling, at=due, is_good=False)
            if before is not None and self._stands_for(before, after, due):
                return
            meeting = self._planned(Punctuality.MISSED, due)
            self._polling, self._now = after, due
            yield self._more(meeting, limit)

    def _stands_for(self, session: SeenSession, after: Polling, due: datetime) -> bool:
        """Whether the session is the contact of that time, come late: the next is not near, and
        nobody else is known to have begun it."""
        if session.begun is Begun.SERVER:
            return False
        following = next_contact(self._schedule, after, enrolled=self._enrolled, now=due)
        return following is None or session.at < following - self._spare(after)

    def _more(self, first: Meeting, limit: datetime) -> Meeting:
        """The same with those of its set that were certainly missed, too, taken at once."""
        place, last = due_set(self._schedule, self._polling), self._polling.last
        assert first.due is not None
        if place is None or last is None or place.interval <= NO_TIME:
            return first
        if _SETS[place.position] is not first.set:
            return first
        # Which one the session at the limit belongs to is found out step by step.
        count = (limit - last) // place.interval - 2
        if place.left is not None:
            count = min(count, place.left)
        window = window_end(self._schedule, self._polling, enrolled=self._enrolled)
        if window is not None:
            count = min(count, (window - last) // place.interval)
        if count <= 0:
            return first
        last += count * place.interval
        self._polling = replace(
            self._polling, position=place.position, used=place.used + count, last=last
        )
        self._now = last
        return replace(first, count=1 + count, interval=place.interval)


def in_a_row(meetings: Sequence[Meeting]) -> Iterator[Meeting]:
    """The same with contacts of one set that were missed one after another as one."""
    held: Meeting | None = None
    for each in meetings:
        if held is not None and _follows(held, each):
            assert held.due is not None
            assert each.due is not None
            interval = held.interval or each.due - held.due
            held = replace(held, count=held.count + each.count, interval=interval)
            continue
        if held is not None:
            yield held
        held = each
    if held is not None:
        yield held


def _follows(held: Meeting, each: Meeting) -> bool:
    both = held.punctuality is each.punctuality is Punctuality.MISSED
    if not both or held.set is not each.set or held.due is None or each.due is None:
        return False
    last = held.due + (held.count - 1) * held.interval
    steps = {one for one in (held.interval, each.interval) if one}
    return steps <= {each.due - last}
