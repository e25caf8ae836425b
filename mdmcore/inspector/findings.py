"""Gathering hits into findings: one for each rule and life, with count and first places."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from mdmcore.rules.life import Life
from mdmcore.rules.model import MAX_PLACES, Finding, Place, Severity
from mdmcore.rules.registry import Outcry, Rule


def findings_of(outcries: Iterable[Outcry], life: Life) -> tuple[Finding, ...]:
    """The findings of one exchange, the gravest first."""
    found = []
    for outcry in outcries:
        causes = dict.fromkeys(cause for hit in outcry.hits for cause in hit.caused_by)
        places = tuple(hit.place for hit in outcry.hits)
        found.append(
            _finding(
                outcry.rule,
                outcry.severity,
                message=outcry.hits[0].message,
                life=life.id,
                causes=tuple(causes),
                count=len(places),
                places=places[:MAX_PLACES],
            )
        )
    return tuple(sorted(found, key=lambda finding: -finding.severity.rank))


def _finding(
    rule: Rule,
    severity: Severity,
    *,
    message: str,
    life: str | None,
    causes: tuple[str, ...],
    count: int,
    places: tuple[Place, ...],
) -> Finding:
    entry = rule.entry
    return Finding(
        rule=rule.id,
        severity=severity,
        message=message,
        effect=entry.effect,
        fix=entry.fix,
        sources=entry.sources,
        life=life,
        count=count,
        places=places,
        caused_by=causes,
    )


@dataclass(slots=True, kw_only=True)
class _Gathered:
    rule: Rule
    message: str
    count: int = 0
    places: list[Place] = field(default_factory=list)
    causes: dict[str, None] = field(default_factory=dict)

    def add(self, places: Iterable[Place], causes: Iterable[str], count: int) -> None:
        self.count += count
        self.places.extend(list(places)[: MAX_PLACES - len(self.places)])
        self.causes.update(dict.fromkeys(causes))


class FindingStore:
    """All findings so far. Memory grows with rules times lives."""

    def __init__(self) -> None:
        self._gathered: dict[tuple[str, str | None], _Gathered] = {}

    def add(self, outcries: Iterable[Outcry], life: Life) -> None:
        """Count the hits of one exchange."""
        for outcry in outcries:
            key = (outcry.rule.id, life.id)
            if key not in self._gathered:
                message = outcry.hits[0].message
                self._gathered[key] = _Gathered(rule=outcry.rule, message=message)
            causes = [cause for hit in outcry.hits for cause in hit.caused_by]
            places = [hit.place for hit in outcry.hits]
            self._gathered[key].add(places, causes, len(places))

    def findings(
        self,
        current_id: Callable[[str | None], str | None],
        life_of: Callable[[str | None], Life],
    ) -> tuple[Finding, ...]:
        """The findings by what is known now: a life may have been merged, its profile told, and
        a severity lowered, since they were made. Gravest first."""
        merged: dict[tuple[str, str | None], _Gathered] = {}
        for (rule_id, life_id), item in self._gathered.items():
            key = (rule_id, current_id(life_id))
            whole = merged.setdefault(key, _Gathered(rule=item.rule, message=item.message))
            whole.add(item.places, item.causes, item.count)
        found = []
        for (_, life_id), item in merged.items():
            life = life_of(life_id)
            severity = item.rule.severity(life.profile, life)
            if severity is Severity.NONE:
                continue
            found.append(
                _finding(
                    item.rule,
                    severity,
                    message=item.message,
                    life=life_id,
                    causes=tuple(item.causes),
                    count=item.count,
                    places=tuple(item.places),
                )
            )
        return tuple(sorted(found, key=lambda finding: -finding.severity.rank))
