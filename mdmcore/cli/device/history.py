"""``mdmproxy device history``: what was done with a device, and what it answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from mdmcore.cli.device.options import ShowSecrets
from mdmcore.cli.device.state import DeviceId, State, opened
from mdmcore.cli.options import Format, Output, OutputFormat
from mdmcore.cli.output import text_output
from mdmcore.mitm.devices import find_device

if TYPE_CHECKING:
    from mdmcore.cli.device.entries import Entry
    from mdmcore.records import Account
    from mdmcore.store import Database

EXAMPLE = "Example: mdmproxy device history 3F2504E0 --limit 5 --format json"


def history(
    device: DeviceId,
    limit: Annotated[
        int, typer.Option(min=1, max=1000, help="How many jobs, sessions and Statuses.")
    ] = 20,
    state: State = None,
    show_secrets: ShowSecrets = False,
    format: OutputFormat = Format.TEXT,
    output: Output = None,
) -> int:
    """Print the jobs of a device, the newest first, each with every Status and value that came
    back for it, then its sessions. JSON also has all Statuses that the device ever returned.
    """
    from mdmcore.cli.device.entries import job_entry, result_entry
    from mdmcore.inspector.masking import Mask

    mask = Mask(show_secrets=show_secrets)
    with opened(state) as store:
        account = find_device(store, device).account
        found = {
            "account": account.name,
            "device_id": account.device_id,
            "jobs": [
                job_entry(job)
                | {"results": [result_entry(one, mask) for one in store.job_results(job.id)]}
                for job in store.jobs(account, limit)
            ],
            "sessions": _sessions(store, account, limit),
            "statuses": _statuses(store, account, limit),
        }
    with text_output(output) as out:
        if format is Format.JSON:
            out.write(json.dumps(found, indent=2) + "\n")
        else:
            _write_text(out, found)
    return 0


def _sessions(store: Database, account: Account, limit: int) -> list[Entry]:
    from mdmcore.cli.device.entries import time_text

    if account.device_id is None:
        return []
    return [
        {
            "session_id": session.session_id,
            "started": time_text(session.started),
            "updated": time_text(session.updated),
            "is_closed": session.is_closed,
        }
        for session in store.sessions(account.device_id, limit)
    ]


def _statuses(store: Database, account: Account, limit: int) -> list[Entry]:
    from mdmcore.cli.device.entries import time_text
    from mdmcore.codes import code_words

    if account.device_id is None:
        return []
    return [
        {
            "session_id": status.session_id,
            "command": status.command,
            "uri": status.uri,
            "code": status.code,
            "meaning": code_words("syncml", status.code).get("name"),
            "at": time_text(status.at),
        }
        for status in store.command_statuses(account.device_id, limit)
    ]


def _write_text(out: TextIO, found: dict[str, Any]) -> None:
    from mdmcore.cli.device.entries import job_line, minute, result_line
    from mdmcore.report.plain import plain

    if not found["jobs"]:
        out.write("no job was ever queued\n")
    for job in found["jobs"]:
        when = job["ended"] or job["sent"] or job["queued"]
        out.write(f"{job['id']}  {minute(when)}  {plain(job_line(job))}\n")
        if job["values"]:
            given = " ".join(f"{key}={value}" for key, value in job["values"].items())
            out.write(f"  with {plain(given)}\n")
        for result in job["results"]:
            out.write(f"  {plain(result_line(result))}\n")
    out.write(f"sessions: {len(found['sessions']) or 'none kept'}\n")
    for session in found["sessions"]:
        ended = "ended" if session["is_closed"] else "not ended"
        out.write(f"  {plain(session['session_id'])}  {minute(session['started'])}  {ended}\n")
