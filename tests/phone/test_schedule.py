"""The values of a schedule."""

from __future__ import annotations

import pytest

from mdmcore.phone.schedule import OFF, RetrySet


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
