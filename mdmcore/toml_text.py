"""Reading a file that people write in TOML, checked against a class of values.

Errors name file and key; values are not repeated, since many of them are secrets.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec

from mdmcore.errors import ConfigError

MAX_FILE_BYTES = 4 * 1024 * 1024
_PLACE = re.compile(r"(?P<what>.*?) - at `(?P<place>\$[^`]*)`", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<key>.*)`", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|(?=\[)")
_INVALID_CHOICE = re.compile(r"Invalid enum value .*", re.DOTALL)


def read_toml[T: msgspec.Struct](path: Path, kind: type[T]) -> T:
    """The file's content. ConfigError ``FILE: $.table.key: what is wrong`` when it is not one."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    if len(data) > MAX_FILE_BYTES:
        raise ConfigError(f"{path}: more than {MAX_FILE_BYTES} bytes are not read")
    try:
        return _decode(data, kind)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def _decode[T: msgspec.Struct](data: bytes, kind: type[T]) -> T:
    try:
        content = tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8 at offset {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML: {error}") from None
    except RecursionError:
        raise ConfigError("not TOML that anybody would write: nested too deeply") from None
    try:
        return msgspec.convert(content, kind)
    except msgspec.ValidationError as error:
        raise ConfigError(_explained(str(error), kind)) from None


def _explained(message: str, kind: type[msgspec.Struct]) -> str:
    """msgspec's message with the place first, and without the value that it repeats."""
    match = _PLACE.fullmatch(message)
    what, place = (match["what"], match["place"]) if match else (message, "$")
    if unknown := _UNKNOWN.fullmatch(what):
        return f"{place}.{unknown['key']}: no such key"
    if missing := _MISSING.fullmatch(what):
        return f"{place}.{missing['key']}: missing"
    if _INVALID_CHOICE.fullmatch(what):
        return f"{place}: use {' or '.join(_choices(place, kind))}"
    return f"{place}: {what[:1].lower()}{what[1:]}"


def _choices(place: str, kind: type[msgspec.Struct]) -> list[str]:
    """The texts that may stand at that place."""
    found = msgspec.inspect.type_info(kind)
    for step in _STEP.findall(place):
        if isinstance(found, msgspec.inspect.StructType):
            found = next(each.type for each in found.fields if each.encode_name == step)
        elif isinstance(found, msgspec.inspect.VarTupleType):
            found = found.item_type
    return list(map(str, found.values)) if isinstance(found, msgspec.inspect.LiteralType) else []
