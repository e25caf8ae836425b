"""The axis: to scale, with gaps for what is empty."""

from datetime import UTC, datetime, timedelta

from mdmcore.report.html.time_scale import GAP_WIDTH, MAX_GAPS, time_scale

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
S, H = timedelta(seconds=1), timedelta(hours=1)


def test_without_a_time_there_is_no_axis() -> None:
    assert time_scale([], left=0, width=100) is None


def test_one_time_has_a_place() -> None:
    scale = time_scale([START], left=10, width=100)
    assert scale is not None
    assert scale.x(START) == 10
    assert not scale.gaps


def test_a_plain_axis_is_to_scale() -> None:
    scale = time_scale([START + n * S for n in range(11)], left=0, width=1000)
    assert scale is not None
    assert not scale.gaps
    assert scale.x(START + 5 * S) == 500
    assert scale.x(START - H) == 0


def test_long_empty_stretches_are_cut_out() -> None:
    times = [START + base + n * S for base in (0 * H, 8 * H, 100 * H) for n in range(10)]
    scale = time_scale(times, left=0, width=1000)
    assert scale is not None
    assert [gap.length for gap in scale.gaps] == [8 * H - 9 * S, 92 * H - 9 * S]
    assert scale.x(times[-1]) == 1000
    widths = [piece.width for piece in scale.pieces]
    assert max(widths) - min(widths) < 1e-6
    first, second = scale.pieces[:2]
    assert second.x - (first.x + first.width) == GAP_WIDTH
    assert scale.x(START + 4 * H) == scale.gaps[0].x


def test_order_of_places_is_order_of_times() -> None:
    times = sorted(START + (n**5) * S for n in range(60))
    scale = time_scale(times, left=3, width=900)
    assert scale is not None
    assert len(scale.gaps) <= MAX_GAPS
    places = [scale.x(time) for time in times]
    assert places == sorted(places)
    assert places[0] == 3
    assert abs(places[-1] - 903) < 1e-6
