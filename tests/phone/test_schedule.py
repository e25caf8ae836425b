"""The values of a schedule."""

from __future__ import annotations

import pytest

from mdmcore.phone.schedule import OFF, RetrySet, Schedule
from mdmcore.profiles import PollScheme


@pytest.mark.parametrize(
    ("count", "interval", "is_off", "is_infinite"),
    [(0, 0, True, False), (3, 0, True, False), (0, 15, False, True), (3, 15, False, False)],
)
def test_what_a_set_does(count: int, interval: int, is_off: bool, is_infinite: bool) -> None:
    one = RetrySet(count=count, interval=interval)
    assert (one.is_off, one.is_infinite) == (is_off, is_infinite)


def test_off_is_off() -> None:
    assert RetrySet(count=0, interval=0) == OFF
    assert OFF.is_off


@pytest.mark.parametrize(
    ("count", "interval", "never_begins"),
    [(0, 15, True), (10, 0, True), (0, 0, True), (10, 15, False)],
)
def test_only_in_the_registry_a_first_set_of_0_means_no_contact(
    count: int, interval: int, never_begins: bool
) -> None:
    first = RetrySet(count=count, interval=interval)
    for scheme, expected in ((PollScheme.REGISTRY, never_begins), (PollScheme.DM_CLIENT, False)):
        schedule = Schedule(first=first, second=OFF, remaining=OFF, scheme=scheme)
        assert schedule.never_begins is expected
