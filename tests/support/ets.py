"""The checks of OMA DM conformance (ets.md): their list, and which tests stand for which check.

A test says by ``@pytest.mark.ets("DMX-001", SERVER)`` which check it is, and of which side. The
list comes from the digest; where that is absent, from the copy in ``tests/data/ets.txt``.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.support.marks import marks_named
from tests.support.requirements import CHECKOUT, shared_directory

SERVER = "server"
PHONE = "phone"
INSPECTOR = "inspector"
BOTH = "both"
"""The phone against the server."""
SIDES = (SERVER, PHONE, INSPECTOR, BOTH)

COMMITTED_LIST = CHECKOUT / "tests" / "data" / "ets.txt"
_ROLES = {"E": SERVER, "C": PHONE, "I": INSPECTOR}
_ROW = re.compile(r"\| ((?:DMX|DMC|DMS|WP)-\d+) \|(.*)\|\s*$")
_NOT_WINDOWS = "(not Windows)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A row of ets.md. ``sides`` are those its role column names."""

    id: str
    exercise: str
    sides: tuple[str, ...]
    is_for_windows: bool = True


def checks() -> tuple[Check, ...]:
    """Every check in the order of the digest."""
    digest = shared_directory() / "protocol" / "ets.md"
    if digest.is_file():
        return parse_checks(digest.read_text(encoding="utf-8"))
    return read_list(COMMITTED_LIST)


def parse_checks(text: str) -> tuple[Check, ...]:
    """The rows of the digest's tables: id first, the exercise next, the roles last."""
    found = []
    for line in text.splitlines():
        row = _ROW.match(line)
        if row is None:
            continue
        cells = [cell.strip() for cell in row[2].split("|")]
        found.append(
            Check(
                id=row[1],
                exercise=cells[0].replace("`", ""),
                sides=tuple(_ROLES[role] for role in cells[-1].split()),
                is_for_windows=_NOT_WINDOWS not in line,
            )
        )
    return tuple(found)


def read_list(path: Path) -> tuple[Check, ...]:
    """The committed copy: id, roles, and the exercise, with a dash before what is not Windows'."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        name, sides, exercise = line.split("\t")
        is_for_windows = not name.startswith("-")
        found.append(
            Check(
                id=name.removeprefix("-"),
                exercise=exercise,
                sides=tuple(sides.split(",")),
                is_for_windows=is_for_windows,
            )
        )
    return tuple(found)


def write_list(path: Path, found: Iterable[Check]) -> None:
    """The copy that ``read_list`` reads."""
    lines = (
        f"{'' if one.is_for_windows else '-'}{one.id}\t{','.join(one.sides)}\t{one.exercise}\n"
        for one in found
    )
    path.write_text("".join(lines), encoding="utf-8")


def marks_of(function: object) -> tuple[tuple[str, str], ...]:
    """(id, side) of each ``ets`` mark of a test function."""
    return tuple(pair for mark in marks_named(function, "ets") for pair in pairs(mark))


def pairs(mark: pytest.Mark) -> tuple[tuple[str, str], ...]:
    """(id, side) for each side a mark names."""
    name, *sides = mark.args
    if unknown := set(sides) - set(SIDES) or not sides:
        raise pytest.UsageError(f"ets({name!r}): {unknown} is no side; known are {SIDES}")
    return tuple((name, side) for side in sides)


@cache
def marked_pairs() -> frozenset[tuple[str, str]]:
    """(id, side) of everything marked below ``tests/ets``, selected for a run or not."""
    package = importlib.import_module("tests.ets")
    found: set[tuple[str, str]] = set()
    for module in pkgutil.walk_packages(package.__path__, "tests.ets."):
        if module.name.rpartition(".")[2].startswith("test_"):
            for function in vars(importlib.import_module(module.name)).values():
                found.update(marks_of(function))
    return frozenset(found)


@dataclass(slots=True)
class Tally:
    """What the tests of one side of a check did."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __str__(self) -> str:
        if self.failed:
            return "FAIL"
        if self.passed:
            return "pass"
        return "skipped" if self.skipped else "not run"


type Tallies = Mapping[tuple[str, str], Tally]


def result(check: Check, tallies: Tallies) -> str:
    """One word for a check: what it comes to over all its sides."""
    words = {side: str(tallies[check.id, side]) for side in SIDES if (check.id, side) in tallies}
    if "FAIL" in words.values():
        return "FAIL"
    if any(side not in words for side in check.sides):
        return "MISSING"
    if set(words.values()) == {"pass"}:
        return "pass" if check.is_for_windows else "n/a"
    return "not run" if "not run" in words.values() else "skipped"


def table(found: Iterable[Check], tallies: Tallies) -> list[str]:
    """One line for each check: id, exercise, each side, the result."""
    lines = []
    for check in found:
        cells = []
        for side in SIDES:
            tally = tallies.get((check.id, side))
            missing = "MISSING" if side in check.sides else ""
            cells.append(f"{missing if tally is None else tally!s:<8}"[:8].ljust(8))
        lines.append(
            f"{check.id:<8}{check.exercise[:38]:<39}{' '.join(cells)} {result(check, tallies)}"
        )
    return lines


def heading() -> str:
    """The line above the table."""
    return f"{'id':<8}{'exercise':<39}{' '.join(f'{side[:8]:<8}' for side in SIDES)} result"
