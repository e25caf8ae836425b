"""``mdmproxy device list``: every enrolment that the state knows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TextIO

from mdmcore.cli.device.state import State, opened
from mdmcore.cli.options import Format, Output, OutputFormat
from mdmcore.cli.output import text_output

if TYPE_CHECKING:
    from mdmcore.cli.device.entries import Entry

EXAMPLE = "Example: mdmproxy device list --format json"


def list_devices(
    state: State = None, format: OutputFormat = Format.TEXT, output: Output = None
) -> int:
    """Print every enrolment with its device, certificate and last job, the newest first."""
    from mdmcore.cli.device.entries import device_entry

    with opened(state) as store:
        entries = [device_entry(device) for device in store.devices()]
    with text_output(output) as out:
        if format is Format.JSON:
            out.write(json.dumps({"devices": entries}, indent=2) + "\n")
        else:
            _write_text(out, entries)
    return 0


def _write_text(out: TextIO, entries: list[Entry]) -> None:
    from mdmcore.cli.device.entries import (
        job_line,
        minute,
        status_line,
        write_labelled,
    )
    from mdmcore.report.plain import plain

    if not entries:
        out.write("no device has enrolled\n")
    for entry in entries:
        out.write(f"{plain(str(entry['account']))}  {status_line(entry)}\n")
        kind = " ".join(str(entry[key]) for key in ("profile", "device_type") if entry[key])
        write_labelled(
            out,
            (
                ("device id", entry["device_id"] or "not seen yet"),
                ("user", entry["user"] or "-"),
                ("kind", kind or "-"),
                ("certificate", f"until {minute(entry['certificate_until'])}"),
                ("last session", minute(entry["last_session"])),
                ("job", job_line(entry["job"])),
            ),
        )
