"""Reading the configuration file: TOML, checked against the schema, its paths made absolute.

Errors name file and key; values are not repeated, since many of them are secrets.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
from msgspec.structs import replace

from mdmcore.errors import ConfigError
from mdmcore.mitm.configuration.jobs import beside
from mdmcore.mitm.configuration.schema import Configuration

MAX_FILE_BYTES = 4 * 1024 * 1024
_PLACE = re.compile(r"(?P<what>.*?) - at `(?P<place>\$[^`]*)`", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<key>.*)`", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|(?=\[)")
_INVALID_CHOICE = re.compile(r"Invalid enum value .*", re.DOTALL)


def read_configuration(path: Path) -> Configuration:
    """The file's content. ConfigError ``FILE: $.table.key: what is wrong`` when it is not one."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    if len(data) > MAX_FILE_BYTES:
        raise ConfigError(f"{path}: more than {MAX_FILE_BYTES} bytes are not read")
    try:
        configuration = _decode(data)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    return _with_absolute_paths(configuration, path.absolute().parent)


def _decode(data: bytes) -> Configuration:
    try:
        content = tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8 at offset {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML: {error}") from None
    except RecursionError:
        raise ConfigError("not TOML that anybody would write: nested too deeply") from None
    try:
        return msgspec.convert(content, Configuration)
    except msgspec.ValidationError as error:
        raise ConfigError(_explained(str(error))) from None


def _explained(message: str) -> str:
    """msgspec's message with the place first, and without the value that it repeats."""
    match = _PLACE.fullmatch(message)
    what, place = (match["what"], match["place"]) if match else (message, "$")
    if unknown := _UNKNOWN.fullmatch(what):
        return f"{place}.{unknown['key']}: no such key"
    if missing := _MISSING.fullmatch(what):
        return f"{place}.{missing['key']}: missing"
    if _INVALID_CHOICE.fullmatch(what):
        return f"{place}: use {' or '.join(_choices(place))}"
    return f"{place}: {what[:1].lower()}{what[1:]}"


def _choices(place: str) -> list[str]:
    """The texts that may stand at that place."""
    found = msgspec.inspect.type_info(Configuration)
    for step in _STEP.findall(place):
        if isinstance(found, msgspec.inspect.StructType):
            found = next(each.type for each in found.fields if each.encode_name == step)
        elif isinstance(found, msgspec.inspect.VarTupleType):
            found = found.item_type
    return list(map(str, found.values)) if isinstance(found, msgspec.inspect.LiteralType) else []


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
