"""Which findings speak of which exchange, and of which of its messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mdmcore.report.html.visible import visible
from mdmcore.rules import Finding, Severity

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
    """The marks of all exchanges, by the exchange's id as ``visible`` shows it."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._of: dict[str, dict[tuple[int, bool], Mark]] = {}
        for number, finding in enumerate(findings, 1):
            for place in finding.places:
                is_asked = place.where.get("part") in _OF_REQUEST
                self._of.setdefault(visible(place.exchange), {})[number, is_asked] = Mark(
                    finding=number,
                    rule=finding.rule,
                    severity=finding.severity.value,
                    is_asked=is_asked,
                )

    def of(self, exchange: str) -> tuple[Mark, ...]:
        """Those of one exchange, the gravest first, each finding once for each message."""
        found = self._of.get(exchange, {}).values()
        return tuple(sorted(found, key=lambda mark: (-_RANKS[mark.severity], mark.finding)))

    def __contains__(self, exchange: str) -> bool:
        return exchange in self._of


def gravest(marks: Iterable[Mark]) -> str:
    """The gravest severity among them, empty without any."""
    return max((mark.severity for mark in marks), key=_RANKS.__getitem__, default=NO_SEVERITY)


def graver(one: str, other: str) -> str:
    """The graver of two severities, of which each may be none."""
    return max(one, other, key=_RANKS.__getitem__)
