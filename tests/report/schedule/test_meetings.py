"""Planned contacts beside sessions that were seen: on time, early, late, missed, unplanned."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.phone.schedule import OFF, RetrySet, Schedule
from mdmcore.phone.timetable import Contact, Course, SetName, timetable
from mdmcore.profiles import PollScheme
from mdmcore.report.schedule.meetings import (
    Begun,
    Comparison,
    Meeting,
    Punctuality,
    SeenSession,
    compare,
)
from tests.report.schedule.plans import ENROLLED

ON_TIME, LATE, EARLY, MISSED, UNPLANNED = Punctuality
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

SAMPLE = Schedule(
    first=RetrySet(count=5, interval=3),
    second=RetrySet(count=8, interval=15),
    remaining=RetrySet(count=0, interval=480),
    scheme=PollScheme.REGISTRY,
)
HOURLY = Schedule(
    first=RetrySet(count=2, interval=60),
    second=OFF,
    remaining=RetrySet(count=0, interval=240),
    scheme=PollScheme.DM_CLIENT,
)


def session(
    at: datetime | int, *, is_good: bool = True, begun: Begun = Begun.CLIENT
) -> SeenSession:
    """A session at that time, or so many minutes after enrolment."""
    time = ENROLLED + at * MINUTE if isinstance(at, int) else at
    return SeenSession(at=time, exchange="capture:1", is_good=is_good, begun=begun)


def compared(
    schedule: Schedule, sessions: Iterable[SeenSession], *, until: int = 24 * 60
) -> Comparison:
    return compare(schedule, list(sessions), enrolled=ENROLLED, until=ENROLLED + until * MINUTE)


def told(found: Comparison) -> list[tuple[object, ...]]:
    """Each meeting: how, when it was planned in minutes, how many, when it came."""

    def minutes(time: datetime | None) -> int | None:
        return None if time is None else int((time - ENROLLED) / MINUTE)

    return [
        (
            each.punctuality.value,
            minutes(each.due),
            each.count,
            minutes(each.session.at) if each.session is not None else None,
        )
        for each in found.meetings
    ]


def test_a_good_first_session_begins_the_long_run() -> None:
    found = compared(SAMPLE, [session(0), session(481), session(960)])
    assert told(found) == [
        ("on time", 0, 1, 0),
        ("on time", 480, 1, 481),
        ("on time", 961, 1, 960),
    ]
    assert [(each.set, each.number) for each in found.meetings] == [
        (SetName.ENROLMENT, 1),
        (SetName.LONG_RUN, 1),
        (SetName.LONG_RUN, 2),
    ]
    assert found.following == ENROLLED + 1440 * MINUTE


def test_without_a_good_session_the_first_sets_go_on() -> None:
    bad = [session(at, is_good=False) for at in (0, 3, 6)]
    found = compared(SAMPLE, [*bad, session(9)], until=60)
    assert told(found) == [(ON_TIME, at, 1, at) for at in (0, 3, 6, 9)]
    assert found.following == ENROLLED + 489 * MINUTE


@pytest.mark.parametrize("begun", [Begun.SERVER, Begun.CLIENT, Begun.UNKNOWN])
def test_a_session_before_its_time_is_early_whoever_began_it(begun: Begun) -> None:
    found = compared(HOURLY, [session(0), session(30, begun=begun), session(60)], until=100)
    assert told(found) == [(ON_TIME, 0, 1, 0), (EARLY, 60, 1, 30), (ON_TIME, 60, 1, 60)]
    early = found.meetings[1].session
    assert early is not None
    assert early.begun is begun
    assert found.meetings[1].off == -30 * MINUTE


def test_an_early_good_session_begins_the_long_run_of_the_registry() -> None:
    seen = [session(0, is_good=False), session(3, is_good=False), session(4), session(483)]
    found = compared(SAMPLE, seen, until=500)
    assert told(found)[2:] == [(EARLY, 6, 1, 4), (ON_TIME, 483, 1, 483)]


def test_contacts_that_nobody_saw_are_missed_together() -> None:
    found = compared(HOURLY, [session(0), session(120 + 240 * 4)], until=120 + 240 * 5 - 1)
    assert told(found) == [
        (ON_TIME, 0, 1, 0),
        (MISSED, 60, 2, None),
        (MISSED, 360, 3, None),
        (ON_TIME, 1080, 1, 1080),
    ]
    assert found.count(MISSED) == 5
    assert found.meetings[2].interval == 240 * MINUTE


def test_a_session_between_stands_for_the_one_that_was_missed() -> None:
    found = compared(HOURLY, [session(0), session(60), session(120), session(500)], until=600)
    assert told(found)[3:] == [(LATE, 360, 1, 500)]
    assert found.meetings[3].off == 140 * MINUTE
    assert found.following == ENROLLED + 740 * MINUTE


def test_a_session_that_the_server_began_stands_for_none() -> None:
    seen = [*map(session, (0, 60, 120)), session(500, begun=Begun.SERVER)]
    found = compared(HOURLY, seen, until=560)
    assert told(found)[3:] == [(MISSED, 360, 1, None), (EARLY, 600, 1, 500)]


def test_a_device_that_has_given_up_comes_unplanned() -> None:
    seen = [session(at, is_good=False) for at in (0, 3, 6, 9, 12, 15)]
    found = compared(SAMPLE, [*seen, session(600), session(615)], until=700)
    assert told(found)[6:] == [
        (MISSED, 30, 8, None),
        (UNPLANNED, None, 1, 600),
        (ON_TIME, 615, 1, 615),
    ]


def test_a_schedule_that_never_begins_plans_nothing() -> None:
    never = Schedule(first=OFF, second=OFF, remaining=OFF, scheme=PollScheme.REGISTRY)
    found = compared(never, [session(0), session(60)])
    assert told(found) == [(UNPLANNED, None, 1, 0), (UNPLANNED, None, 1, 60)]
    assert found.following is None


def test_what_lies_outside_the_capture_is_not_judged() -> None:
    found = compared(HOURLY, [session(-5), session(0), session(200)], until=62)
    assert told(found) == [(ON_TIME, 0, 1, 0)]
    assert found.following == ENROLLED + 60 * MINUTE


def test_a_century_without_a_session_is_no_work() -> None:
    minutely = Schedule(
        first=RetrySet(count=0, interval=1), second=OFF, remaining=OFF, scheme=PollScheme.DM_CLIENT
    )
    years = 100 * 365 * 24 * 60
    found = compared(minutely, [session(0)], until=years)
    assert [each.punctuality for each in found.meetings] == [ON_TIME, MISSED]
    assert found.count(MISSED) == pytest.approx(years, abs=2)


RETRIES = st.builds(RetrySet, count=st.integers(0, 6), interval=st.integers(0, 400))
SCHEDULES = st.builds(
    Schedule,
    first=RETRIES,
    second=RETRIES,
    remaining=RETRIES,
    own=st.none(),
    scheme=st.sampled_from(PollScheme),
)


def contacts(schedule: Schedule, failing: int) -> list[Contact]:
    course = Course(enrolled=ENROLLED, until=ENROLLED + 2 * DAY, failing=failing)
    return list(timetable(schedule, course).contacts())[:200]


@given(SCHEDULES, st.integers(0, 20))
def test_a_device_that_keeps_its_timetable_is_always_on_time(
    schedule: Schedule, failing: int
) -> None:
    planned = contacts(schedule, failing)
    until = planned[-1].at if planned else ENROLLED
    seen = [session(each.at, is_good=each.is_good) for each in planned]
    found = compare(schedule, seen, enrolled=ENROLLED, until=until)
    assert [(each.punctuality, each.due, each.set, each.number) for each in found.meetings] == [
        (ON_TIME, each.at, each.set, each.number) for each in planned
    ]


@given(SCHEDULES, st.integers(0, 20), st.data())
def test_a_contact_that_is_left_out_is_the_one_that_is_missed(
    schedule: Schedule, failing: int, data: st.DataObject
) -> None:
    planned = contacts(schedule, failing)
    failed = [number for number, each in enumerate(planned[:-2]) if not each.is_good]
    if not failed:
        return
    gone = data.draw(st.sampled_from(failed))
    seen = [session(e.at, is_good=e.is_good) for n, e in enumerate(planned) if n != gone]
    found = compare(schedule, seen, enrolled=ENROLLED, until=planned[-1].at)
    assert [_place(each) for each in found.meetings if each.punctuality is MISSED] == [
        (planned[gone].at, planned[gone].set)
    ]
    assert found.count(ON_TIME) == len(planned) - 1


def _place(each: Meeting) -> tuple[datetime | None, SetName | None]:
    return each.due, each.set
