"""Plans of written documents, for the tests of this folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mdmcore.inspector.artifact.profile import NOTHING_TELLS
from mdmcore.inspector.provisioning_part import read_provisioning
from mdmcore.phone.timetable import ClockJump, Course
from mdmcore.report.schedule import Plan, plan_of
from tests.phone.test_schedule_branch import poll, registry

ENROLLED = datetime(2026, 11, 26, 6, 0, tzinfo=UTC)
SAMPLE = registry(5, 3, 8, 15, 0, 480)
"""[WP81PROV]: 15 x 8, 3 x 5 (Aux), 480 x 0 (Aux2)."""
DAILY = poll(8, 15, 5, 60, 0, 1440)
ZERO = registry(0, 0, 0, 0, 0, 0)


def course(
    *,
    length: timedelta = timedelta(days=14),
    failing: int | None = 0,
    jumps: tuple[tuple[timedelta, timedelta], ...] = (),
    busy: timedelta = timedelta(0),
) -> Course:
    """A course from ``ENROLLED``; jumps are given as (after enrolment, by)."""
    return Course(
        enrolled=ENROLLED,
        until=ENROLLED + length,
        failing=failing,
        busy=busy,
        jumps=tuple(ClockJump(at=ENROLLED + after, by=by) for after, by in jumps),
    )


def plan(
    *branches: str,
    profile: str = "wp8",
    reason: str = "as asked for",
    way: Course | None = None,
) -> Plan:
    """The plan of a document with these branches."""
    text = f'<wap-provisioningdoc version="1.1">{"".join(branches)}</wap-provisioningdoc>'
    return plan_of(
        read_provisioning(text.encode()),
        source="a document",
        profile=profile,
        profile_reason=reason,
        course=way or course(),
    )


def untold(*branches: str) -> Plan:
    """The same where nothing tells the kind of device."""
    return plan(*branches, reason=NOTHING_TELLS)
