"""``mdmproxy device``: the devices that an emulated server manages, and jobs for them.

Both work on the state folder. A running proxy sees a job at the device's next message.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from mdmcore.cli.options import Format, Output, OutputFormat
from mdmcore.cli.output import text_output
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mdmcore.records import ManagedDevice, QueuedJob
    from mdmcore.store import Database

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help="List the devices of an emulated server, and queue jobs for them.",
    epilog="Example: mdmproxy device queue 3F2504E0 unenroll",
)

_RECIPES = {"unenroll": "let the device leave: Exec of DMClient/Unenroll in its next session"}
_MIN_PREFIX = 3

State = Annotated[Path | None, typer.Option(help="Folder of the state; default: your data folder.")]


@app.command("list", epilog="Example: mdmproxy device list --format json")
def list_devices(
    state: State = None, format: OutputFormat = Format.TEXT, output: Output = None
) -> int:
    """Print every enrolment with its device, certificate and last job, the newest first."""
    with _Opened(state) as store:
        entries = [_entry(device) for device in store.devices()]
    with text_output(output) as out:
        if format is Format.JSON:
            out.write(json.dumps({"devices": entries}, indent=2) + "\n")
        else:
            _write_text(out, entries)
    return 0


@app.command(epilog="Example: mdmproxy device queue 3F2504E0 unenroll")
def queue(
    device: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="Account name or device id as listed, or how one of them begins."
        ),
    ],
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help=f"The job: {', '.join(_RECIPES)}.")
    ],
    values: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Values of the recipe.")
    ] = None,
    state: State = None,
) -> int:
    """Queue a job for a device: it goes out in the next session.

    unenroll: the device is told to leave management. Most answer nothing; a device that comes back
    as before is told once more.
    """
    if recipe not in _RECIPES:
        raise ConfigError(f"no recipe {recipe!r}; there is: {', '.join(_RECIPES)}")
    if values:
        raise ConfigError(f"{recipe} takes no values, {values[0]!r} was given")
    with _Opened(state) as store:
        account = _find(store, device).account
        store.queue_job(account, recipe, datetime.now(UTC))
    typer.echo(f"{recipe} is queued for {_plain(account.device_id or account.name)}")
    return 0


@dataclass(slots=True)
class _Opened:
    """The database of a state folder that exists."""

    folder: Path | None
    _database: Database | None = None

    def __enter__(self) -> Database:
        # Imported here: they cost time that --help should not pay.
        from mdmcore.mitm.state import DATABASE_NAME, default_state_folder
        from mdmcore.store import Database

        folder = self.folder or default_state_folder()
        path = folder / DATABASE_NAME
        if not path.is_file():
            raise ConfigError(f"{folder}: no state of an emulated server; give its --state FOLDER")
        self._database = Database(path)
        return self._database

    def __exit__(self, *_: object) -> None:
        if self._database is not None:
            self._database.close()


def _find(store: Database, wanted: str) -> ManagedDevice:
    """The one enrolment that goes by that name; one that has ended only if there is no other."""
    text = wanted.casefold()
    devices = store.devices()
    for matches in (str.__eq__, str.startswith):
        if matches is str.startswith and len(text) < _MIN_PREFIX:
            break
        found = [one for one in devices if any(matches(name, text) for name in _names(one))]
        found = [one for one in found if one.account.unenrolled is None] or found[:1]
        if len(found) > 1:
            listed = ", ".join(_plain(one.account.device_id or one.account.name) for one in found)
            raise ConfigError(f"{wanted!r} may be any of {listed}")
        if found:
            return found[0]
    raise ConfigError(f"no device {wanted!r}; see: mdmproxy device list")


def _names(device: ManagedDevice) -> Iterator[str]:
    for name in (device.account.name, device.account.device_id):
        if name is not None:
            yield name.casefold()


def _entry(device: ManagedDevice) -> dict[str, object]:
    """What is told of a device; never a secret."""
    account = device.account
    return {
        "account": account.name,
        "device_id": account.device_id,
        "user": account.username,
        "profile": account.profile or None,
        "device_type": account.device_type or None,
        "status": account.status.value,
        "enrolled": _time(account.enrolled),
        "unenrolling_since": _time(account.unenrolling_since),
        "unenrolled": _time(account.unenrolled),
        "last_session": _time(account.last_session),
        "certificate_until": _time(device.not_after),
        "job": None if device.job is None else _job(device.job),
    }


def _job(job: QueuedJob) -> dict[str, object]:
    return {
        "recipe": job.recipe,
        "state": job.state.value,
        "attempts": job.attempts,
        "outcome": job.outcome or None,
        "queued": _time(job.queued),
        "sent": _time(job.sent),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _write_text(out: TextIO, entries: list[dict[str, object]]) -> None:
    if not entries:
        out.write("no device has enrolled\n")
    for entry in entries:
        out.write(f"{_plain(entry['account'])}  {_status(entry)}\n")
        kind = " ".join(str(entry[key]) for key in ("profile", "device_type") if entry[key])
        for label, text in (
            ("device id", entry["device_id"] or "not seen yet"),
            ("user", entry["user"] or "-"),
            ("kind", kind or "-"),
            ("certificate", f"until {_minute(entry['certificate_until'])}"),
            ("last session", _minute(entry["last_session"])),
            ("job", _job_line(entry["job"])),
        ):
            out.write(f"  {label:<13} {_plain(text)}\n")


def _status(entry: dict[str, object]) -> str:
    status = str(entry["status"])
    since = entry["unenrolled"] or entry["unenrolling_since"] or entry["enrolled"]
    return status if since is None else f"{status} since {_minute(since)}"


def _job_line(job: object) -> str:
    if not isinstance(job, dict):
        return "-"
    attempts = job["attempts"]
    times = f", sent {attempts} time{'s' if attempts > 1 else ''}" if attempts else ""
    outcome = f": {job['outcome']}" if job["outcome"] else ""
    return f"{job['recipe']} {job['state']}{times}{outcome}"


def _minute(moment: object) -> str:
    if not isinstance(moment, str):
        return "-"
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _plain(text: object) -> str:
    # What a device sent must not steer a terminal.
    from mdmcore.report.plain import plain

    return plain(str(text))
