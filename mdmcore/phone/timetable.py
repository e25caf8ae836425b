"""When a device will contact its server, worked out ahead on virtual time (session.md 6).

The steps are those of ``polling``, by which the simulated phone lives; runs of contacts that are
equally far apart are taken at once, so that years take no time. Clock jumps are those of blog
T37: the device goes by its own clock. What a clock that is set back does is [U]: the device is
taken to wait until its clock says the time that it had reckoned with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from mdmcore.phone.polling import (
    Polling,
    Silence,
    contacted,
    due_set,
    next_contact,
    silence,
    succeeded,
    window_end,
)
from mdmcore.phone.schedule import Schedule

NO_TIME = timedelta(0)


class SetName(StrEnum):
    """The sets in the order in which they are used; the contact at enrolment is before them."""

    ENROLMENT = "enrolment"
    FIRST = "first set"
    SECOND = "second set"
    LONG_RUN = "long run"
    OWN = "client's own"


_SETS = (SetName.FIRST, SetName.SECOND, SetName.LONG_RUN, SetName.OWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockJump:
    """At that true time the device's clock is put forward, or back, by so much."""

    at: datetime
    by: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What happens to the device besides its schedule.

    The first ``failing`` contacts get no session, ``None`` for all; such a contact keeps it
    ``busy`` for so long, with trying again. ``jumps`` in the order of their times.
    """

    enrolled: datetime
    until: datetime
    failing: int | None = 0
    busy: timedelta = NO_TIME
    jumps: tuple[ClockJump, ...] = ()

    def fails(self, index: int) -> bool:
        """Whether the contact of that number, from 0, gets no session."""
        return self.failing is None or index < self.failing


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One contact. ``at`` is the true time, ``clock`` what the device's clock says; ``number`` is
    that of the retry in its set, from 1."""

    at: datetime
    clock: datetime
    set: SetName
    number: int
    is_good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Contacts of one set that are equally far apart: ``first`` and ``count`` - 1 after it."""

    first: Contact
    count: int = 1
    interval: timedelta = NO_TIME

    @property
    def last(self) -> datetime:
        """The true time of the last one."""
        return self.first.at + (self.count - 1) * self.interval

    def contacts(self) -> Iterator[Contact]:
        """Each of them."""
        for number in range(self.count):
            passed = number * self.interval
            yield replace(
                self.first,
                at=self.first.at + passed,
                clock=self.first.clock + passed,
                number=self.first.number + number,
            )


class EndKind(StrEnum):
    """How it ends."""

    GOES_ON = "goes on"
    NEVER_BEGINS = "never contacts the server"
    GIVES_UP = "gives up"


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The end and why. ``at`` is the true time from which there is silence, or up to which it was
    worked out. Where the device goes on ``following`` is its next contact; where it gave up that
    is the one after a session that the user begins then, ``None`` when there is none."""

    kind: EndKind
    at: datetime
    silence: Silence | None = None
    following: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """All contacts until the end, and the end."""

    stretches: tuple[Stretch, ...]
    end: End

    @property
    def count(self) -> int:
        """How many contacts there are."""
        return sum(each.count for each in self.stretches)

    def contacts(self) -> Iterator[Contact]:
        """Each contact; of a schedule that is followed for years these are many."""
        for each in self.stretches:
            yield from each.contacts()


def timetable(schedule: Schedule, course: Course) -> Timetable:
    """Every contact from enrolment to ``course.until``, that moment included."""
    return _Walk(schedule, course).run()


class _Walk:
    """One walk along a schedule: the device's clock is ``offset`` ahead of the true time."""

    def __init__(self, schedule: Schedule, course: Course) -> None:
        self._schedule = schedule
        self._course = course
        self._polling = Polling()
        self._now = course.enrolled
        self._offset = NO_TIME
        self._jumps = list(course.jumps)
        self._index = 0
        self._silent_since: datetime | None = None
        self._stretches: list[Stretch] = []

    def run(self) -> Timetable:
        """Contact by contact, or many at once."""
        course = self._course
        if self._schedule.never_begins:
            return self._ended(EndKind.NEVER_BEGINS, course.enrolled)
        while True:
            at = self._next()
            self._notice(at)
            if self._jumps and (at is None or at - self._offset > self._jumps[0].at):
                if self._jumps[0].at > course.until:
                    self._jumps.clear()
                    continue
                self._jump(self._jumps.pop(0))
            elif at is None:
                return self._silent()
            elif at - self._offset > course.until:
                return self._ended(EndKind.GOES_ON, course.until, following=at - self._offset)
            else:
                self._contact(at)
                self._leap()

    def _next(self) -> datetime | None:
        return next_contact(
            self._schedule, self._polling, enrolled=self._course.enrolled, now=self._now
        )

    def _notice(self, at: datetime | None) -> None:
        """Remember since when there is nothing to come; a clock set back can revive the device."""
        if at is not None:
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = self._now - self._offset

    def _jump(self, jump: ClockJump) -> None:
        # A contact that is under way is ended first.
        self._now = max(self._now, jump.at + self._offset) + jump.by
        self._offset += jump.by

    def _contact(self, at: datetime) -> None:
        due = due_set(self._schedule, self._polling)
        is_good = not self._course.fails(self._index)
        contact = Contact(
            at=at - self._offset,
            clock=at,
            set=SetName.ENROLMENT if due is None else _SETS[due.position],
            number=1 if due is None else due.used + 1,
            is_good=is_good,
        )
        self._stretches.append(Stretch(first=contact))
        self._polling = contacted(self._schedule, self._polling, at=at, is_good=is_good)
        self._now = at if is_good else at + self._course.busy
        self._index += 1

    def _leap(self) -> None:
        """Take the contacts that follow in the same set, with the same outcome, at once."""
        begun = self._stretches[-1]
        due, last = due_set(self._schedule, self._polling), self._polling.last
        if due is None or last is None or _SETS[due.position] is not begun.first.set:
            return
        wait = NO_TIME if begun.first.is_good else self._course.busy
        step = max(due.interval, wait)
        count = min(self._limits(due.left, step, wait))
        if count <= 0:
            return
        self._stretches[-1] = replace(begun, count=1 + count, interval=step)
        self._index += count
        last += count * step
        self._polling = replace(
            self._polling, position=due.position, used=due.used + count, last=last
        )
        self._now = last + wait

    def _limits(self, left: int | None, step: timedelta, wait: timedelta) -> Iterator[int]:
        """How many more contacts each circumstance allows."""
        course, at = self._course, self._stretches[-1].first.at
        yield (course.until - at) // step
        if left is not None:
            yield left
        if self._jumps:
            yield (self._jumps[0].at - at) // step
        if course.failing is not None and course.fails(self._index - 1):
            yield course.failing - self._index
        window = window_end(self._schedule, self._polling, enrolled=course.enrolled)
        if window is not None:
            # The device looks at it when the contact before is over.
            spare = window - (at + self._offset + wait)
            yield spare // step + 1 if spare >= NO_TIME else 0

    def _silent(self) -> Timetable:
        why = silence(self._schedule, self._polling, enrolled=self._course.enrolled, now=self._now)
        kind = EndKind.GIVES_UP if self._stretches else EndKind.NEVER_BEGINS
        since = self._silent_since or self._course.enrolled
        return self._ended(kind, since, why=why, following=self._revived())

    def _revived(self) -> datetime | None:
        """The first contact after a good session that the user begins now."""
        after = replace(self._polling, last=self._polling.last or self._now)
        after = succeeded(self._schedule, after)
        at = next_contact(self._schedule, after, enrolled=self._course.enrolled, now=self._now)
        return None if at is None else at - self._offset

    def _ended(
        self,
        kind: EndKind,
        at: datetime,
        *,
        why: Silence | None = None,
        following: datetime | None = None,
    ) -> Timetable:
        end = End(kind=kind, at=at, silence=why, following=following)
        return Timetable(stretches=tuple(self._stretches), end=end)
