"""The values of a check: what was looked at, how good it is, and what to do.

A check is one function from a ``Setup`` to its result. How results are shown is ``report``'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

type Facts = Mapping[str, object]
"""Plain JSON values by name."""

_NONE: Facts = MappingProxyType({})


class Level(StrEnum):
    """How good it is. A warning may be as it should be; a problem stops a phone or a command."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a person is about to run, or runs. ``port`` 0 means: a free one, so none is checked.

    ``state`` and ``confdir`` need not exist. ``domains`` are mail domains of phones.
    ``without_proxy``: phones shall come by DNS, to the ports of the protocols themselves.
    """

    state: Path
    confdir: Path
    host: str
    port: int
    now: datetime
    domains: tuple[str, ...] = ()
    without_proxy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one check says: one sentence, and the remedy where there is one.

    ``facts`` are plain JSON values for programs; ``rule`` is the catalogue's id of the mistake.
    """

    level: Level
    message: str
    fix: str = ""
    rule: str = ""
    facts: Facts = _NONE


type CheckFunction = Callable[[Setup], Result | None]
"""``None``: nothing to check in this setup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check by its name, stable for programs, and the group under which it is shown."""

    name: str
    group: str
    function: CheckFunction


def ok(message: str, facts: Facts = _NONE) -> Result:
    """All is well."""
    return Result(level=Level.OK, message=message, facts=facts)


def warning(message: str, fix: str, facts: Facts = _NONE, *, rule: str = "") -> Result:
    """It may be as it should be; the remedy says for whom it is not."""
    return Result(level=Level.WARNING, message=message, fix=fix, rule=rule, facts=facts)


def problem(message: str, fix: str, facts: Facts = _NONE, *, rule: str = "") -> Result:
    """It must be mended first."""
    return Result(level=Level.PROBLEM, message=message, fix=fix, rule=rule, facts=facts)
