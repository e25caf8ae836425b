"""What was replaced: by kind and count and where, never by value."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from mdmcore.capture.redact.kinds import ValueKind

MAX_LEFT_OUT = 1000
_PACKAGES = "packages and pictures, their bytes left out, length and digests kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A body, or a part of one, that was not understood and therefore left out."""

    place: str
    length: int
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.length} bytes left out: {self.reason}"


class Tally:
    """Counts what is replaced; ``at`` is told where that happens."""

    def __init__(self) -> None:
        self.start_anew()

    def start_anew(self) -> None:
        """Count from nothing: everything is gone over once more."""
        self._values: Counter[ValueKind] = Counter()
        self._places: dict[ValueKind, Counter[str]] = {}
        self._exchange = ""
        self._part = ""
        self.left_out: list[LeftOut] = []
        self.packages = 0

    def at(self, exchange: str, part: str) -> None:
        """What follows stands in that part of that exchange."""
        self._exchange, self._part = exchange, part

    def count(self, kind: ValueKind) -> None:
        """A value of that kind was replaced."""
        self._values[kind] += 1
        self._places.setdefault(kind, Counter())[self._part] += 1

    def counted(self) -> Counter[ValueKind]:
        """How many values of each kind so far."""
        return self._values.copy()

    def leave_out(self, length: int, reason: str) -> None:
        """The part that was told of last is left out."""
        if len(self.left_out) < MAX_LEFT_OUT:
            place = f"{self._exchange} {self._part}".strip()
            self.left_out.append(LeftOut(place=place, length=length, reason=reason))

    @property
    def total(self) -> int:
        """How many values were replaced."""
        return self._values.total()

    def lines(self) -> list[str]:
        """The list as text, the most frequent kind first."""
        rows = []
        for kind, count in sorted(self._values.items(), key=lambda one: (-one[1], one[0])):
            places = sorted(self._places[kind].items(), key=lambda one: (-one[1], one[0]))
            shown = ", ".join(f"{part} {number}" for part, number in places)
            rows.append(f"{kind}: {count} ({shown})")
        if self.packages:
            rows.append(f"{_PACKAGES}: {self.packages}")
        return [*rows, *map(str, self.left_out)]

    def fields(self) -> dict[str, Any]:
        """The list in plain JSON types."""
        return {
            "replaced": {
                str(kind): {
                    "count": self._values[kind],
                    "places": dict(sorted(self._places[kind].items())),
                }
                for kind in sorted(self._values)
            },
            "packages": self.packages,
            "left_out": [
                {"place": one.place, "bytes": one.length, "reason": one.reason}
                for one in self.left_out
            ],
        }
