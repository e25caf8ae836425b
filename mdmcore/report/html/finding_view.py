"""What the page shows of a finding: whose it is, where it was seen, what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mdmcore.report.html.ticket import ticket
from mdmcore.report.html.visible import visible
from mdmcore.rules import Finding, Place
from mdmcore.rules.refused import expectation

SHOWN_PLACES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An exchange that a finding speaks of: its number on the page, its kind."""

    number: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceView:
    """A place: the exchange with its number (0: it is not on the page), what finds it there."""

    exchange: str
    number: int
    where: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A rule that may be behind it, with the number of its finding if it has spoken."""

    rule: str
    finding: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """A finding; ``places`` are the first ones, ``further`` those after them, ``more`` counts what
    has no place here. ``ticket`` is all of it in Markdown."""

    number: int
    rule: str
    severity: str
    message: str
    needs: str
    effect: str
    fix: str
    sources: tuple[str, ...]
    life: str
    count: int
    places: tuple[PlaceView, ...]
    further: tuple[PlaceView, ...]
    more: int
    causes: tuple[Cause, ...]
    kinds: tuple[str, ...]
    ticket: str


def finding_views(
    findings: Sequence[Finding], known: Mapping[str, Known], *, captures: Sequence[str]
) -> tuple[FindingView, ...]:
    """The views of all findings; ``known`` are the exchanges at their places, by id."""
    numbers = {
        (each.rule, each.life): number for number, each in reversed([*enumerate(findings, 1)])
    }
    by_rule = {rule: number for (rule, _), number in numbers.items()}
    return tuple(
        _view(each, number, known, captures, tuple(_causes(each, numbers, by_rule)))
        for number, each in enumerate(findings, 1)
    )


def _causes(
    finding: Finding,
    numbers: Mapping[tuple[str, str | None], int],
    by_rule: Mapping[str, int],
) -> Iterator[Cause]:
    for rule in finding.caused_by:
        found = numbers.get((rule, finding.life), by_rule.get(rule, 0))
        yield Cause(rule=rule, finding=found)


def _view(
    finding: Finding,
    number: int,
    known: Mapping[str, Known],
    captures: Sequence[str],
    causes: tuple[Cause, ...],
) -> FindingView:
    places = tuple(_places(finding.places, known, captures))
    found = (known.get(visible(place.exchange)) for place in finding.places)
    return FindingView(
        number=number,
        rule=finding.rule,
        severity=finding.severity.value,
        message=finding.message,
        needs=expectation(finding.rule),
        effect=finding.effect,
        fix=finding.fix,
        sources=finding.sources,
        life=finding.life or "",
        count=finding.count,
        places=places[:SHOWN_PLACES],
        further=places[SHOWN_PLACES:],
        more=max(0, finding.count - len(places)),
        causes=causes,
        kinds=tuple(dict.fromkeys(each.kind for each in found if each is not None)),
        ticket=ticket(finding, life=finding.life or "", source=", ".join(captures[:5])),
    )


def _places(
    places: Iterable[Place], known: Mapping[str, Known], captures: Sequence[str]
) -> Iterator[PlaceView]:
    for place in places:
        exchange = visible(place.exchange)
        if len(captures) == 1:
            exchange = exchange.removeprefix(f"{visible(captures[0])}:")
        where = dict(place.where)
        part = where.pop("part", "")
        finder = ", ".join(f"{name} {value}" for name, value in where.items())
        found = known.get(visible(place.exchange))
        yield PlaceView(
            exchange=exchange,
            number=0 if found is None else found.number,
            where=", ".join(each for each in (part, finder) if each),
            evidence=place.evidence,
        )
