"""``mdmproxy schedule``: when a device will contact its server, when it gives up, and what then.

Where schedules come from stands in ``schedule_input``; what is reckoned in ``mdmcore.phone``; how
it is written in ``mdmcore.report.schedule``.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mdmcore.cli.captures import given_options
from mdmcore.cli.options import (
    FailOn,
    FailOnFound,
    Format,
    KeyLog,
    MaxEntries,
    MaxEntry,
    MaxRatio,
    MaxTotal,
    Output,
    OutputFormat,
    Password,
    Profile,
    RsaKeys,
)
from mdmcore.cli.output import complain, text_output, wants_colour, width_of
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.capture.options import CaptureOptions
    from mdmcore.cli.schedule_input import Found, MakeCourse
    from mdmcore.phone.timetable import ClockJump, Course
    from mdmcore.report.schedule import Plan

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_MAX_JUMPS = 8
_FROM, _FOR, _JUMP = "--from", "--for", "--clock-jump"


class FirstSession(StrEnum):
    """Whether there is ever a good session."""

    GOOD = "good"
    NEVER = "never"


@app.command(
    epilog="Example: mdmproxy schedule AuxNumRetries=5 AuxRetryInterval=3 NumRetries=8 "
    "RetryInterval=15 Aux2NumRetries=0 Aux2RetryInterval=480 --first-session never",
)
def schedule(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME=NUMBER...] [FILE... | -]",
            help="Values by their names in OmaDmRetry or Poll; documents as lint reads them; "
            "recordings.",
        ),
    ] = None,
    captures: Annotated[
        list[Path] | None,
        typer.Option(
            "--in",
            metavar="CAPTURE",
            help="The documents of the devices in a capture, and when their sessions came.",
        ),
    ] = None,
    password: Password = None,
    max_entry: MaxEntry = None,
    max_total: MaxTotal = None,
    max_entries: MaxEntries = None,
    max_ratio: MaxRatio = None,
    key_log: KeyLog = None,
    rsa_key: RsaKeys = None,
    profile: Annotated[
        Profile, typer.Option(help="Kind of device; auto: what the document tells, else wp8.")
    ] = Profile.AUTO,
    start: Annotated[
        str | None,
        typer.Option(_FROM, metavar="TIME", help="When it enrols, such as 2026-11-26T08:00 (UTC)."),
    ] = None,
    length: Annotated[
        str, typer.Option(_FOR, metavar="DURATION", help="How far to look: 90m, 12h, 14d, 1y.")
    ] = "14d",
    fail: Annotated[
        int, typer.Option(min=0, metavar="N", help="The first N contacts get no session.")
    ] = 0,
    first_session: Annotated[
        FirstSession, typer.Option(help="never: no contact ever gets a session.")
    ] = FirstSession.GOOD,
    clock_jump: Annotated[
        list[str] | None,
        typer.Option(
            _JUMP,
            metavar="[+-]DURATION@TIME",
            help="The device's clock jumps at TIME, or that long after enrolment: +3d@2h.",
        ),
    ] = None,
    format: OutputFormat = Format.TEXT,
    output: Output = None,
    fail_on: FailOnFound = FailOn.ERROR,
) -> int:
    """Print and draw when a device will contact its server, when it gives up, and what the user
    must then do.

    A contact that gets no session is one that gets no answer. Exit code 0: it goes on; 1: it never
    contacts the server, gives up in that time, or a rule on schedules speaks (--fail-on never
    passes over both); 2: an input was not read to its end, or has no provisioning document.
    """
    from mdmcore.report import exit_code

    if fail and first_session is FirstSession.NEVER:
        raise ConfigError("--fail says how many contacts fail, --first-session never all: give one")
    never = first_session is FirstSession.NEVER
    course = _course(start, length, None if never else fail, clock_jump or [])
    options = given_options(
        password=password,
        max_entry=max_entry,
        max_total=max_total,
        max_entries=max_entries,
        max_ratio=max_ratio,
        key_log=key_log,
        rsa_key=rsa_key,
    )
    found = _found(sources or [], captures or [], profile.value, course, options)
    if found.plans:
        _write(found.plans, format, output)
    for problem in found.problems:
        complain(problem)
    findings = [each for plan in found.plans for each in plan.findings]
    code = exit_code(findings, fail_on=fail_on.value, has_errors=bool(found.problems))
    if code == 0 and fail_on is not FailOn.NEVER:
        return int(any(plan.ends for plan in found.plans))
    return code


def _found(
    words: list[str],
    captures: list[Path],
    profile: str,
    course: MakeCourse,
    options: CaptureOptions,
) -> Found:
    from mdmcore.cli.schedule_input import (
        Found,
        from_capture,
        from_file,
        from_values,
        is_recording,
    )
    from mdmcore.cli.schedule_values import is_value

    values = [word for word in words if is_value(word) and not Path(word).exists()]
    files = [word for word in words if word not in values]
    if not words and not captures:
        raise ConfigError("nothing to look at: give values, a document or --in CAPTURE")
    if files.count("-") > 1:
        raise ConfigError("- stands for stdin, which can be read only once")
    each = [from_values(values, profile=profile, course=course)] if values else []
    recordings = [file for file in files if is_recording(Path(file), options)]
    each += [
        from_file(Path(file), sys.stdin.buffer, profile=profile, course=course)
        for file in files
        if file not in recordings
    ]
    given = (*map(Path, recordings), *captures)
    each += [from_capture(path, profile=profile, course=course, options=options) for path in given]
    return Found(
        plans=[plan for found in each for plan in found.plans],
        problems=[problem for found in each for problem in found.problems],
    )


def _course(
    start: str | None, length: str, failing: int | None, clock_jumps: list[str]
) -> MakeCourse:
    """What the options say, for a device that enrolled when ``--from``, or else its document,
    says."""
    from mdmcore.cli.times import parse_length, parse_time
    from mdmcore.phone.life import UNANSWERED
    from mdmcore.phone.timetable import Course

    if len(clock_jumps) > _MAX_JUMPS:
        raise ConfigError(f"{_JUMP}: at most {_MAX_JUMPS} of them")
    given = parse_time(start, option=_FROM) if start is not None else None
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    duration = parse_length(length, option=_FOR)

    def course(enrolled: datetime | None) -> Course:
        begin = given or enrolled or now
        jumps = sorted((_jump(text, begin) for text in clock_jumps), key=lambda each: each.at)
        return Course(
            enrolled=begin,
            until=begin + duration,
            failing=failing,
            busy=UNANSWERED,
            jumps=tuple(jumps),
        )

    course(None)  # so that a bad option is told before a file is read
    return course


def _jump(text: str, enrolled: datetime) -> ClockJump:
    from mdmcore.cli.times import parse_length, parse_time
    from mdmcore.phone.timetable import ClockJump

    by, sign, when = text.partition("@")
    if not sign:
        raise ConfigError(f"{_JUMP} {text!r}: say by how much and when, such as +3d@2h")
    backward = by.startswith("-")
    amount = parse_length(by.lstrip("+-"), option=_JUMP)
    if when[:1].isdigit() and len(when) > 4 and when[4:5] == "-":
        at = parse_time(when, option=_JUMP)
    else:
        at = enrolled + parse_length(when.removeprefix("+"), option=_JUMP)
    if at < enrolled:
        raise ConfigError(f"{_JUMP} {text!r}: that is before the enrolment")
    return ClockJump(at=at, by=-amount if backward else amount)


def _write(plans: list[Plan], format: Format, output: Path | None) -> None:
    from mdmcore.report.schedule import plans_document, write_plans_text

    with text_output(output) as out:
        if format is Format.JSON:
            out.write(json.dumps(plans_document(plans), indent=1) + "\n")
        else:
            write_plans_text(out, plans, width=width_of(out), colour=wants_colour(out))
