"""Schedules from values, loose files and captures."""

from __future__ import annotations

import base64
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mdmcore.cli.schedule_input import (
    Found,
    from_capture,
    from_file,
    from_values,
    is_recording,
)
from mdmcore.phone.timetable import Course
from tests.report.material import capture_of, dm_flow, exchange_flow
from tests.support.artifacts import aetx, rst, rstrc
from tests.support.requirements import shared_file
from tests.support.story import document

NOW = datetime(2026, 11, 26, 6, 0, tzinfo=UTC)


def way(enrolled: datetime | None) -> Course:
    begin = enrolled or NOW
    return Course(enrolled=begin, until=begin + timedelta(days=1))


def sets(found: Found) -> list[list[tuple[int, int]]]:
    return [
        [(each.count, each.interval) for each in plan.schedule.sets]
        for plan in found.plans
        if plan.schedule is not None
    ]


STORY = [(10, 15), (8, 60), (0, 480)]
"""What the document of the tests' enrolment says."""


def test_values() -> None:
    words = ["AuxNumRetries=5", "AuxRetryInterval=3", "Aux2RetryInterval=10"]
    found = from_values(words, profile="auto", course=way)
    assert sets(found) == [[(5, 3), (0, 0), (0, 10)]]
    (plan,) = found.plans
    assert plan.profile == "wp8"
    (finding,) = plan.findings
    assert finding.rule == "omadmretry-too-fast"
    assert [dict(place.where) for place in finding.places] == [
        {"part": "document", "field": "values"}
    ]


@pytest.mark.parametrize(
    "data",
    [document(), base64.b64encode(document()), rstrc()],
    ids=["document", "base64", "rstrc"],
)
def test_files_and_stdin(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "answer"
    path.write_bytes(data)
    by_path = from_file(path, io.BytesIO(), profile="auto", course=way)
    by_stdin = from_file(Path("-"), io.BytesIO(data), profile="auto", course=way)
    assert sets(by_path) == sets(by_stdin) == [STORY]
    assert (by_path.plans[0].source, by_stdin.plans[0].source) == (str(path), "stdin")
    assert by_path.problems == by_stdin.problems == []


@pytest.mark.parametrize("data", [b"", b"hello", rst(), aetx()])
def test_a_file_without_a_document_is_a_problem(data: bytes) -> None:
    found = from_file(Path("-"), io.BytesIO(data), profile="auto", course=way)
    assert found.plans == []
    (problem,) = found.problems
    assert problem.startswith("stdin: ")


def test_a_file_that_is_not_there_or_too_large(tmp_path: Path) -> None:
    found = from_file(tmp_path / "none", io.BytesIO(), profile="auto", course=way)
    assert found.problems == [f"{tmp_path / 'none'}: no such file or directory"]
    large = from_file(
        Path("-"), io.BytesIO(b" " * (16 * 1024 * 1024 + 1)), profile="auto", course=way
    )
    assert "larger than" in large.problems[0]


def test_a_device_of_a_capture_enrolled_when_it_was_answered(tmp_path: Path) -> None:
    path = tmp_path / "session.mitm"
    soap = "application/soap+xml"
    enrolling = exchange_flow("/Enrollment.svc", body=rst(), answer=rstrc(), content_type=soap)
    capture_of(path, enrolling)
    found = from_capture(path, profile="auto", course=way)
    assert sets(found) == [STORY]
    (plan,) = found.plans
    assert plan.course.enrolled == datetime(2000, 1, 1, tzinfo=UTC)
    assert plan.source.startswith(f"{path}, life-1")
    assert (plan.profile, plan.profile_reason) == ("wp8", "as the capture tells")
    assert plan.seen is not None
    assert (plan.seen.enrolled, plan.seen.until) == (plan.course.enrolled, plan.course.enrolled)


def test_a_recording_is_told_from_a_document(tmp_path: Path) -> None:
    recording, answer, nothing = (tmp_path / name for name in ("a.mitm", "b.mitm", "c.mitm"))
    capture_of(recording, dm_flow())
    answer.write_bytes(rstrc())
    nothing.write_bytes(b"")
    told = {each.name: is_recording(each) for each in (recording, answer, nothing)}
    assert told == {"a.mitm": True, "b.mitm": False, "c.mitm": False}
    assert not is_recording(tmp_path / "none")
    assert not is_recording(Path("-"))


def test_a_capture_without_an_enrolment_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "session.mitm"
    capture_of(path, dm_flow())
    found = from_capture(path, profile="auto", course=way)
    assert (found.plans, len(found.problems)) == ([], 1)
    assert "no device is given a provisioning document" in found.problems[0]
    assert from_capture(tmp_path / "none", profile="auto", course=way).problems


def test_the_captured_enrolment_of_windows_10() -> None:
    """It has one of the six values, NumberOfFirstRetries 8; the rest are defaults."""
    path = shared_file("captures", "win10-enrollment-log.md")
    found = from_capture(path, profile="auto", course=way)
    assert found.problems == []
    assert [plan.profile for plan in found.plans] == ["win10"] * len(found.plans)
    assert sets(found)[0] == [(8, 15), (0, 0), (0, 0)]
    assert found.plans[0].schedule is not None
    assert found.plans[0].schedule.own is not None
    assert [plan.seen for plan in found.plans] == [None] * len(found.plans)  # the log has no times
