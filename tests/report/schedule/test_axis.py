"""The drawing, looked at by eye once and kept as it was seen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdmcore.report.schedule.axis import draw, legend
from mdmcore.report.schedule.plan import Plan
from tests.phone.test_schedule_branch import poll, registry
from tests.report.schedule.plans import DAILY, SAMPLE, ZERO, course, plan

BUSY = timedelta(seconds=112)


def drawn(found: Plan, *, width: int = 80) -> list[str]:
    return [
        line.rstrip() for panel in draw(found, width=width) for line in (panel.title, *panel.lines)
    ]


NEVER = r"""
the first sets: 2h34m from enrolment on, one column is 3m
enrolment     x         .         .         .         .         .
first set     .xxxxx    .         .         .         .         .
second set    .         x    x    x    x    x    x    x    x    .
long run      .         .         .         .         .         .
silence       .         .         .         .         .    !~~~~~~
              +---------+---------+---------+---------+---------+-
              0         30m       1h        1h30m     2h        2h30m
all of it: 14d from enrolment on, one column is 6h
enrolment     x       .       .       .       .       .       .       .
first set     X       .       .       .       .       .       .       .
second set    X       .       .       .       .       .       .       .
long run      .       .       .       .       .       .       .       .
silence       !~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
              +-------+-------+-------+-------+-------+-------+-------+
              0       2d      4d      6d      8d      10d     12d     14d
"""

JUMP = r"""
the first sets: 9m from enrolment on, one column is 10s
enrolment     x           .           .           .           .
first set     .           .     x     .           x           .
second set    .           .           .           .           .
long run      .           .           .           .           .
clock         .           .           .           .     J     .
silence       .           .           .           .          !~~~~~~~
              +-----------+-----------+-----------+-----------+------
              0           2m          4m          6m          8m
"""

GOOD = r"""
all contacts: 14d from enrolment on, one column is 6h
enrolment     o       .       .       .       .       .       .       .
first set     .       .       .       .       .       .       .       .
second set    .       .       .       .       .       .       .       .
long run      .oo ooo ooo ooo ooo ooo ooo ooo ooo ooo ooo ooo ooo ooo o
              +-------+-------+-------+-------+-------+-------+-------+
              0       2d      4d      6d      8d      10d     12d     14d
"""


def test_a_device_that_gives_up() -> None:
    found = plan(SAMPLE, way=course(failing=None, busy=BUSY))
    assert drawn(found) == NEVER.strip().splitlines()


def test_a_clock_that_jumps_past_the_window() -> None:
    jump = (timedelta(minutes=7), timedelta(days=3))
    found = plan(SAMPLE, way=course(failing=None, busy=BUSY, jumps=(jump,)))
    assert drawn(found)[:9] == JUMP.strip().splitlines()


def test_one_scale_is_enough_when_the_first_session_is_good() -> None:
    assert drawn(plan(SAMPLE)) == GOOD.strip().splitlines()


def test_the_legend_names_the_marks_that_were_used() -> None:
    panels = draw(plan(SAMPLE, way=course(failing=3)), width=80)
    assert legend(panels) == ("o session, x contact without session, * several of both")


@pytest.mark.parametrize("width", [40, 60, 80, 81, 120, 300])
@pytest.mark.parametrize(
    "length",
    [timedelta(0), timedelta(minutes=1), timedelta(hours=3), timedelta(days=365 * 100)],
    ids=str,
)
@pytest.mark.parametrize("branch", [SAMPLE, DAILY, ZERO, poll(0, 1, 0, 0, 0, 0)])
def test_it_keeps_to_the_width_whatever_is_drawn(
    width: int, length: timedelta, branch: str
) -> None:
    found = plan(branch, profile="wp81", way=course(length=length, failing=2))
    lines = drawn(found, width=width)
    assert max(map(len, lines[1:])) <= max(width - 2, 58)
    assert all(line.isascii() for line in lines)


def test_each_contact_is_in_a_column_of_its_time() -> None:
    """Counted by hand: 4 contacts in the first 12 minutes, one every 3 minutes."""
    found = plan(registry(5, 3, 8, 15, 0, 480), way=course(length=timedelta(minutes=12), failing=9))
    lines = drawn(found)
    assert lines[0] == "all contacts: 12m from enrolment on, one column is 15s"
    first = next(line for line in lines if line.startswith("first set"))
    assert [at - 14 for at, mark in enumerate(first) if mark == "x"] == [12, 24, 36, 48]
