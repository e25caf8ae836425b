"""When a device will contact its server: written examples, and what the simulated phone does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import islice

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mdmcore.http import Request, Response
from mdmcore.phone import EnrolledPhone, NoAnswer, run
from mdmcore.phone.life import VirtualClock, live
from mdmcore.phone.polling import Polling, Silence, contacted, next_contact
from mdmcore.phone.schedule import OFF, RetrySet, Schedule
from mdmcore.phone.timetable import (
    ClockJump,
    Course,
    EndKind,
    SetName,
    Timetable,
    timetable,
)
from mdmcore.profiles import PollScheme
from tests.phone.device.trees import device_of
from tests.phone.scripted import DM_URL, answer
from tests.phone.test_life import Server
from tests.phone.test_polling import DAY, ENROLLED, SAMPLE, schedule_of
from tests.support.server import NOW, counted_random

MINUTE = timedelta(minutes=1)
DAYS_30 = timedelta(days=30)


def table(
    schedule: Schedule,
    *,
    duration: timedelta = DAYS_30,
    failing: int | None = 0,
    jumps: tuple[ClockJump, ...] = (),
    busy: timedelta = timedelta(0),
) -> Timetable:
    course = Course(
        enrolled=ENROLLED,
        until=ENROLLED + duration,
        failing=failing,
        jumps=jumps,
        busy=busy,
    )
    return timetable(schedule, course)


def minutes(found: Timetable, most: int = 12) -> list[int]:
    return [int((each.at - ENROLLED) / MINUTE) for each in islice(found.contacts(), most)]


def jump(by: timedelta, at: timedelta) -> tuple[ClockJump, ...]:
    return (ClockJump(at=ENROLLED + at, by=by),)


def poll(
    first: tuple[int, int],
    second: tuple[int, int],
    remaining: tuple[int, int],
    own: RetrySet | None = None,
) -> Schedule:
    return schedule_of(first, second, remaining, PollScheme.DM_CLIENT, own)


def test_the_sample_set_with_good_sessions() -> None:
    """[WP81PROV]: 15 x 8, 3 x 5 (Aux), 480 x 0 (Aux2)."""
    found = table(SAMPLE, duration=timedelta(days=1))
    assert minutes(found) == [0, 480, 960, 1440]
    names = [(each.set, each.number) for each in found.contacts()]
    assert names[0] == (SetName.ENROLMENT, 1)
    assert names[1:] == [(SetName.LONG_RUN, number) for number in (1, 2, 3)]
    assert found.end.kind is EndKind.GOES_ON
    assert found.end.following == ENROLLED + 1920 * MINUTE


def test_the_sample_set_when_the_first_contacts_fail() -> None:
    found = table(SAMPLE, failing=7, duration=timedelta(days=1))
    assert minutes(found) == [0, 3, 6, 9, 12, 15, 30, 45, 525, 1005]
    told = [(each.set, each.number, each.is_good) for each in found.contacts()]
    assert told[5:9] == [
        (SetName.FIRST, 5, False),
        (SetName.SECOND, 1, False),
        (SetName.SECOND, 2, True),
        (SetName.LONG_RUN, 1, True),
    ]


def test_the_sample_set_gives_up_when_no_session_is_ever_good() -> None:
    found = table(SAMPLE, failing=None)
    assert minutes(found, 99) == [0, 3, 6, 9, 12, 15, *range(30, 136, 15)]
    assert found.end.kind is EndKind.GIVES_UP
    assert found.end.silence is Silence.NO_SESSION
    assert found.end.at == ENROLLED + 135 * MINUTE
    assert found.end.following == ENROLLED + (135 + 480) * MINUTE


def test_the_defaults() -> None:
    """session.md 6: 15 x 10, and nothing after it."""
    registry = schedule_of((10, 15), (0, 0), (0, 0))
    found = table(registry)
    assert minutes(found) == [0]
    assert (found.end.kind, found.end.silence) == (EndKind.GIVES_UP, Silence.USED_UP)
    assert found.end.following is None
    found = table(registry, failing=None)
    assert minutes(found) == list(range(0, 151, 15))
    assert found.end.following is None
    in_poll = poll((10, 15), (0, 0), (0, 0), own=DAY)
    assert minutes(table(in_poll), 13) == [*range(0, 151, 15), 150 + 1440, 150 + 2880]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        # count 0 with an interval: for ever; an infinite earlier set disables the later ones
        (poll((0, 30), (0, 0), (0, 0)), [0, 30, 60, 90]),
        (poll((2, 15), (0, 60), (0, 0)), [0, 15, 30, 90]),
        (poll((2, 15), (0, 0), (0, 1440)), [0, 15, 30, 1470]),
        # interval 0: the set is disabled
        (poll((2, 15), (5, 0), (0, 1440)), [0, 15, 30, 1470]),
        (poll((0, 0), (1, 60), (0, 1440)), [0, 60, 1500, 2940]),
        # no infinite set: the client adds one of 24 h
        (poll((1, 15), (1, 60), (1, 120), own=DAY), [0, 15, 75, 195]),
        # an infinite second set of the registry goes on, whatever sessions are like
        (schedule_of((2, 15), (0, 60), (0, 0)), [0, 15, 30, 90]),
    ],
)
def test_every_row_of_the_table_of_sets(schedule: Schedule, expected: list[int]) -> None:
    for failing in (0, None):
        found = table(schedule, failing=failing)
        assert minutes(found, 4) == expected
        assert found.end.kind is EndKind.GOES_ON


@pytest.mark.parametrize(("count", "interval"), [(0, 15), (10, 0), (0, 0)])
def test_a_first_set_of_0_in_the_registry_means_no_contact(count: int, interval: int) -> None:
    found = table(schedule_of((count, interval), (8, 60), (0, 480)))
    assert found.stretches == ()
    assert (found.end.kind, found.end.at) == (EndKind.NEVER_BEGINS, ENROLLED)


def test_without_any_set_there_is_no_contact() -> None:
    nothing = Schedule(first=OFF, second=OFF, remaining=OFF, scheme=PollScheme.DM_CLIENT)
    found = table(nothing)
    assert (found.count, found.end.silence) == (0, Silence.NO_SET)
    assert found.end.kind is EndKind.NEVER_BEGINS


def test_a_finite_long_run_ends() -> None:
    found = table(schedule_of((5, 3), (8, 15), (3, 480)))
    assert minutes(found) == [0, 480, 960, 1440]
    assert (found.end.kind, found.end.silence) == (EndKind.GIVES_UP, Silence.USED_UP)
    assert found.end.at == ENROLLED + 1440 * MINUTE


def test_a_clock_put_past_the_window_ends_it() -> None:
    """Blog T37: now + NumRetries x RetryInterval + AuxNumRetries x AuxRetryInterval."""
    at = timedelta(minutes=7)
    past = table(SAMPLE, failing=None, jumps=jump(timedelta(minutes=135), at))
    assert minutes(past) == [0, 3, 6]
    assert (past.end.kind, past.end.silence) == (EndKind.GIVES_UP, Silence.WINDOW_MISSED)
    assert past.end.at == ENROLLED + at
    assert past.end.following is not None
    within = table(SAMPLE, failing=None, jumps=jump(timedelta(minutes=60), at))
    assert minutes(within)[:5] == [0, 3, 6, 7, 10]
    assert [each.clock - each.at for each in within.contacts()][3] == timedelta(minutes=60)


def test_a_clock_put_forward_after_a_good_session_only_hastens_the_next() -> None:
    found = table(SAMPLE, duration=timedelta(days=2), jumps=jump(timedelta(days=9), 60 * MINUTE))
    assert minutes(found, 4) == [0, 60, 540, 1020]
    assert found.end.kind is EndKind.GOES_ON


def test_a_clock_set_back_delays_the_next() -> None:
    found = table(SAMPLE, duration=timedelta(days=2), jumps=jump(-timedelta(hours=5), 60 * MINUTE))
    assert minutes(found, 3) == [0, 480 + 300, 960 + 300]


def test_a_clock_set_right_again_revives_the_device() -> None:
    wrong, right = timedelta(days=3), 5 * MINUTE
    jumps = (*jump(wrong, 4 * MINUTE), *jump(-wrong, right))
    found = table(SAMPLE, failing=2, duration=timedelta(hours=9), jumps=jumps)
    assert minutes(found) == [0, 3, 6, 486]
    past = (*jump(wrong, 4 * MINUTE), *jump(timedelta(days=1), right))
    assert table(SAMPLE, failing=2, jumps=past).end.at == ENROLLED + 4 * MINUTE


def test_a_jump_after_the_time_asked_for_does_not_count() -> None:
    jumps = jump(timedelta(days=9), timedelta(days=40))
    assert table(SAMPLE, failing=None, jumps=jumps) == table(SAMPLE, failing=None)


def test_years_take_no_time() -> None:
    found = table(poll((0, 1), (0, 0), (0, 0)), duration=timedelta(days=36500))
    assert found.count == 36500 * 1440 + 1
    assert len(found.stretches) == 2
    huge = table(
        schedule_of((10**10, 1), (10**10, 10**10), (0, 1)), failing=None, busy=112 * MINUTE
    )
    assert len(huge.stretches) < 5


# --- against the steps one by one, and against the simulated phone ----------------------------

COUNTS = st.one_of(st.integers(0, 6), st.just(10**6))
INTERVALS = st.sampled_from([0, 1, 2, 7, 15, 60, 480, 1440])
FAST = st.tuples(st.integers(1, 6), st.sampled_from([1, 2, 7]))
PAIRS = st.one_of(st.tuples(COUNTS, INTERVALS), FAST, st.just((0, 0)))
NEAR = st.one_of(st.integers(0, 20), st.integers(0, 3000))
JUMPS = st.lists(
    st.tuples(st.one_of(st.integers(-20, 20), st.integers(-3000, 6000)), NEAR), max_size=3
).map(
    lambda found: tuple(
        ClockJump(at=NOW + at * MINUTE, by=by * MINUTE)
        for by, at in sorted(found, key=lambda one: one[1])
    )
)
FORWARD = JUMPS.map(lambda found: tuple(replace(one, by=abs(one.by)) for one in found))


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    sets = [
        RetrySet(count=count, interval=interval)
        for count, interval in draw(st.tuples(*[PAIRS] * 3))
    ]
    scheme = draw(st.sampled_from(list(PollScheme)))
    endless = [number for number, one in enumerate(sets) if one.is_infinite]
    if endless:
        sets[endless[0] + 1 :] = [OFF] * (2 - endless[0])
    own = DAY if scheme is PollScheme.DM_CLIENT and not endless else None
    return Schedule(first=sets[0], second=sets[1], remaining=sets[2], own=own, scheme=scheme)


DRIFTING = schedule_of((6, 1), (0, 0), (0, 480))
"""Trying again takes longer than the interval, so the window ends before the set does."""
DURING = (ClockJump(at=NOW + 4 * MINUTE, by=5 * MINUTE),)
"""While the second contact is still tried."""
FAILING = st.one_of(st.none(), st.integers(0, 12))


def one_by_one(schedule: Schedule, course: Course) -> list[tuple[datetime, datetime, bool]]:
    """The same without leaps."""
    found: list[tuple[datetime, datetime, bool]] = []
    if schedule.never_begins:
        return found
    polling, now, offset = Polling(), course.enrolled, timedelta(0)
    stops = [*((one.at, one.by) for one in course.jumps if one.at <= course.until), None]
    for stop in stops:
        end = course.until if stop is None else stop[0]
        while True:
            at = next_contact(schedule, polling, enrolled=course.enrolled, now=now)
            if at is None or at - offset > end:
                break
            is_good = not course.fails(len(found))
            found.append((at - offset, at, is_good))
            polling = contacted(schedule, polling, at=at, is_good=is_good)
            now = at if is_good else at + course.busy
        if stop is not None:
            now = max(now, stop[0] + offset) + stop[1]
            offset += stop[1]
    return found


@example(schedule=DRIFTING, failing=None, jumps=(), busy=112)
@example(schedule=SAMPLE, failing=4, jumps=DURING, busy=112)
@given(schedule=schedules(), failing=FAILING, jumps=JUMPS, busy=st.sampled_from([0, 1, 112, 900]))
def test_leaps_change_nothing(
    schedule: Schedule, failing: int | None, jumps: tuple[ClockJump, ...], busy: int
) -> None:
    course = Course(
        enrolled=NOW,
        until=NOW + 2500 * MINUTE,
        failing=failing,
        busy=timedelta(seconds=busy),
        jumps=jumps,
    )
    found = [(one.at, one.clock, one.is_good) for one in timetable(schedule, course).contacts()]
    assert found == one_by_one(schedule, course)


@cache
def device(scheme: PollScheme) -> EnrolledPhone:
    return device_of("wp8" if scheme is PollScheme.REGISTRY else "wp81")


class Watched:
    """A server that writes down when it is called, and does not answer at first."""

    def __init__(self, clock: VirtualClock, failing: int | None, *, is_down: bool) -> None:
        self.server = Server()
        self.clock = clock
        self.failing = failing
        self.is_down = is_down
        self.attempts = 4 if is_down else 1
        self.calls = 0
        self.times: list[datetime] = []

    def __call__(self, request: Request) -> Response:
        assert request.url == DM_URL
        is_opening = b"<MsgID>1</MsgID>" in (request.body or b"")
        if is_opening:
            self.times.append(self.clock.now)
            self.calls += 1
            if self.failing is None or self.calls <= self.failing * self.attempts:
                if self.is_down:
                    raise NoAnswer("connection refused")
                return answer(b"", "text/html", 503)
        return self.server(request)


@pytest.mark.slow
@hypothesis_settings(max_examples=40)
@example(schedule=DRIFTING, failing=None, jumps=(), is_down=True)
@example(schedule=SAMPLE, failing=4, jumps=DURING, is_down=True)
@given(schedule=schedules(), failing=FAILING, jumps=FORWARD, is_down=st.booleans())
def test_the_simulated_phone_keeps_to_it(
    schedule: Schedule, failing: int | None, jumps: tuple[ClockJump, ...], is_down: bool
) -> None:
    """A contact without an answer is tried again after 16, 32 and 64 seconds (w7 defaults)."""
    waits = (0, 16, 48, 112) if is_down else (0,)
    course = Course(
        enrolled=NOW,
        until=NOW + 6000 * MINUTE,
        failing=failing,
        busy=timedelta(seconds=waits[-1]),
        jumps=jumps,
    )
    whole = timetable(schedule, course)
    # As many sessions as a test can bear.
    contacts = list(islice(whole.contacts(), 15))
    until = contacts[-1].at if whole.count > len(contacts) else course.until
    expected = [
        one.clock + timedelta(seconds=wait)
        for one in contacts
        for wait in ((0,) if one.is_good else waits)
    ]
    phone, clock = replace(device(schedule.scheme), schedule=schedule), VirtualClock(NOW)
    server, offset = Watched(clock, failing, is_down=is_down), timedelta(0)
    random = counted_random("timetable")
    stretches = [*((one.at, one.by) for one in jumps if one.at <= until), (until, timedelta(0))]
    for end, by in stretches:
        leg = live(phone, clock=clock, until=end + offset, random=random)
        phone = run(leg, server).phone
        clock.move_to(clock.now + by)
        offset += by
    assert server.times == expected
