"""Times that a page can reckon with."""

from __future__ import annotations

from datetime import UTC, datetime

_YEARS = (1970, 2500)
"""Years of captures; what is outside has been made up, and sums with it may leave all dates."""


def usual_time(time: datetime | None) -> datetime | None:
    """The time in UTC; ``None`` for one of a year that no capture is of."""
    if time is None or not _YEARS[0] < time.year < _YEARS[1]:
        return None
    return time.astimezone(UTC)
