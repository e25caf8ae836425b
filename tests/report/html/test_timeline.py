"""Laying out the timeline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from mdmcore.report.html.dots import Dot
from mdmcore.report.html.polling import Beside, PollingView, Window
from mdmcore.report.html.timeline import LEFT, RIGHT, WIDTH, Device, draw_timeline

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
H = timedelta(hours=1)


def dot(hours: float, kind: str = "syncml", number: int = 1, count: int = 1) -> Dot:
    return Dot(at=START + hours * H, kind=kind, number=number, title="said", count=count)


def window(hours: float, fit: str = "on-time", exchange: str = "") -> Window:
    at = START + hours * H
    quarter = H / 4
    return Window(
        begin=at - quarter, due=at, end=at + quarter, fit=fit, title="t", exchange=exchange
    )


def test_without_a_time_there_is_no_timeline() -> None:
    assert draw_timeline([Device(name="d", anchor="a", dots=())], {}) is None


def test_kinds_have_lanes_and_dots_their_places() -> None:
    dots = [dot(0, "discover"), dot(1), dot(2, "hub", count=3)]
    drawing = draw_timeline([Device(name="d", anchor="a", dots=dots)], {})
    assert drawing is not None
    assert [lane.name for lane in drawing.lanes] == ["d", "enrollment", "management", "other"]
    assert drawing.dots[0].x == LEFT
    assert drawing.dots[2].x == pytest.approx(WIDTH - RIGHT)
    assert drawing.dots[2].title == "2026-11-23 14:00 said and 2 more"
    assert not drawing.has_windows
    assert all(0 <= tick.x <= WIDTH for tick in drawing.ticks)


def test_polling_windows_stand_where_they_are_due() -> None:
    polling = PollingView(
        windows=(window(8, exchange="c:4"), window(16, "missed")),
        beside=(Beside(at=START + 3 * H, title="early", exchange="c:2"),),
    )
    device = Device(name="d", anchor="a", dots=[dot(0), dot(8), dot(16)], polling=polling)
    drawing = draw_timeline([device], {"c:4": 4, "c:2": 2})
    assert drawing is not None
    on_time, missed, beside = drawing.windows
    assert drawing.lanes[-1].name == "polling windows"
    assert on_time.x < drawing.dots[1].x < on_time.x + on_time.width
    assert (on_time.exchange, missed.exchange, beside.exchange) == (4, 0, 2)
    assert missed.fit == "missed"
    assert beside.width == 0
    assert beside.seen_x is not None


def test_labels_of_the_axis_do_not_overlap() -> None:
    for hours in (0.001, 1, 30, 900, 40000):
        dots = [dot(hours * n / 20) for n in range(21)]
        drawing = draw_timeline([Device(name="d", anchor="a", dots=dots)], {})
        assert drawing is not None
        places = [(tick.x, len(tick.label) * 6) for tick in drawing.ticks if not tick.is_at_end]
        for (x, width), (following, _) in pairwise(places):
            assert x + width <= following


def test_gaps_are_told() -> None:
    dots = [dot(n / 3600) for n in range(5)] + [dot(300 + n / 3600) for n in range(5)]
    drawing = draw_timeline([Device(name="d", anchor="a", dots=dots)], {})
    assert drawing is not None
    assert [gap.label for gap in drawing.gaps] == ["12d"]
