"""The report for people."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.profiles import PROFILES
from mdmcore.report.schedule import Plan, write_plans_text
from tests.phone.test_schedule_branch import poll, registry
from tests.report.schedule.plans import DAILY, SAMPLE, ZERO, course, plan


def text(*plans: Plan, width: int = 80, colour: bool = False) -> str:
    out = io.StringIO()
    write_plans_text(out, plans, width=width, colour=colour)
    return out.getvalue()


def words(*plans: Plan) -> str:
    return " ".join(text(*plans).split())


def test_contacts_stand_in_one_table() -> None:
    found = text(plan(SAMPLE, way=course(failing=7)))
    rows = [line.split("  ") for line in found.splitlines()]
    table = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    head = ["contact", "set and retry", "after enrolment", "first at (UTC)", "every", "session"]
    start = table.index(head)
    assert table[start + 1 : start + 6] == [
        ["1", "enrolment", "0", "2026-11-26 06:00", "-", "none"],
        ["2-6", "first set 1-5", "3m - 15m", "2026-11-26 06:03", "3m", "none"],
        ["7", "second set 1", "30m", "2026-11-26 06:30", "-", "none"],
        ["8", "second set 2", "45m", "2026-11-26 06:45", "-", "good"],
        ["9-49", "long run 1-41", "8h45m - 13d16h45m", "2026-11-26 14:45", "8h", "good"],
    ]


def test_the_window_and_the_course_are_said() -> None:
    jump = (timedelta(minutes=7), -timedelta(hours=5))
    said = words(plan(SAMPLE, way=course(failing=2, jumps=(jump,), busy=timedelta(seconds=112))))
    assert "a session must be good by 2026-11-26 08:15 on the device's clock (2h15m)" in said
    assert "the first 2 of its contacts; without an answer it tries for 1m52s each time" in said
    assert "put back by 5h at 2026-11-26 06:07 (after 7m)" in said
    assert "window:" not in words(plan(DAILY, profile="win10"))


def test_sets_are_named_as_in_their_document() -> None:
    assert "first set (AuxNumRetries, AuxRetryInterval): 5 times every 3 min" in words(plan(SAMPLE))
    said = words(plan(poll(8, 15, 5, 0, 3, 60), profile="win10"))
    assert (
        "second set (NumberOfSecondRetries, IntervalForSecondSetOfRetries): off (5 x 0 min" in said
    )
    assert "client's own, since no set is endless: for ever every 1440 min" in said
    zero = words(plan(registry(0, 15, 8, 60, 0, 480)))
    assert "(AuxNumRetries, AuxRetryInterval): 0 x 15 min: the device never begins" in zero


@pytest.mark.parametrize("branch", [SAMPLE, DAILY, ZERO, registry(0, 15, 8, 60, 0, 480)])
@pytest.mark.parametrize("failing", [0, 3, None])
def test_80_columns_are_enough(branch: str, failing: int | None) -> None:
    found = text(plan(branch, profile="wp81", way=course(failing=failing)))
    assert max(map(len, found.splitlines())) <= 80
    assert found.isascii()


def test_colour_only_when_asked() -> None:
    found = plan(SAMPLE, way=course(failing=None))
    assert "\x1b[31;1mGIVES UP" in text(found, colour=True)
    assert "\x1b" not in text(found)


@given(
    values=st.lists(st.one_of(st.none(), st.integers(0, 10**10)), min_size=6, max_size=6),
    failing=st.one_of(st.none(), st.integers(0, 50)),
    profile=st.sampled_from(list(PROFILES)),
    days=st.integers(0, 36500),
)
def test_whatever_a_document_says_it_is_drawn(
    values: list[int | None], failing: int | None, profile: str, days: int
) -> None:
    branches = registry(*values), poll(*values)
    way = course(failing=failing, length=timedelta(days=days), busy=timedelta(seconds=112))
    found = text(plan(*branches, profile=profile, way=way))
    assert max(map(len, found.splitlines())) <= 80
