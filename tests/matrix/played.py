"""What a life came to: where the phone gave up, what the inspector found."""

from __future__ import annotations

from dataclasses import dataclass, field

from mdmcore.http import Exchange
from mdmcore.phone import Refusal
from mdmcore.rules import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Where the phone gave up: in which stage of the life, at which step and place.

    ``place`` is written as in the table of refusals: a status with its code, no answer with why.
    """

    stage: str
    refusal: Refusal
    place: str


@dataclass(slots=True, kw_only=True)
class Played:
    """What a life came to."""

    refused: list[Refused] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()
    exchanges: list[Exchange] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)

    def rules(self, *severities: str) -> set[str]:
        """The rules that spoke, of these severities if given."""
        return {
            found.rule
            for found in self.findings
            if not severities or found.severity.value in severities
        }
