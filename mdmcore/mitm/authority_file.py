"""The CA that a user brings along: its files and its password, read and handed to ``mdmcore.pki``.

A file with a private key in it is refused when others can read it, as the one in the state folder.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from mdmcore.errors import ConfigError
from mdmcore.mitm.configuration.schema import AuthorityTable
from mdmcore.pki.authority import Authority
from mdmcore.pki.authority_chain import has_private_key, load_authority_chain
from mdmcore.platform import others_may_read

_MAX_FILE_BYTES = 1024 * 1024


def read_authority(
    table: AuthorityTable, *, now: datetime, environment: Mapping[str, str] = os.environ
) -> Authority | None:
    """The authority of ``ca``, ``None`` when no file is named. ConfigError names the file."""
    if not table.ca:
        if table.password_file or table.password_env:
            raise ConfigError("a password for a CA is given, but no file of the CA")
        return None
    paths = [Path(text).expanduser() for text in table.ca]
    password = _password(table, environment)
    parts = [_read(path) for path in paths]
    try:
        return load_authority_chain(parts, password=password, now=now)
    except ConfigError as error:
        raise ConfigError(f"{', '.join(map(str, paths))}: {error}") from None


def _read(path: Path) -> bytes:
    with_key = "others may read the private key in it; do: chmod 600"
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE_BYTES + 1)
            if has_private_key(data) and others_may_read(file.fileno()):
                raise ConfigError(f"{path}: {with_key}")
    except OSError as error:
        raise ConfigError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    if len(data) > _MAX_FILE_BYTES:
        raise ConfigError(f"{path}: more than {_MAX_FILE_BYTES} bytes are not read")
    return data


def _password(table: AuthorityTable, environment: Mapping[str, str]) -> bytes | None:
    if table.password_file and table.password_env:
        raise ConfigError("the CA's password is in a file or in the environment, not in both")
    if table.password_env:
        if table.password_env not in environment:
            raise ConfigError(f"there is no environment variable {table.password_env}")
        return environment[table.password_env].encode("utf-8", "surrogateescape")
    if not table.password_file:
        return None
    path = Path(table.password_file).expanduser()
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE_BYTES)
    except OSError as error:
        raise ConfigError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    # The line end that an editor puts behind it is not part of the password.
    return data.removesuffix(b"\n").removesuffix(b"\r")
