"""The exchanges of the timeline, thinned where they stand too close to be told apart.

However long the captures are, no more than ``MAX_DOTS`` are kept: then what lies in the same
stretch of time becomes one dot that counts, and the stretches become longer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from mdmcore.report.html.marks import graver
from mdmcore.report.html.record import Record

MAX_DOTS = 2000
_FIRST_BUCKET_S = 0.001
_COARSER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """Exchanges of one kind at one time: ``count`` of them, the first with its number and words,
    the gravest severity among them."""

    at: datetime
    kind: str
    number: int
    title: str
    severity: str = ""
    count: int = 1


class Dots:
    """Gathers the dots of each row (a life, or the exchanges of none)."""

    def __init__(self) -> None:
        self._bucket = _FIRST_BUCKET_S
        self._found: dict[tuple[str, str, int], Dot] = {}

    def add(self, row: str, record: Record, severity: str) -> None:
        """The next exchange; one without a time stands nowhere."""
        if record.started is None:
            return
        dot = Dot(
            at=record.started,
            kind=record.kind,
            number=record.number,
            title=record.summary,
            severity=severity,
        )
        self._put(row, dot)
        while len(self._found) > MAX_DOTS and self._bucket < 1e9:
            self._bucket *= _COARSER
            before, self._found = self._found, {}
            for (name, _, _), each in before.items():
                self._put(name, each)

    def of(self, row: str) -> tuple[Dot, ...]:
        """The dots of a row in the order of their times."""
        found = (dot for (name, _, _), dot in self._found.items() if name == row)
        return tuple(sorted(found, key=lambda dot: dot.at))

    def rows(self) -> tuple[str, ...]:
        """All rows that have a dot, in the order of their first."""
        return tuple(dict.fromkeys(name for name, _, _ in self._found))

    def _put(self, row: str, dot: Dot) -> None:
        key = (row, dot.kind, int(dot.at.timestamp() / self._bucket))
        known = self._found.get(key)
        if known is None:
            self._found[key] = dot
            return
        severity = graver(known.severity, dot.severity)
        self._found[key] = replace(known, severity=severity, count=known.count + dot.count)
