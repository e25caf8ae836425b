"""Which schedule of a document is followed, by which device."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdmcore.inspector.artifact.profile import NOTHING_TELLS
from mdmcore.phone.timetable import EndKind
from tests.phone.test_schedule_branch import MACHINE, poll, registry
from tests.report.schedule.plans import DAILY, SAMPLE, ZERO, course, plan, untold


def sets(*branches: str, profile: str) -> list[tuple[int, int]]:
    found = plan(*branches, profile=profile).schedule
    assert found is not None
    return [(each.count, each.interval) for each in found.sets]


@pytest.mark.parametrize(
    ("profile", "expected", "origin"),
    [
        ("wp8", [(5, 3), (8, 15), (0, 480)], "OmaDmRetry"),
        ("wp81", [(8, 15), (5, 60), (0, 1440)], "Poll"),
        ("win81", [(10, 15), (0, 0), (0, 0)], "the defaults of a win81"),
        ("win10", [(8, 15), (5, 60), (0, 1440)], "Poll"),
    ],
)
def test_each_device_follows_what_it_reads(
    profile: str, expected: list[tuple[int, int]], origin: str
) -> None:
    assert sets(SAMPLE, DAILY, profile=profile) == expected
    assert origin in plan(SAMPLE, DAILY, profile=profile).origin


def test_what_a_device_does_not_read_is_said() -> None:
    assert plan(DAILY).notes == ("DMClient Poll is there, but a wp8 does not read it",)
    assert plan(SAMPLE, profile="win10").notes == (
        "OmaDmRetry is there, but a win10 does not read it",
    )
    assert plan(registry(5, 3, 8, 15, 0, 480, key=MACHINE), profile="win81").notes == ()


def test_of_an_unknown_device_the_oldest_that_reads_it_is_taken() -> None:
    assert untold(SAMPLE).profile == "wp8"
    found = untold(DAILY)
    assert found.profile == "wp81"
    assert "the oldest that reads DMClient Poll" in found.profile_reason
    nothing = untold()
    assert (nothing.profile, nothing.profile_reason) == ("wp8", NOTHING_TELLS)


def test_poll_of_another_provider_is_named() -> None:
    account = (
        '<characteristic type="APPLICATION"><parm name="APPID" value="w7"/>'
        '<parm name="PROVIDER-ID" value="ExampleMDM"/></characteristic>'
    )
    found = plan(account, poll(1, 1, 1, 1, 0, 1440, provider="Other"), profile="win10")
    assert found.notes == ("Poll stands below provider Other, the account's is ExampleMDM",)
    assert "defaults" in found.origin


def test_a_document_that_is_not_well_formed_is_read_and_said_to_be_refused() -> None:
    found = plan(SAMPLE, "<characteristic>")
    assert "not well-formed" in found.notes[0]
    assert found.timetable.count == 43


def test_what_cannot_be_configured_has_no_contact() -> None:
    found = plan(ZERO)
    assert found.schedule is None
    assert "all six values are 0" in found.refusal
    assert found.ends
    assert found.timetable.end.kind is EndKind.NEVER_BEGINS


def test_an_end_that_comes_later_is_found() -> None:
    finite = plan(registry(5, 3, 8, 15, 100, 1440))
    assert not finite.ends
    assert finite.later is not None
    assert finite.later.at - finite.course.enrolled == timedelta(days=100)
    assert plan(SAMPLE).later is None
    shortly = plan(SAMPLE, way=course(length=timedelta(hours=1), failing=None))
    assert shortly.later is not None
