"""Times that are told, and those that nobody can reckon with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from mdmcore.report.html.times import usual_time
from tests.report.html.material import capture_of, page_of, right_life

EAST = timezone(timedelta(hours=14))
WEST = timezone(-timedelta(hours=12))


@pytest.mark.parametrize(
    ("time", "told"),
    [
        (None, None),
        (datetime(1, 1, 1, tzinfo=EAST), None),
        (datetime(9999, 12, 31, 23, 59, tzinfo=WEST), None),
        (datetime(2026, 1, 1, 14, tzinfo=EAST), datetime(2026, 1, 1, tzinfo=UTC)),
    ],
    ids=["none", "first", "last", "usual"],
)
def test_times(time: datetime | None, told: datetime | None) -> None:
    assert usual_time(time) == told


@pytest.mark.parametrize(
    "time", [datetime(1, 1, 1, tzinfo=EAST), datetime.max.replace(tzinfo=WEST)]
)
def test_exchanges_of_impossible_times_are_listed_all_the_same(
    tmp_path: Path, time: datetime
) -> None:
    exchanges = [replace(each, started=time) for each in right_life()]
    source = page_of(capture_of(tmp_path, exchanges))
    assert source.count('<details class="exchange item"') == len(exchanges)
    assert "No exchange has a time." in source
