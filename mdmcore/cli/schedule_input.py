"""Where ``mdmproxy schedule`` takes schedules from: values, loose files, captures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from mdmcore.capture import open_capture
from mdmcore.capture.options import USUAL_OPTIONS, CaptureOptions
from mdmcore.cli.schedule_values import document_of
from mdmcore.cli.times import is_usual
from mdmcore.errors import CaptureError
from mdmcore.inspector import ArtifactSettings, Inspector
from mdmcore.inspector.artifact.documents import LooseDocument, documents_of
from mdmcore.inspector.artifact.profile import NOTHING_TELLS
from mdmcore.phone.timetable import Course
from mdmcore.report.analysis import Analysis, analyze
from mdmcore.report.schedule import Plan, Sightings, compare, plan_of
from mdmcore.report.schedule.sightings import Sighted
from mdmcore.rules import Finding

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


def is_recording(path: Path, options: CaptureOptions = USUAL_OPTIONS) -> bool:
    """Whether the file is a recording of flows or packets, and no document."""
    try:
        opened = open_capture(path, options=options) if path.stat().st_size > 0 else None
    except (CaptureError, OSError, ValueError):
        return False
    return opened is not None and opened.format in ("flows", "pcap")


def from_capture(
    path: Path,
    *,
    profile: str,
    course: MakeCourse,
    options: CaptureOptions = USUAL_OPTIONS,
) -> Found:
    """The plan of each life that was given a document, from the time at which it was."""
    found = Found()
    try:
        opened = open_capture(path, options=options)
    except CaptureError as error:
        return Found(problems=[str(error)])
    analysis = analyze([opened], inspector=Inspector(profile=profile))
    sightings = Sightings()
    for row in analysis.rows():
        sightings.take(row)
    for capture in analysis.captures:
        found.problems += [
            f"{capture.path}: {error.message} ({error.where})" for error in capture.errors
        ]
    found.plans = list(_lives(analysis, path, sightings, course))
    if not found.plans and not found.problems:
        found.problems.append(f"{path}: no device is given a provisioning document in it")
    return found


def _lives(
    analysis: Analysis, path: Path, sightings: Sightings, course: MakeCourse
) -> Iterator[Plan]:
    for life in analysis.lives:
        part = life.provisioning
        if part is None or part.document is None:
            continue
        sighted = sightings.of(life)
        plan = plan_of(
            part,
            source=f"{path}, {life.id}{f' ({life.email})' if life.email else ''}",
            profile=life.profile,
            profile_reason=_TOLD if life.is_profile_known else NOTHING_TELLS,
            course=course(_begin(sighted.enrolled)),
            findings=[each for each in analysis.findings if each.life == life.id],
        )
        yield _beside_seen(plan, sighted)


def _beside_seen(plan: Plan, sighted: Sighted) -> Plan:
    """The plan with what the capture shows of it, from the time at which the document was handed
    out, whatever ``--from`` says."""
    enrolled, until = sighted.enrolled, sighted.until
    if plan.schedule is None or enrolled is None or until is None or not is_usual(enrolled):
        return plan
    if not is_usual(until):
        return plan
    seen = compare(
        plan.schedule, sighted.sessions, enrolled=enrolled, until=until, notes=sighted.notes
    )
    return replace(plan, seen=seen)


def _begin(enrolled: datetime | None) -> datetime | None:
    if enrolled is None or not is_usual(enrolled):
        return None
    return enrolled.replace(microsecond=0)
