"""Lengths and moments in few characters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mdmcore.report.schedule.spans import moment, span


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (timedelta(0), "0"),
        (timedelta(minutes=3), "3m"),
        (timedelta(minutes=135), "2h15m"),
        (timedelta(days=13, hours=8), "13d8h"),
        (timedelta(seconds=112), "1m52s"),
        (timedelta(hours=-5), "-5h"),
    ],
)
def test_span(length: timedelta, expected: str) -> None:
    assert span(length) == expected


def test_moment() -> None:
    assert moment(datetime(2026, 11, 26, 6, 0, tzinfo=UTC)) == "2026-11-26 06:00"
    assert moment(datetime(2026, 11, 26, 6, 0, 7, tzinfo=UTC)) == "2026-11-26 06:00:07"
