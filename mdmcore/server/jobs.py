"""What becomes of a queued job, step by step: pure functions from one state of a job to the next.

QUEUED -> SENT -> DONE | FAILED | RUNNING -> DONE | FAILED, and back to QUEUED when a session is
lost. The session engine calls them as messages come and go, and stores what they return. How a
device leaves stands in ``unenrollment``, what asynchronous work says of itself in ``watching``.

A command fails with a Status of 400 or more, or of 214 to 216 (not executed, or taken back). Two
are let pass: 418 for the Add of an interior node, which only says that the parent is there already,
and 404 for some of the nodes of a recipe that only reads, as long as it reads one: no device has
them all. A person's own commands are each meant as they stand.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mdmcore.errors import MdmError, ServerFault
from mdmcore.records import JobResult, QueuedJob, QueueState
from mdmcore.server.planning import SEND
from mdmcore.server.unenrollment import UNENROLL, UNENROLL_URI, is_unenroll_uri
from mdmcore.server.watching import code_text, progress, read_nodes, started_work
from mdmcore.syncml.fragment import parse_commands, without_ids
from mdmcore.syncml.model import (
    CONTAINER_NAMES,
    AnyCommand,
    Command,
    Item,
    Meta,
    walk_commands,
)

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
"""A job whose sessions end without its Statuses so often is given up."""

LONGEST_RUN = timedelta(days=7)
"""So long a device keeps the Status of a download (session.md 7, EAM): later nothing can be seen
any more."""

NO_ANSWER = "no answer"
"""The outcome of a job whose session ended without its Statuses."""

_NOT_EXECUTED = {"214", "215", "216"}
_REMEDIES = {
    ("Add", "418"): "use Replace",
    ("Replace", "404"): "use Add",
}
_SECONDARY = {"215", "216", "516"}
"""What the other commands of a failed Atomic get: never the cause."""


def commands_of(job: QueuedJob, *, provider_id: str) -> tuple[AnyCommand, ...]:
    """What goes out for the job now, without CmdIDs.

    The Gets of its watched nodes if it is running, else its own commands. Empty for a job whose
    text cannot be read any more: ``answered`` then says so. ``provider_id`` is the Data of the
    Exec in a job to unenrol that was queued before jobs had commands.
    """
    if job.state is QueueState.RUNNING:
        return tuple(
            Command(name="Get", cmd_id="", items=(Item(target=uri),))
            for uri in read_nodes(job.watched)
        )
    if not job.commands and job.recipe == UNENROLL:
        return (unenroll_command(provider_id),)
    return _own_commands(job)


def unenroll_command(provider_id: str) -> Command:
    """The Exec that lets a device leave."""
    item = Item(target=UNENROLL_URI, meta=Meta(format="chr"), data=provider_id)
    return Command(name="Exec", cmd_id="", items=(item,))


def first_position(job: QueuedJob) -> int:
    """The position of the first of ``commands_of(job)`` among the job's results.

    The Gets of a running job stand behind its own commands, so that neither hides the other.
    """
    if job.state is not QueueState.RUNNING:
        return 0
    return sum(1 for _ in walk_commands(_own_commands(job)))


def unenrolls(job: QueuedJob) -> bool:
    """Whether the job lets the device leave: no Status comes for that (``unenrollment``)."""
    if job.recipe == UNENROLL:
        return True
    return any(
        is_unenroll_uri(item.target or "")
        for command in walk_commands(_own_commands(job))
        if isinstance(command, Command) and command.name == "Exec"
        for item in command.items
    )


def sent(job: QueuedJob, *, session_id: str, now: datetime) -> QueuedJob:
    """The commands of a queued job go out with this answer; any other job stays as it is."""
    if job.state is not QueueState.QUEUED:
        return job
    return replace(
        job,
        state=QueueState.SENT,
        attempts=job.attempts + 1,
        session_id=session_id,
        sent=now,
        outcome="",
    )


def answered(
    job: QueuedJob, results: Sequence[JobResult], *, now: datetime, profile: str
) -> QueuedJob:
    """Every command that went out has its Status: the job is done, has failed, or runs on.

    ``results`` are those of the job's own commands, or of the Gets of a running job (others of
    the same job may stand among them). ``profile`` is the device's.
    """
    if job.state is QueueState.RUNNING:
        return _polled(job, results, now)
    commands = tuple(walk_commands(commands_of(job, provider_id="")))
    if not commands:
        return _ended(job, QueueState.FAILED, "nothing that can be sent", now)
    coded = {result.position for result in results if result.code}
    failed = [
        result
        for result in results
        if (result.code or result.position not in coded) and _is_failure(result, commands)
    ]
    if failed:
        is_good = job.recipe != SEND and _only_reads(commands) and _reads_what_is_there(results)
        state = QueueState.DONE if is_good else QueueState.FAILED
        return _ended(job, state, _failure_words(failed), now)
    watched = started_work(results, profile)
    if watched:
        words = f"started, {', '.join(node.uri for node in watched)} tells how it goes on"
        return replace(job, state=QueueState.RUNNING, watched=watched, outcome=words)
    later = any(result.code == "202" for result in results)
    words = "accepted, the device goes on by itself" if later else ""
    return _ended(job, QueueState.DONE, words, now)


def lost(job: QueuedJob, *, now: datetime) -> QueuedJob:
    """The session of the job ended, or timed out, before every command had its Status.

    It goes out again in the next session, ``MAX_ATTEMPTS`` times in all. A running job is read
    again in the next session, until ``LONGEST_RUN`` is over.
    """
    match job.state:
        case QueueState.SENT if job.attempts >= MAX_ATTEMPTS:
            return _ended(job, QueueState.FAILED, NO_ANSWER, now)
        case QueueState.SENT:
            return replace(job, state=QueueState.QUEUED, outcome=NO_ANSWER)
        case QueueState.RUNNING:
            return _bounded(job, now)
        case _:
            return job


def _polled(job: QueuedJob, results: Sequence[JobResult], now: datetime) -> QueuedJob:
    first = first_position(job)
    polls = [result for result in results if result.position >= first] or results
    seen = progress(job.watched, polls)
    if seen.state is QueueState.RUNNING:
        return _bounded(replace(job, outcome=seen.words), now)
    return _ended(job, seen.state, seen.words, now)


def _bounded(job: QueuedJob, now: datetime) -> QueuedJob:
    since = job.sent or job.queued
    if now - since <= LONGEST_RUN:
        return job
    words = f"no end seen within {LONGEST_RUN.days} days"
    return _ended(job, QueueState.FAILED, f"{words}: {job.outcome}" if job.outcome else words, now)


def _ended(job: QueuedJob, state: QueueState, outcome: str, now: datetime) -> QueuedJob:
    return replace(job, state=state, outcome=outcome, ended=now)


def _is_failure(result: JobResult, commands: Sequence[AnyCommand]) -> bool:
    code = result.code
    if code in _NOT_EXECUTED or not (code.isascii() and code.isdecimal() and len(code) == 3):
        return True
    if code == "418" and result.position < len(commands):
        return not _adds_interior(commands[result.position])
    return code >= "400"


def _only_reads(commands: Sequence[AnyCommand]) -> bool:
    return all(isinstance(command, Command) and command.name == "Get" for command in commands)


def _reads_what_is_there(results: Sequence[JobResult]) -> bool:
    codes = {result.code for result in results if result.code}
    return "200" in codes and codes <= {"200", "404"}


def _adds_interior(command: AnyCommand) -> bool:
    if not isinstance(command, Command) or command.name != "Add":
        return False
    formats = {
        (item.meta.format if item.meta is not None else None)
        or (command.meta.format if command.meta is not None else None)
        for item in command.items
    }
    return formats == {"node"}


def _failure_words(failed: Sequence[JobResult]) -> str:
    """The cause first: a command inside a failed Atomic goes before the Atomic itself."""
    causes = [
        result
        for result in failed
        if result.command not in CONTAINER_NAMES and result.code not in _SECONDARY
    ]
    first = (causes or failed)[0]
    words = f"{first.command} {first.uri}".rstrip() + f": {code_text(first)}"
    remedy = _REMEDIES.get((first.command, first.code))
    if remedy is not None:
        words += f", {remedy}"
    return words if len(causes) < 2 else f"{words} (and {len(causes) - 1} more)"


def _own_commands(job: QueuedJob) -> tuple[AnyCommand, ...]:
    try:
        commands = parse_commands(job.commands, fault=ServerFault)
    except MdmError as error:
        logger.warning("job %d (%s) cannot be read: %s", job.id, job.recipe, error)
        return ()
    return without_ids(commands)
