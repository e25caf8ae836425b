"""What of an analysis a report is about: chosen rules, and what a baseline does not know.

Counts stay consistent: an exchange's findings are sieved by the same choice as those of lives. What
is known is told only in the end, when it is clear whose life an exchange belongs to, so the lines
of exchanges still count it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from mdmcore.inspector import Inspection
from mdmcore.report.baseline import Baseline
from mdmcore.report.choice import ALL_RULES, RuleChoice
from mdmcore.report.spool import ExchangeLines, facts_by_id
from mdmcore.rules import Finding
from mdmcore.rules.life import Life


@dataclass(frozen=True, slots=True, kw_only=True)
class Sieved:
    """``findings`` are told; not told are those of ``known_of`` (rule and life), which a baseline
    knows, and ``ignored`` others of rules that nobody chose."""

    findings: tuple[Finding, ...]
    known_of: tuple[tuple[str, str | None], ...] = ()
    ignored: int = 0

    @property
    def known(self) -> int:
        """How many findings a baseline knows."""
        return len(self.known_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sieve:
    """``baseline`` needs the exchanges that were read (``lines``)."""

    choice: RuleChoice = ALL_RULES
    baseline: Baseline | None = field(default=None, repr=False)

    def of_exchange(self, inspection: Inspection) -> Inspection:
        """What is told of an exchange."""
        if self.choice == ALL_RULES:
            return inspection
        told = tuple(one for one in inspection.findings if self.choice.has(one.rule))
        return replace(inspection, findings=told)

    def of_lives(
        self,
        findings: Iterable[Finding],
        lives: Iterable[Life],
        lines: ExchangeLines | None,
    ) -> Sieved:
        """What is told in the end, of all exchanges."""
        findings = tuple(findings)
        chosen = tuple(one for one in findings if self.choice.has(one.rule))
        ignored = len(findings) - len(chosen)
        if self.baseline is None or lines is None:
            return Sieved(findings=chosen, ignored=ignored)
        devices = {life.id: life.device for life in lives}
        facts = facts_by_id(lines, {p.exchange for one in chosen for p in one.places})
        known = {
            (one.rule, one.life): None
            for one in chosen
            if self.baseline.knows(one, one.severity, devices.get(one.life, {}), facts)
        }
        new = tuple(one for one in chosen if (one.rule, one.life) not in known)
        return Sieved(findings=new, known_of=tuple(known), ignored=ignored)


EVERYTHING = Sieve()
