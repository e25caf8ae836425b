"""Where ``mdmproxy schedule`` takes schedules from: values, loose files, captures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from mdmcore.capture import open_capture
from mdmcore.cli.schedule_values import document_of
from mdmcore.cli.times import is_usual
from mdmcore.errors import CaptureError
from mdmcore.inspector import ArtifactSettings, Inspector
from mdmcore.inspector.artifact.documents import LooseDocument, documents_of
from mdmcore.inspector.artifact.profile import NOTHING_TELLS
from mdmcore.phone.timetable import Course
from mdmcore.report.analysis import Analysis, Row, analyze
from mdmcore.report.schedule import Plan, plan_of
from mdmcore.rules import Finding
from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import Life

type MakeCourse = Callable[[datetime | None], Course]
"""The course of a device that enrolled at that time, as the options say it."""

_MAX_BYTES = 16 * 1024 * 1024
_TOLD = "as the capture tells"


@dataclass(slots=True, kw_only=True)
class Found:
    """Plans, and what could not be read or has no schedule, one line each."""

    plans: list[Plan] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def from_values(words: Sequence[str], *, profile: str, course: MakeCourse) -> Found:
    """The plan of values on the command line."""
    data = document_of(words, profile=profile)
    found = from_data(data, name="values", profile=profile, course=course)
    made = {"part": "document", "field": "values"}  # the document around them was made here

    def placed(finding: Finding) -> Finding:
        places = tuple(replace(place, where=made) for place in finding.places)
        return replace(finding, places=places)

    found.plans = [
        replace(plan, findings=tuple(placed(each) for each in plan.findings))
        for plan in found.plans
    ]
    return found


def from_file(path: Path, stdin: BinaryIO, *, profile: str, course: MakeCourse) -> Found:
    """The plans of the documents in a file; ``-`` is stdin."""
    is_stdin = path == Path("-")
    name = "stdin" if is_stdin else str(path)
    try:
        if is_stdin:
            data = stdin.read(_MAX_BYTES + 1)
        else:
            with path.open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        return Found(problems=[f"{name}: {(error.strerror or str(error)).lower()}"])
    if len(data) > _MAX_BYTES:
        return Found(problems=[f"{name}: larger than {_MAX_BYTES} bytes, this is no document"])
    return from_data(data, name=name, profile=profile, course=course)


def from_data(data: bytes, *, name: str, profile: str, course: MakeCourse) -> Found:
    """The plans of the documents in these bytes."""
    way = course(None)
    settings = ArtifactSettings(profile=profile, now=way.enrolled)
    found = Found()
    for each in documents_of(data, name=name, settings=settings):
        plan = _loose(each, way)
        if plan is not None:
            found.plans.append(plan)
        elif each.report.problem is not None:
            problem = each.report.problem
            where = f" ({problem.where})" if problem.where else ""
            found.problems.append(f"{name}: {problem.message}{where}")
    if not found.plans and not found.problems:
        found.problems.append(
            f"{name}: no provisioning document in it; give the answer of the enrolment (RSTRC), "
            "the document, or a recording with --in"
        )
    return found


def _loose(document: LooseDocument, course: Course) -> Plan | None:
    report = document.report
    if document.part is None:
        return None
    number = f", object {report.number}" if report.number is not None else ""
    return plan_of(
        document.part,
        source=f"{report.name}{number}",
        profile=report.profile,
        profile_reason=report.profile_reason,
        course=course,
        findings=report.findings,
    )


def from_capture(path: Path, *, profile: str, course: MakeCourse) -> Found:
    """The plan of each life that was given a document, from the time at which it was."""
    found = Found()
    try:
        opened = open_capture(path)
    except CaptureError as error:
        return Found(problems=[str(error)])
    analysis = analyze([opened], inspector=Inspector(profile=profile))
    enrolled = dict(_enrolments(analysis.rows()))
    for capture in analysis.captures:
        found.problems += [
            f"{capture.path}: {error.message} ({error.where})" for error in capture.errors
        ]
    found.plans = list(_lives(analysis, path, enrolled, course))
    if not found.plans and not found.problems:
        found.problems.append(f"{path}: no device is given a provisioning document in it")
    return found


def _enrolments(rows: Iterator[Row]) -> Iterator[tuple[str, datetime]]:
    """When each life was last answered with a document."""
    for row in rows:
        response, life = row.exchange.response, row.inspection.life
        is_issuing = row.inspection.kind is Kind.RST and response is not None
        if is_issuing and life is not None and row.exchange.started is not None:
            yield life, row.exchange.started


def _lives(
    analysis: Analysis, path: Path, enrolled: dict[str, datetime], course: MakeCourse
) -> Iterator[Plan]:
    for life in analysis.lives:
        part = life.provisioning
        if part is None or part.document is None:
            continue
        yield plan_of(
            part,
            source=f"{path}, {life.id}{f' ({life.email})' if life.email else ''}",
            profile=life.profile,
            profile_reason=_TOLD if life.is_profile_known else NOTHING_TELLS,
            course=course(_time_of(life, enrolled)),
            findings=[each for each in analysis.findings if each.life == life.id],
        )


def _time_of(life: Life, enrolled: dict[str, datetime]) -> datetime | None:
    times = [enrolled[each] for each in (life.id, *life.parts) if each in enrolled]
    latest = max(times, default=None)
    if latest is None or not is_usual(latest):
        return None
    return latest.astimezone(UTC).replace(microsecond=0)
