"""How it ends and what the user must do."""

from __future__ import annotations

from datetime import timedelta

from mdmcore.report.schedule.advice import advice_of
from tests.phone.test_schedule_branch import registry
from tests.report.schedule.plans import DAILY, SAMPLE, ZERO, course, plan

NEVER = course(failing=None)


def test_used_up_without_a_session_asks_for_a_refresh() -> None:
    found = advice_of(plan(SAMPLE, way=NEVER))
    assert found.result == "GIVES UP at 2026-11-26 08:15, 2h15m after enrolment"
    assert "no session was good" in found.why
    assert found.user.startswith("press refresh")
    assert found.user.endswith("the long run begins, next at 2026-11-26 16:15")


def test_a_clock_past_the_window_asks_for_a_refresh() -> None:
    jump = (timedelta(minutes=7), timedelta(days=3))
    found = advice_of(plan(SAMPLE, way=course(failing=None, jumps=(jump,))))
    assert "clock is past the time" in found.why
    assert found.user.startswith("press refresh")


def test_without_a_long_run_each_refresh_is_one_session() -> None:
    found = advice_of(plan(registry(10, 15, 0, 0, 0, 0)))
    assert found.result == "GIVES UP at 2026-11-26 06:00, 0 after enrolment"
    assert "there is no long run" in found.why
    assert "each refresh is one session" in found.user
    assert "at enrolment and renewal only" in found.user
    assert "Poll" not in found.user
    newer = advice_of(plan(registry(10, 15, 0, 0, 0, 0), profile="wp81"))
    assert "Add of the Poll node first" in newer.user


def test_a_long_run_that_ends() -> None:
    found = advice_of(plan(registry(10, 15, 0, 0, 3, 480)))
    assert "none goes on for ever" in found.why


def test_a_first_set_of_0_needs_another_enrolment() -> None:
    found = advice_of(plan(registry(0, 15, 8, 60, 0, 480)))
    assert found.result == "NEVER CONTACTS THE SERVER"
    assert "add it again" in found.user


def test_what_cannot_be_configured() -> None:
    found = advice_of(plan(ZERO))
    assert found.result.startswith("CANNOT BE CONFIGURED")
    assert "all six values are 0" in found.why


def test_what_goes_on() -> None:
    found = advice_of(plan(SAMPLE))
    assert found.result == "GOES ON beyond 2026-12-10 06:00"
    assert "next contact 2026-12-10 14:00" in found.why
    trying = advice_of(plan(DAILY, profile="win10", way=NEVER))
    assert trying.result.startswith("GOES ON TRYING")
    later = advice_of(plan(registry(5, 3, 8, 15, 100, 1440)))
    assert "gives up later, at 2027-03-06 06:00" in later.why
