"""The schedule's sets on a clock that is only a value (WP-607)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mdmcore.phone.polling import Polling, contacted, next_contact, rescheduled, succeeded
from mdmcore.phone.schedule import OFF, RetrySet, Schedule
from mdmcore.profiles import PollScheme

ENROLLED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = RetrySet(count=0, interval=24 * 60)


def schedule_of(
    first: tuple[int, int],
    second: tuple[int, int],
    remaining: tuple[int, int],
    scheme: PollScheme = PollScheme.REGISTRY,
    own: RetrySet | None = None,
) -> Schedule:
    sets = [RetrySet(count=count, interval=interval) for count, interval in (first, second)]
    last = RetrySet(count=remaining[0], interval=remaining[1])
    return Schedule(first=sets[0], second=sets[1], remaining=last, scheme=scheme, own=own)


def contacts(schedule: Schedule, good: list[bool]) -> list[int]:
    """Minutes after enrolment at which the device contacts, one for each outcome at most."""
    polling, now, found = Polling(), ENROLLED, []
    for is_good in good:
        at = next_contact(schedule, polling, enrolled=ENROLLED, now=now)
        if at is None:
            break
        found.append(int((at - ENROLLED) / timedelta(minutes=1)))
        polling, now = contacted(schedule, polling, at=at, is_good=is_good), at
    return found


SAMPLE = schedule_of((5, 3), (8, 15), (0, 480))
"""session.md 6: 15 x 8, 3 x 5 (Aux), 480 x 0 (Aux2)."""


def test_the_first_sets_go_on_until_a_session_is_good_then_the_long_run_begins() -> None:
    assert contacts(SAMPLE, [False] * 3 + [True] * 3) == [0, 3, 6, 9, 489, 969]


def test_the_second_set_comes_after_the_first() -> None:
    assert contacts(SAMPLE, [False] * 9) == [0, 3, 6, 9, 12, 15, 30, 45, 60]


def test_without_a_good_session_the_long_run_never_begins() -> None:
    assert contacts(SAMPLE, [False] * 99)[-1] == 5 * 3 + 8 * 15


def test_past_the_initial_window_only_the_user_helps() -> None:
    jumped = ENROLLED + timedelta(minutes=5 * 3 + 8 * 15 + 1)
    assert next_contact(SAMPLE, Polling(), enrolled=ENROLLED, now=jumped) is None
    refreshed = succeeded(SAMPLE, Polling(last=ENROLLED))
    at = next_contact(SAMPLE, refreshed, enrolled=ENROLLED, now=jumped)
    assert at == ENROLLED + timedelta(minutes=480)


def test_a_good_session_without_long_run_is_the_last_one() -> None:
    assert contacts(schedule_of((10, 15), (0, 0), (0, 0)), [True] * 9) == [0]


def test_poll_walks_through_its_sets_whatever_the_sessions_are_like() -> None:
    poll = schedule_of((2, 15), (2, 60), (0, 1440), PollScheme.DM_CLIENT)
    expected = [0, 15, 30, 90, 150, 1590, 3030]
    assert contacts(poll, [True] * 7) == contacts(poll, [False] * 7) == expected


def test_an_infinite_first_set_goes_on_for_ever() -> None:
    endless = Schedule(
        first=RetrySet(count=0, interval=60),
        second=OFF,
        remaining=OFF,
        scheme=PollScheme.DM_CLIENT,
    )
    assert contacts(endless, [True] * 5) == [0, 60, 120, 180, 240]


def test_the_clients_own_set_follows_where_none_is_infinite() -> None:
    poll = schedule_of((1, 15), (0, 0), (2, 100), PollScheme.DM_CLIENT, DAY)
    assert contacts(poll, [True] * 6) == [0, 15, 115, 215, 1655, 3095]


def test_a_device_that_slept_contacts_when_it_wakes() -> None:
    polling = contacted(SAMPLE, Polling(), at=ENROLLED, is_good=True)
    late = ENROLLED + timedelta(days=3)
    assert next_contact(SAMPLE, polling, enrolled=ENROLLED, now=late) == late


def test_another_schedule_begins_anew() -> None:
    polling = contacted(SAMPLE, Polling(), at=ENROLLED, is_good=True)
    later = ENROLLED + timedelta(hours=2)
    anew = rescheduled(polling, at=later)
    poll = schedule_of((1, 15), (0, 0), (0, 1440), PollScheme.DM_CLIENT)
    at = next_contact(poll, anew, enrolled=ENROLLED, now=later)
    assert at == later + timedelta(minutes=15)


def test_an_interval_beyond_all_dates_is_bounded() -> None:
    huge = 10**18
    poll = schedule_of((0, huge), (0, 0), (0, 0), PollScheme.DM_CLIENT)
    polling = contacted(poll, Polling(), at=ENROLLED, is_good=True)
    at = next_contact(poll, polling, enrolled=ENROLLED, now=ENROLLED)
    assert at is not None
    assert at > ENROLLED + timedelta(days=7000)
    assert contacts(schedule_of((huge, huge), (0, 0), (0, 0)), [False] * 2)[0] == 0


@pytest.mark.parametrize("scheme", list(PollScheme))
def test_without_any_set_there_is_no_contact(scheme: PollScheme) -> None:
    nothing = schedule_of((0, 0), (0, 0), (0, 0), scheme)
    assert contacts(nothing, [True] * 3) == []
