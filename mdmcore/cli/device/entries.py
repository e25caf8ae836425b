"""Devices, jobs and results as plain JSON, and as lines for people. Never a secret."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

from mdmcore.codes import code_words
from mdmcore.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mdmcore.inspector.masking import Mask
    from mdmcore.records import JobResult, ManagedDevice, QueuedJob

type Entry = dict[str, object]


def device_entry(device: ManagedDevice) -> Entry:
    """What is told of a device."""
    account = device.account
    return {
        "account": account.name,
        "device_id": account.device_id,
        "user": account.username,
        "profile": account.profile or None,
        "device_type": account.device_type or None,
        "status": account.status.value,
        "enrolled": time_text(account.enrolled),
        "unenrolling_since": time_text(account.unenrolling_since),
        "unenrolled": time_text(account.unenrolled),
        "last_session": time_text(account.last_session),
        "certificate_until": time_text(device.not_after),
        "job": None if device.job is None else job_entry(device.job),
    }


def job_entry(job: QueuedJob) -> Entry:
    """What is told of a job."""
    return {
        "id": job.id,
        "recipe": job.recipe,
        "values": dict(job.values),
        "state": job.state.value,
        "attempts": job.attempts,
        "outcome": job.outcome or None,
        "queued": time_text(job.queued),
        "sent": time_text(job.sent),
        "ended": time_text(job.ended),
    }


def result_entry(result: JobResult, mask: Mask) -> Entry:
    """What is told of the answer to one command."""
    from mdmcore.cli.device.values import typed_value

    return {
        "position": result.position,
        "item": result.item,
        "command": result.command,
        "uri": result.uri,
        "code": result.code or None,
        "meaning": code_words("syncml", result.code).get("name"),
        "original_error": result.original_error,
        "value": typed_value(result.uri, result.value, result.format, mask),
        "format": result.format or None,
        "type": result.type or None,
        "at": time_text(result.at),
    }


def time_text(moment: datetime | None) -> str | None:
    """RFC 3339, or ``None``."""
    return None if moment is None else moment.isoformat()


def minute(moment: object) -> str:
    """A time of an entry, to the minute."""
    if not isinstance(moment, str):
        return "-"
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def status_line(entry: Mapping[str, object]) -> str:
    """Where an enrolment stands, and since when."""
    status = str(entry["status"])
    since = entry["unenrolled"] or entry["unenrolling_since"] or entry["enrolled"]
    return status if since is None else f"{status} since {minute(since)}"


def job_line(job: object) -> str:
    """A job in one line."""
    if not isinstance(job, Mapping):
        return "-"
    attempts = job["attempts"]
    times = f", sent {attempts} time{'s' if attempts > 1 else ''}" if attempts else ""
    outcome = f": {job['outcome']}" if job["outcome"] else ""
    return f"{job['recipe']} {job['state']}{times}{outcome}"


def result_line(entry: Mapping[str, object]) -> str:
    """The answer to one command in one line."""
    from mdmcore.cli.device.values import value_text

    words = f"{entry['command']} {entry['uri']}".rstrip()
    if entry["code"]:
        words += f": {entry['code']} {entry['meaning'] or ''}".rstrip()
    if entry["original_error"]:
        words += f", {entry['original_error']}"
    if entry["value"] is not None:
        words += f" = {value_text(entry['value'])}"
    return words


def write_labelled(out: TextIO, rows: Iterable[tuple[str, object]]) -> None:
    """Lines of a label and what is said under it."""
    for label, text in rows:
        out.write(f"  {label:<13} {plain(str(text))}\n")
