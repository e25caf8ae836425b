"""Times and lengths of time as people type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mdmcore.cli.times import is_usual, parse_length, parse_time
from mdmcore.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90m", timedelta(minutes=90)),
        ("2h30m", timedelta(minutes=150)),
        ("14d", timedelta(days=14)),
        ("1W", timedelta(days=7)),
        ("1y", timedelta(days=365)),
        ("0s", timedelta(0)),
        ("100y", timedelta(days=36500)),
    ],
)
def test_lengths(text: str, expected: timedelta) -> None:
    assert parse_length(text, option="--for") == expected


@pytest.mark.parametrize("text", ["", "14", "d", "-3d", "3 d", "1.5h", "٣d", "3dx", "1e9y"])
def test_what_is_no_length(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--for .*no length of time"):
        parse_length(text, option="--for")


def test_a_length_is_bounded() -> None:
    for text in ("101y", "999999999y"):
        with pytest.raises(ConfigError, match="longer than 100 years"):
            parse_length(text, option="--for")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-26", datetime(2026, 11, 26, tzinfo=UTC)),
        ("2026-11-26T08:00", datetime(2026, 11, 26, 8, tzinfo=UTC)),
        ("2026-11-26T08:00:00Z", datetime(2026, 11, 26, 8, tzinfo=UTC)),
        ("2026-11-26 08:00+02:00", datetime(2026, 11, 26, 6, tzinfo=UTC)),
    ],
)
def test_times(text: str, expected: datetime) -> None:
    assert parse_time(text, option="--from") == expected


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "0001-01-01", "9999-12-31"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ConfigError, match="--from"):
        parse_time(text, option="--from")


def test_years_in_which_devices_live() -> None:
    assert is_usual(datetime(2013, 1, 1, tzinfo=UTC))
    assert not is_usual(datetime(1, 1, 1, tzinfo=UTC))
