"""Opening a state folder: the database and the enrolment CA, both made when they are missing.

The CA is created once and then kept: phones that enrolled trust it. Its file holds the private
key, is made readable by its owner alone, and is refused when others can read it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import platformdirs

from mdmcore.errors import ConfigError, MdmError
from mdmcore.pki.authority import Authority, create_authority, load_authority, random_serial, to_pem
from mdmcore.pki.request import generate_key
from mdmcore.platform import others_may_read
from mdmcore.server.ports import Clock, Random
from mdmcore.store import Database

DATABASE_NAME = "state.sqlite3"
AUTHORITY_NAME = "enrollment-ca.pem"
AUTHORITY_COMMON_NAME = "mdmproxy enrollment CA"
_KEY_BITS = 2048
_LIFETIME = timedelta(days=3650)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What outlives the process. Whoever opened it closes the database."""

    folder: Path
    database: Database
    authority: Authority


def default_state_folder() -> Path:
    """The platform's user data folder for mdmproxy."""
    return platformdirs.user_data_path("mdmproxy", appauthor=False)


def open_state(
    folder: Path, *, clock: Clock, random: Random, authority: Authority | None = None
) -> State:
    """Database and CA of a folder, created as needed; ``authority`` takes the place of the CA.

    Raises ConfigError, one line.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = Database(folder / DATABASE_NAME)
    except OSError as error:
        raise ConfigError(f"{folder}: cannot keep state there: {_reason(error)}") from None
    try:
        if authority is None:
            authority = _authority(folder / AUTHORITY_NAME, clock=clock, random=random)
    except BaseException:
        database.close()
        raise
    return State(folder=folder, database=database, authority=authority)


def read_authority(path: Path) -> Authority:
    """The CA in that file. Raises ConfigError, one line, also when others may read the key."""
    try:
        return load_authority(_read_secret(path))
    except OSError as error:
        raise ConfigError(f"{path}: {_reason(error)}") from None
    except (MdmError, ValueError, TypeError) as error:
        raise ConfigError(f"{path}: not a usable CA file: {error}") from None


def _authority(path: Path, *, clock: Clock, random: Random) -> Authority:
    try:
        if not path.exists():
            _publish(path, to_pem(_new_authority(clock, random)), random(8).hex())
    except OSError as error:
        raise ConfigError(f"{path}: {_reason(error)}") from None
    # Also after making one: another process may have been first.
    authority = read_authority(path)
    if authority.not_after <= clock():
        raise ConfigError(
            f"{path}: the CA expired on {authority.not_after:%Y-%m-%d}; move it away and a new one "
            "is made, with which devices enrol anew"
        )
    return authority


def _read_secret(path: Path) -> bytes:
    with path.open("rb") as file:
        if others_may_read(file.fileno()):
            raise ConfigError("others may read the private key in it; do: chmod 600")
        return file.read()


def _new_authority(clock: Clock, random: Random) -> Authority:
    return create_authority(
        common_name=AUTHORITY_COMMON_NAME,
        private_key=generate_key(_KEY_BITS),
        now=clock(),
        serial=random_serial(random),
        lifetime=_LIFETIME,
    )


def _publish(path: Path, content: bytes, suffix: str) -> None:
    """Write beside the path, then give it its name; a file that came first stays."""
    draft = path.with_name(f"{path.name}.{suffix}.tmp")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
        except OSError:  # a file system without hard links
            draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
