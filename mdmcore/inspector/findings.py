"""Gathering hits into findings: one for each rule and life, with count and first places."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from mdmcore.inspector.masking import Mask
from mdmcore.rules.causes import SYMPTOMS, Sighting, probable_causes
from mdmcore.rules.life import Life
from mdmcore.rules.model import MAX_PLACES, Finding, Place, Severity
from mdmcore.rules.registry import Outcry, Rule, gravest

_NEVER = 2**63
"""The number of what has not come: it is behind all that has."""

type Key = tuple[str, str | None]
"""A rule and a life."""


def findings_of(
    outcries: Iterable[Outcry],
    life: Life,
    causes_of: Callable[[Outcry], tuple[str, ...]] | None = None,
) -> tuple[Finding, ...]:
    """The findings of one exchange, the gravest first. ``causes_of`` knows the life's other
    findings; without it the causes are those that the hits name."""
    found = []
    for outcry in outcries:
        places = tuple(hit.place for hit in outcry.hits)
        found.append(
            _finding(
                outcry.rule,
                outcry.severity,
                message=outcry.hits[0].message,
                life=life.id,
                causes=_named(outcry) if causes_of is None else causes_of(outcry),
                count=len(places),
                places=places[:MAX_PLACES],
            )
        )
    return tuple(sorted(found, key=lambda finding: -finding.severity.rank))


def shown_finding(finding: Finding, mask: Mask) -> Finding:
    """The finding with the secrets of its words and its evidence masked."""
    return replace(
        finding,
        message=mask.text(finding.message) or "",
        places=tuple(
            replace(place, evidence=mask.text(place.evidence) or "") for place in finding.places
        ),
    )


def _named(outcry: Outcry) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cause for hit in outcry.hits for cause in hit.caused_by))


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
    """One rule's hits in one life; ``first`` and ``last`` number the exchanges they came in."""

    rule: Rule
    message: str
    step: str
    first: int
    last: int
    gravest: Severity = Severity.NONE
    """That of the hit whose words stand in ``message``."""
    count: int = 0
    places: list[Place] = field(default_factory=list)
    causes: dict[str, None] = field(default_factory=dict)
    raised: Severity = Severity.NONE

    def add(
        self,
        places: Iterable[Place],
        causes: Iterable[str],
        count: int,
        raised: Severity | None,
    ) -> None:
        self.count += count
        self.places.extend(list(places)[: MAX_PLACES - len(self.places)])
        self.causes.update(dict.fromkeys(causes))
        if raised is not None and raised.rank > self.raised.rank:
            self.raised = raised

    def severity(self, life: Life) -> Severity:
        """How grave it is by what is known of the life now."""
        return self.rule.severity(life.profile, life).at_least(self.raised)

    def say(self, message: str, severity: Severity) -> None:
        """Let a graver hit speak for all."""
        if severity.rank > self.gravest.rank:
            self.message, self.gravest = message, severity

    def take(self, other: _Gathered) -> None:
        """Add what was found of the same life before it was known to be the same."""
        if other.first < self.first:
            self.first, self.step = other.first, other.step
        self.say(other.message, other.gravest)
        self.last = max(self.last, other.last)
        self.add(other.places, other.causes, other.count, other.raised)

    def sighting(self, severity: Severity) -> Sighting:
        return Sighting(
            rule=self.rule.id,
            severity=severity,
            step=self.step,
            first=self.first,
            last=self.last,
            exchanges=frozenset(place.exchange for place in self.places),
            named=tuple(self.causes),
        )


class FindingStore:
    """All findings so far. Memory grows with rules times lives."""

    def __init__(self) -> None:
        self._gathered: dict[Key, _Gathered] = {}
        self._number = 0

    def add(self, outcries: Iterable[Outcry], life: Life, *, step: str = "") -> None:
        """Add the findings of one exchange, of that step; the life's id may still change."""
        self._number += 1
        for outcry in outcries:
            _gather(self._gathered, outcry, life, step=step, number=self._number)

    def findings(
        self,
        current_id: Callable[[str | None], str | None],
        life_of: Callable[[str | None], Life],
        *,
        missed: Iterable[tuple[Life, Iterable[Outcry]]] = (),
    ) -> tuple[Finding, ...]:
        """The findings by what is known now: a life may have been merged, its profile told, and
        a severity lowered, since they were made. Gravest first. ``missed`` are outcries about what
        has not come until now."""
        merged = self._merged(current_id)
        for life, outcries in missed:
            for outcry in outcries:
                _gather(merged, outcry, life, step="", number=_NEVER)
        known: dict[str | None, list[tuple[_Gathered, Sighting]]] = {}
        for (_, life_id), item in merged.items():
            life = life_of(life_id)
            severity = item.severity(life)
            if severity is not Severity.NONE:
                known.setdefault(life_id, []).append((item, item.sighting(severity)))
        found = [
            _finding(
                item.rule,
                seen.severity,
                message=item.message,
                life=life_id,
                causes=probable_causes(seen, [one for _, one in items]),
                count=item.count,
                places=tuple(item.places),
            )
            for life_id, items in known.items()
            for item, seen in items
        ]
        order = {key: number for number, key in enumerate(merged)}
        found.sort(key=lambda one: (-one.severity.rank, order[one.rule, one.life]))
        return tuple(found)

    def causes_of(
        self, outcry: Outcry, life: Life, current_id: Callable[[str | None], str | None]
    ) -> tuple[str, ...]:
        """The causes of what was added last, by what was found in that life before."""
        if outcry.rule.id not in SYMPTOMS:
            return _named(outcry)
        seen = [
            item.sighting(item.severity(life))
            for (_, life_id), item in self._merged(current_id).items()
            if life_id == life.id
        ]
        seen = [one for one in seen if one.severity is not Severity.NONE]
        symptom = next((one for one in seen if one.rule == outcry.rule.id), None)
        return _named(outcry) if symptom is None else probable_causes(symptom, seen)

    def _merged(self, current_id: Callable[[str | None], str | None]) -> dict[Key, _Gathered]:
        merged: dict[Key, _Gathered] = {}
        for (rule_id, life_id), item in self._gathered.items():
            key = (rule_id, current_id(life_id))
            if key not in merged:
                merged[key] = _Gathered(
                    rule=item.rule,
                    message=item.message,
                    step=item.step,
                    first=item.first,
                    last=item.last,
                    gravest=item.gravest,
                )
            merged[key].take(item)
        return merged


def _gather(
    store: dict[Key, _Gathered], outcry: Outcry, life: Life, *, step: str, number: int
) -> None:
    key = (outcry.rule.id, life.id)
    if key not in store:
        message = outcry.hits[0].message
        store[key] = _Gathered(
            rule=outcry.rule, message=message, step=step, first=number, last=number
        )
    item = store[key]
    item.last = number
    item.say(outcry.hits[0].message, outcry.severity)
    places = [hit.place for hit in outcry.hits]
    item.add(places, _named(outcry), len(places), gravest(outcry.hits))
