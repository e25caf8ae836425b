"""The jobs of a scenario: their files read, their values as texts, and each tried beforehand.

A value ``@PATH`` of a parameter that takes a file is that file's content. Relative paths are
relative to the file of the scenario.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mdmcore.base64_text import encode_base64
from mdmcore.errors import ConfigError, MdmError

if TYPE_CHECKING:
    from mdmcore.csp.recipes import Recipe
    from mdmcore.mitm.configuration.schema import JobTable
    from mdmcore.records import ServerFacts
    from mdmcore.server.planning import WantedJob
    from mdmcore.syncml.model import AnyCommand

MAX_FILE_BYTES = 4 * 1024 * 1024
"""No device takes more in one value."""

type Value = str | int | bool


def beside(value: Value, absolute: Callable[[str], str]) -> Value:
    """``@PATH`` with the path made absolute, any other value as it is."""
    if isinstance(value, str) and value.startswith("@") and not value.startswith("@@"):
        return f"@{absolute(value[1:])}"
    return value


def wanted_jobs(tables: Sequence[JobTable], facts: ServerFacts) -> tuple[WantedJob, ...]:
    """The jobs of the tables. ConfigError ``$.jobs[n].key: what is wrong``, also for a job that
    no device could do."""
    found = []
    for number, table in enumerate(tables):
        with _at(f"$.jobs[{number}]"):
            found.append(_wanted(table))
            _try(found[-1], facts)
    return tuple(found)


def written_job(name: str, texts: Sequence[str]) -> WantedJob:
    """The job that a person wrote as a recipe and ``KEY=VALUE`` texts; ConfigError otherwise."""
    from mdmcore.csp.recipes import find_recipe
    from mdmcore.server.planning import WantedJob

    recipe = find_recipe(name)
    values: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"write a value as KEY=VALUE, not {text[:80]!r}")
        if key in values:
            raise ConfigError(f"{key} is given twice")
        values[key] = value
    return WantedJob(recipe=recipe.name, values=file_values(recipe, values))


def file_values(recipe: Recipe, values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The values with the content of files in the place of their names. ConfigError names the
    parameter."""
    files = {each.name: each.file for each in recipe.parameters}
    found = []
    for name, value in values.items():
        if files.get(name):
            try:
                value = content_of(value, is_binary=files[name] == "binary")
            except ConfigError as error:
                raise ConfigError(f"{name}: {error}") from None
        found.append((name, value))
    return tuple(found)


def content_of(value: str, *, is_binary: bool) -> str:
    """The text, or that of the file that ``@PATH`` names; base64 if ``is_binary``. ``@@`` begins
    a text with ``@``. Raises ConfigError."""
    if value.startswith("@@"):
        return value[1:]
    if not value.startswith("@"):
        return value
    data = read_file(value[1:])
    if is_binary:
        return encode_base64(data)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{value[1:]}: not UTF-8 at offset {error.start}") from None


def read_file(path: str) -> bytes:
    """At most ``MAX_FILE_BYTES`` bytes. Raises ConfigError."""
    try:
        with Path(path).expanduser().open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    except ValueError as error:  # a zero byte in the name
        raise ConfigError(f"{path!r}: {error}") from None
    if len(data) > MAX_FILE_BYTES:
        raise ConfigError(f"{path}: more than {MAX_FILE_BYTES} bytes are not read")
    return data


def read_commands(path: str) -> tuple[AnyCommand, ...]:
    """The commands in a file: a message, a SyncBody or commands alone, XML or WBXML."""
    from mdmcore.syncml.loose import parse_loose_commands

    try:
        return parse_loose_commands(read_file(path))
    except ConfigError:
        raise
    except MdmError as error:
        raise ConfigError(f"{path}: {error}") from None


def _wanted(table: JobTable) -> WantedJob:
    from mdmcore.csp.recipes import find_recipe
    from mdmcore.server.planning import WantedJob

    if bool(table.recipe) == bool(table.syncml):
        raise ConfigError("give one of recipe and syncml")
    if table.syncml:
        if table.values:
            raise ConfigError("values belong to a recipe")
        return WantedJob(
            commands=read_commands(table.syncml),
            profiles=table.profiles,
            is_forced=table.force,
        )
    if table.force:
        raise ConfigError("force is for syncml: what a recipe makes is always checked")
    texts = {name: _text(value) for name, value in table.values.items()}
    recipe = find_recipe(table.recipe)
    return WantedJob(recipe=recipe.name, values=file_values(recipe, texts), profiles=table.profiles)


def _try(wanted: WantedJob, facts: ServerFacts) -> None:
    """Make the job for every profile that is named, or for one that can do it."""
    from mdmcore.profiles import PROFILES
    from mdmcore.server.planning import plan_job, recipe_context

    problems = []
    for profile in wanted.profiles or tuple(PROFILES):
        context = recipe_context(facts, profile=profile, version="", random=secrets.token_bytes)
        try:
            plan_job(wanted, context)
        except ConfigError as error:
            problems.append(error)
    if problems and (wanted.profiles or len(problems) == len(PROFILES)):
        raise problems[0]


def _text(value: Value) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


@contextmanager
def _at(place: str) -> Iterator[None]:
    try:
        yield
    except MdmError as error:
        raise ConfigError(f"{place}: {error}") from None
