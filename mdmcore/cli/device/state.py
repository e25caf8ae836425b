"""The state folder as the commands of ``device`` use it, and how they name a device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.store import Database

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


def utc_now() -> datetime:
    """The clock of the commands."""
    return datetime.now(UTC)
