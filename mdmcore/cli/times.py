"""Times and lengths of time as people type them: ``2026-11-26T08:00``, ``+3d``, ``2h30m``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from mdmcore.errors import ConfigError

LONGEST = timedelta(days=100 * 365)
"""The longest length of time: no device lives longer, and sums of it stay within all dates."""
_YEARS = (1970, 2500)

_SECONDS = {"y": 365 * 86400, "w": 7 * 86400, "d": 86400, "h": 3600, "m": 60, "s": 1}
_PART = re.compile(r"(\d{1,9})([ywdhms])")
_WHOLE = re.compile(rf"(?:{_PART.pattern})+")


def parse_length(text: str, *, option: str) -> timedelta:
    """``90m``, ``2h30m``, ``14d``, ``1y``; ConfigError for anything else, and above 100 years."""
    typed = text.strip().lower()
    if not _WHOLE.fullmatch(typed) or not typed.isascii():
        raise ConfigError(f"{option} {text!r}: no length of time; write it as 90m, 2h30m, 14d, 1y")
    seconds = sum(int(number) * _SECONDS[unit] for number, unit in _PART.findall(typed))
    if seconds > LONGEST.total_seconds():
        raise ConfigError(f"{option} {text!r}: longer than 100 years")
    return timedelta(seconds=seconds)


def parse_time(text: str, *, option: str) -> datetime:
    """An ISO 8601 time, in UTC where it names no zone; ConfigError for anything else."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        message = f"{option} {text!r}: no time; write it as 2026-11-26 or 2026-11-26T08:00"
        raise ConfigError(message) from None
    if not is_usual(found):
        raise ConfigError(f"{option} {text!r}: not a year from {_YEARS[0]} to {_YEARS[1]}")
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def is_usual(time: datetime) -> bool:
    """Whether the year is one in which devices may be reckoned with."""
    return _YEARS[0] < time.year < _YEARS[1]
