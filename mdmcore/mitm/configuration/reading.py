"""Reading the configuration file: TOML, checked against the schema, its paths made absolute.

Errors name file and key; values are not repeated, since many of them are secrets.
"""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from mdmcore.mitm.configuration.jobs import beside
from mdmcore.mitm.configuration.schema import Configuration
from mdmcore.toml_text import read_toml


def read_configuration(path: Path) -> Configuration:
    """The file's content. ConfigError ``FILE: $.table.key: what is wrong`` when it is not one."""
    return _with_absolute_paths(read_toml(path, Configuration), path.absolute().parent)


def _with_absolute_paths(configuration: Configuration, folder: Path) -> Configuration:
    """Relative paths are relative to the file."""

    def absolute(text: str) -> str:
        return str(folder / Path(text).expanduser()) if text else ""

    server, authority, hub = configuration.server, configuration.authority, configuration.hub
    return replace(
        configuration,
        server=replace(server, state=absolute(server.state)),
        authority=replace(
            authority,
            ca=tuple(map(absolute, authority.ca)),
            password_file=absolute(authority.password_file),
        ),
        hub=replace(hub, package=absolute(hub.package), aetx=absolute(hub.aetx)),
        jobs=tuple(
            replace(
                job,
                syncml=absolute(job.syncml),
                values={name: beside(value, absolute) for name, value in job.values.items()},
            )
            for job in configuration.jobs
        ),
    )
