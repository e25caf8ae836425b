"""The state folder as the commands of ``device`` use it: opened, and one device found in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.records import ManagedDevice
    from mdmcore.store import Database

_MIN_PREFIX = 3

State = Annotated[Path | None, typer.Option(help="Folder of the state; default: your data folder.")]
DeviceId = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="Account name or device id as listed, or how one of them begins."
    ),
]


@contextmanager
def opened(folder: Path | None) -> Iterator[Database]:
    """The database of a state folder that exists; ConfigError when there is none."""
    # Imported here: they cost time that --help should not pay.
    from mdmcore.mitm.state import DATABASE_NAME, default_state_folder
    from mdmcore.store import Database

    folder = folder or default_state_folder()
    path = folder / DATABASE_NAME
    if not path.is_file():
        raise ConfigError(f"{folder}: no state of an emulated server; give its --state FOLDER")
    database = Database(path)
    try:
        yield database
    finally:
        database.close()


def find_device(store: Database, wanted: str) -> ManagedDevice:
    """The one enrolment that goes by that name; one that has ended only if there is no other."""
    text = wanted.casefold()
    devices = store.devices()
    for matches in (str.__eq__, str.startswith):
        if matches is str.startswith and len(text) < _MIN_PREFIX:
            break
        found = [one for one in devices if any(matches(name, text) for name in _names(one))]
        found = [one for one in found if one.account.unenrolled is None] or found[:1]
        if len(found) > 1:
            listed = ", ".join(map(name_of, found))
            raise ConfigError(f"{wanted!r} may be any of {listed}")
        if found:
            return found[0]
    raise ConfigError(f"no device {wanted!r}; see: mdmproxy device list")


def _names(device: ManagedDevice) -> Iterator[str]:
    for name in (device.account.name, device.account.device_id):
        if name is not None:
            yield name.casefold()


def name_of(device: ManagedDevice) -> str:
    """What the device is called in messages, fit for a terminal."""
    from mdmcore.report.plain import plain

    return plain(device.account.device_id or device.account.name)


def utc_now() -> datetime:
    """The clock of the commands."""
    return datetime.now(UTC)
