"""What an analysis came to, in rows: what each format but the streamed text is written from.

The outcomes of captures that were judged apart are put together here. An outcome is made of values
that one process can hand to another; its exchanges are in a spool.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mdmcore.report.analysis import Analysis
from mdmcore.report.model import CaptureRow, FindingRow, LifeRow
from mdmcore.report.rows import finding_row, life_row
from mdmcore.rules import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """``findings`` are those that are told, the gravest first. Not told are those of ``known_of``
    (rule and life), which the baseline knows, and ``ignored`` others of rules that nobody chose."""

    captures: tuple[CaptureRow, ...]
    lives: tuple[LifeRow, ...]
    findings: tuple[FindingRow, ...]
    known_of: tuple[tuple[str, str | None], ...] = ()
    ignored: int = 0
    seen_in: Mapping[tuple[str, str | None], tuple[str, ...]] = field(default_factory=dict)
    """In which captures the rule of a finding spoke in its life: a finding has 100 places at most,
    which may all be in the first."""

    @property
    def known(self) -> int:
        """How many findings the baseline knows."""
        return len(self.known_of)

    @property
    def has_errors(self) -> bool:
        """Whether a capture was not read to its end, or not without loss."""
        return any(capture.errors for capture in self.captures)


def outcome_of(analysis: Analysis) -> Outcome:
    """That of an analysis which has run."""
    sieved = analysis.sieved
    return Outcome(
        captures=analysis.captures,
        lives=tuple(map(life_row, analysis.lives)),
        findings=tuple(map(finding_row, sieved.findings)),
        known_of=sieved.known_of,
        ignored=sieved.ignored,
        seen_in=_seen_in(analysis),
    )


def _seen_in(analysis: Analysis) -> dict[tuple[str, str | None], tuple[str, ...]]:
    """By the ids that lives have now."""
    now = {part: life.id for life in analysis.lives for part in life.parts}
    found: dict[tuple[str, str | None], dict[str, None]] = {}
    for (rule, life), captures in analysis.seen_in.items():
        known = found.setdefault((rule, life if life is None else now.get(life, life)), {})
        known.update(dict.fromkeys(captures))
    return {key: tuple(captures) for key, captures in found.items()}


def together(outcomes: Iterable[Outcome]) -> Outcome:
    """One outcome of several, in their order."""
    outcomes = tuple(outcomes)
    findings = [finding for one in outcomes for finding in one.findings]
    findings.sort(key=lambda finding: -Severity(finding.severity).rank)
    return Outcome(
        captures=tuple(capture for one in outcomes for capture in one.captures),
        lives=tuple(life for one in outcomes for life in one.lives),
        findings=tuple(findings),
        known_of=tuple(known for one in outcomes for known in one.known_of),
        ignored=sum(one.ignored for one in outcomes),
        seen_in=_union(outcomes),
    )


def _union(outcomes: Iterable[Outcome]) -> dict[tuple[str, str | None], tuple[str, ...]]:
    """What outcomes have seen: only findings of no device have keys in common."""
    found: dict[tuple[str, str | None], tuple[str, ...]] = {}
    for one in outcomes:
        for key, captures in one.seen_in.items():
            found[key] = found.get(key, ()) + captures
    return found
