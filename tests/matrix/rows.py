"""The rows of the matrix: which fault runs on which kinds of device, and in which life.

Every fault runs on the first kind of device that its rule has a letter for and on Windows 10, and
once more for each other severity. Most run in one whole life; what needs another one stands in
``variations``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mdmcore.rules import CatalogueEntry, Severity, entry
from mdmcore.rules.model import PROFILES
from mdmcore.server.faults import FAULTS
from tests.matrix.variations import USUAL, VARIATIONS

_NEWEST = "win10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fault on one kind of device."""

    fault: str
    profile: str

    def __str__(self) -> str:
        return f"{self.fault}-{self.profile}"


def profiles_of(item: CatalogueEntry, possible: tuple[str, ...] = PROFILES) -> tuple[str, ...]:
    """The kinds of device to run a fault on."""
    spoken = [one for one in possible if item.severity(one) is not Severity.NONE]
    chosen = [one for one in spoken if one in (spoken[0], _NEWEST)]
    for one in spoken:
        if item.severity(one) not in {item.severity(other) for other in chosen}:
            chosen.append(one)
    return tuple(chosen)


def rows() -> Iterator[Row]:
    """All rows, in the order of the faults."""
    for fault in FAULTS:
        possible = VARIATIONS.get(fault, USUAL).profiles or PROFILES
        for profile in profiles_of(entry(fault), possible):
            yield Row(fault=fault, profile=profile)
