"""Which mistake a device's refusal means: data about step and place, never known to the device.

Data stands in ``catalogue/refusals.toml``, which explains its keys. Weighing it against what was
found is the concern of who reports.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

_POSITION = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class GivingUp:
    """Where a device gives up because of a mistake. ``profiles`` is empty where it holds for all;
    ``step`` where it may be any."""

    step: str
    pattern: re.Pattern[str]
    profiles: frozenset[str]
    exactness: int
    """How many characters of the place are given."""
    is_rare: bool = False
    """Only careful devices give up there, or only because of the worst of such mistakes."""

    def holds(self, step: str, place: str, profile: str) -> bool:
        """Whether that is where this device gave up; ``place`` without positions."""
        return (
            self.step in ("", step)
            and (not self.profiles or profile in self.profiles)
            and self.pattern.fullmatch(place) is not None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A rule, what a device needs instead of its mistake, and where the device gives up."""

    rule: str
    expected: str
    at: tuple[GivingUp, ...]


@cache
def refusal_table() -> tuple[Refused, ...]:
    """All of it, in the order of the file; read once."""
    file = resources.files("mdmcore.rules").joinpath("catalogue", "refusals.toml")
    return tuple(_refused(row) for row in tomllib.loads(file.read_text("utf-8"))["rule"])


def plain_place(place: str) -> str:
    """A place without positions, as the table has it."""
    return _POSITION.sub("", place)


def suspects(step: str, place: str, profile: str) -> tuple[str, ...]:
    """The rules that may be meant by giving up there, the likelier ones first."""
    plain = plain_place(place)
    found = []
    for row in refusal_table():
        exactness = [one.exactness for one in row.at if one.holds(step, plain, profile)]
        if exactness:
            found.append((max(exactness), row.rule))
    return tuple(rule for _, rule in sorted(found, key=lambda one: -one[0]))


def giving_up(rule_id: str) -> tuple[GivingUp, ...]:
    """Where a device gives up because of that mistake; empty where it goes on."""
    return next((row.at for row in refusal_table() if row.rule == rule_id), ())


def expectation(rule_id: str) -> str:
    """What a device needs instead of that mistake; empty where no refusal is known to mean it."""
    return next((row.expected for row in refusal_table() if row.rule == rule_id), "")


def _refused(row: dict[str, Any]) -> Refused:
    return Refused(
        rule=row["id"],
        expected=row["expected"],
        at=tuple(
            GivingUp(
                step=one.get("step", ""),
                pattern=_pattern(one["place"]),
                profiles=frozenset(one.get("profiles", ())),
                exactness=len(one["place"].replace("*", "")),
                is_rare=one.get("sometimes", False),
            )
            for one in row["at"]
        ),
    )


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)
