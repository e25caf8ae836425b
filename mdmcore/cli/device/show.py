"""``mdmproxy device show``: all that is known of one device."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

from mdmcore.cli.device.options import ShowSecrets
from mdmcore.cli.device.state import DeviceId, State, opened
from mdmcore.cli.options import Format, Output, OutputFormat
from mdmcore.cli.output import text_output
from mdmcore.mitm.devices import find_device

if TYPE_CHECKING:
    from mdmcore.cli.device.entries import Entry
    from mdmcore.inspector.masking import Mask
    from mdmcore.records import IssuedCertificate, ManagedDevice, SessionState
    from mdmcore.store import Database

EXAMPLE = "Example: mdmproxy device show 3F2504E0 --format json"

_MAX_JOBS = 200


def show(
    device: DeviceId,
    state: State = None,
    show_secrets: ShowSecrets = False,
    format: OutputFormat = Format.TEXT,
    output: Output = None,
) -> int:
    """Print who a device is, its certificate, its last session, the values it reported, and the
    jobs that wait for it. Numbers, truth values, bytes and children are shown as what they are.
    """
    from mdmcore.inspector.masking import Mask

    with opened(state) as store:
        found = _everything(store, find_device(store, device), Mask(show_secrets=show_secrets))
    with text_output(output) as out:
        if format is Format.JSON:
            out.write(json.dumps(found, indent=2) + "\n")
        else:
            _write_text(out, found)
    return 0


def _everything(store: Database, device: ManagedDevice, mask: Mask) -> dict[str, Any]:
    from mdmcore.cli.device.entries import device_entry, job_entry
    from mdmcore.records import QueueState

    account = device.account
    serial = account.certificate_serial
    certificate = None if serial is None else store.certificate(serial)
    device_id = account.device_id
    sessions = () if device_id is None else store.sessions(device_id, 1)
    waiting = [
        job
        for job in reversed(store.jobs(account, _MAX_JOBS))
        if job.state in {QueueState.QUEUED, QueueState.SENT, QueueState.RUNNING}
    ]
    return device_entry(device) | {
        "hardware_id": account.hardware_id or None,
        "reported_device_id": account.reported_device_id or None,
        "ent_dmid": account.ent_dmid or None,
        "auth_policy": account.auth_policy or None,
        "certificate": None if certificate is None else _certificate(certificate),
        "session": _session(sessions[0]) if sessions else None,
        "values": [] if device_id is None else _values(store, device_id, mask),
        "waiting": [job_entry(job) for job in waiting],
    }


def _certificate(certificate: IssuedCertificate) -> Entry:
    from mdmcore.cli.device.entries import time_text

    return {
        "subject_cn": certificate.subject_cn,
        "serial": f"{certificate.serial:X}",
        "thumbprint": certificate.thumbprint,
        "issued": time_text(certificate.issued),
        "until": time_text(certificate.not_after),
        "revoked": time_text(certificate.revoked),
    }


def _session(session: SessionState) -> Entry:
    from mdmcore.cli.device.entries import time_text

    return {
        "session_id": session.session_id,
        "started": time_text(session.started),
        "updated": time_text(session.updated),
        "is_closed": session.is_closed,
        "is_device_authenticated": session.is_client_authenticated,
        "is_server_authenticated": session.is_server_authenticated,
    }


def _values(store: Database, device_id: str, mask: Mask) -> list[Entry]:
    from mdmcore.cli.device.entries import time_text
    from mdmcore.cli.device.values import typed_value

    return [
        {
            "uri": value.uri,
            "value": typed_value(value.uri, value.value, value.format, mask),
            "format": value.format or None,
            "type": value.type or None,
            "read": time_text(value.read),
        }
        for value in store.inventory_values(device_id)
    ]


def _write_text(out: TextIO, found: dict[str, Any]) -> None:
    from mdmcore.cli.device.entries import job_line, minute, status_line, write_labelled
    from mdmcore.cli.device.values import value_text
    from mdmcore.report.plain import plain

    out.write(f"{plain(found['account'])}  {status_line(found)}\n")
    kind = " ".join(found[key] for key in ("profile", "device_type") if found[key])
    certificate, session = found["certificate"], found["session"]
    write_labelled(
        out,
        (
            ("device id", found["device_id"] or "not seen yet"),
            ("hardware id", found["hardware_id"] or "-"),
            ("user", found["user"] or "-"),
            ("kind", kind or "-"),
            ("EntDMID", found["ent_dmid"] or "-"),
            ("certificate", _certificate_line(certificate) if certificate else "-"),
            ("session", _session_line(session) if session else "-"),
        ),
    )
    out.write(f"values: {len(found['values']) or 'none yet'}\n")
    for value in found["values"]:
        text = plain(value_text(value["value"]))
        out.write(f"  {plain(value['uri'])} = {text}  ({minute(value['read'])})\n")
    out.write(f"waiting jobs: {len(found['waiting']) or 'none'}\n")
    for job in found["waiting"]:
        out.write(f"  {job['id']}: {plain(job_line(job))}\n")


def _certificate_line(certificate: dict[str, Any]) -> str:
    from mdmcore.cli.device.entries import minute

    until = f"until {minute(certificate['until'])}"
    words = f"{certificate['subject_cn']}, {until}, thumbprint {certificate['thumbprint']}"
    revoked = certificate["revoked"]
    return f"{words}, revoked {minute(revoked)}" if revoked else words


def _session_line(session: dict[str, Any]) -> str:
    from mdmcore.cli.device.entries import minute

    ended = "ended" if session["is_closed"] else "not ended"
    proven = "" if session["is_device_authenticated"] else ", the device was not authenticated"
    return f"{session['session_id']} at {minute(session['started'])}, {ended}{proven}"
