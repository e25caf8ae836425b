"""Which findings speak of which exchange, and of which of its messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mdmcore.report.html.record import Record
from mdmcore.report.html.visible import visible
from mdmcore.rules import Finding, Place, Severity

_OF_REQUEST = frozenset({"request", "csr", "tls"})
NO_SEVERITY = ""
_RANKS = {NO_SEVERITY: 0, **{each.value: each.rank for each in Severity}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A finding at an exchange; ``finding`` is its number on the page, from 1."""

    finding: int
    rule: str
    severity: str
    is_asked: bool


class Marks:
    """The marks of all exchanges: by the places of the findings, of which each has the first ones,
    and by what was said of an exchange when it came."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._placed: dict[str, set[Mark]] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._severities: list[str] = []
        for number, finding in enumerate(findings, 1):
            self._severities.append(finding.severity.value)
            self._numbers.setdefault((finding.rule, finding.life or ""), number)
            for place in finding.places:
                mark = self._mark(number, finding.rule, is_asked=is_of_request(place))
                self._placed.setdefault(visible(place.exchange), set()).add(mark)

    def of(self, record: Record, life: str) -> tuple[Mark, ...]:
        """Those of one exchange, which is of that life now: the gravest first, each finding once
        for each message."""
        found = set(self._placed.get(record.id, ()))
        for rule, is_asked in record.rules:
            number = self._numbers.get((rule, life))
            if number is not None:
                found.add(self._mark(number, rule, is_asked=is_asked))
        order = sorted(found, key=lambda mark: (mark.finding, mark.is_asked))
        return tuple(sorted(order, key=lambda mark: -_RANKS[mark.severity]))

    def _mark(self, number: int, rule: str, *, is_asked: bool) -> Mark:
        severity = self._severities[number - 1]
        return Mark(finding=number, rule=rule, severity=severity, is_asked=is_asked)

    def __contains__(self, exchange: str) -> bool:
        """Whether a finding has a place in the exchange of that id, as ``visible`` shows it."""
        return exchange in self._placed


def is_of_request(place: Place) -> bool:
    """Whether a place is in what the device sent, not in the answer."""
    return place.where.get("part") in _OF_REQUEST


def gravest(marks: Iterable[Mark]) -> str:
    """The gravest severity among them, empty without any."""
    return max((mark.severity for mark in marks), key=_RANKS.__getitem__, default=NO_SEVERITY)


def graver(one: str, other: str) -> str:
    """The graver of two severities, of which each may be none."""
    return max(one, other, key=_RANKS.__getitem__)
