"""Checks of the emulator's state: its folder, its database, its enrolment CA.

Nothing is made or changed: what is missing comes with the first start.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from mdmcore.cli.doctor.result import Check, Facts, Result, Setup, ok, problem, warning
from mdmcore.cli.doctor.validity import validity_result
from mdmcore.errors import ConfigError
from mdmcore.mitm.state import AUTHORITY_NAME, DATABASE_NAME, read_authority
from mdmcore.platform import others_may_read
from mdmcore.store.tables import SCHEMA_VERSION

_OTHER = "name another folder with --state"


def check_folder(setup: Setup) -> Result:
    """Whether state can be kept there."""
    folder = setup.state
    facts: Facts = {"path": str(folder)}
    if not folder.exists():
        parent = next(path for path in folder.absolute().parents if path.exists())
        if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
            return problem(f"{folder} cannot be made: {parent} is not writable", _OTHER, facts)
        return ok(f"{folder} will be made at the first start", facts)
    if not folder.is_dir():
        return problem(f"{folder} is no folder", _OTHER, facts)
    if not os.access(folder, os.W_OK | os.X_OK):
        return problem(f"{folder} is not writable", _OTHER, facts)
    if _others_may_enter(folder):
        return warning(f"{folder} can be read by others", f"chmod 700 {folder}", facts)
    return ok(f"{folder} can be used", facts)


def check_database(setup: Setup) -> Result | None:
    """Whether the database is whole and not that of a newer version."""
    path = setup.state / DATABASE_NAME
    if not path.is_file():
        return None
    remedy = f"put it aside, or {_OTHER}: devices have to enrol again"
    try:
        # A reader of a database in WAL mode makes files beside it, unless it says that nobody
        # writes; while somebody does they are there anyway.
        in_use = path.with_name(f"{path.name}-wal").exists()
        uri = f"{path.absolute().as_uri()}?mode=ro{'' if in_use else '&immutable=1'}"
        with closing(sqlite3.connect(uri, uri=True, timeout=5)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (health,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        return problem(f"{path} cannot be read: {error}", remedy)
    if version > SCHEMA_VERSION:
        text = f"{path} was written by a newer mdmproxy (schema {version})"
        return problem(text, f"use that version, or {_OTHER}", {"schema": version})
    if health != "ok":
        return problem(f"{path} is damaged: {health}", remedy)
    return ok(f"{path} is whole", {"schema": version})


def check_authority(setup: Setup) -> Result | None:
    """The CA that signs the devices' certificates: readable by its owner alone, and valid."""
    path = setup.state / AUTHORITY_NAME
    if not path.exists():
        return None
    try:
        certificate = read_authority(path).parsed
    except ConfigError as error:
        fix = f"chmod 600 {path}" if "others may read" in str(error) else _OTHER
        return problem(str(error), fix)
    return validity_result(
        certificate,
        setup.now,
        f"the enrolment CA in {path}",
        renew="put the file aside: the next start makes a new one, and devices enrol again",
        facts={"path": str(path), "thumbprint": certificate.thumbprint},
    )


def _others_may_enter(folder: Path) -> bool:
    if not hasattr(os, "O_DIRECTORY"):
        return False
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return others_may_read(descriptor)
    finally:
        os.close(descriptor)


CHECKS = (
    Check(name="state-folder", group="state of the emulator", function=check_folder),
    Check(name="state-database", group="state of the emulator", function=check_database),
    Check(name="enrollment-ca", group="state of the emulator", function=check_authority),
)
