"""What a device's refusal means: its place and reason, weighed against what was found.

The device says at which step and place it gave up, never which rule that is. The inspector's
finding in the same exchange is the best witness; ``rules.refused`` decides among several, and says
what is likely where nothing was found. Where neither knows, that is what is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from mdmcore.codes import code_words
from mdmcore.phone.refusal import Failure, Refusal
from mdmcore.rules import RULES, CatalogueEntry, Finding, Severity, entry
from mdmcore.rules.refused import expectation, suspects

_MAX_OTHERS = 4
_SYMPTOMS = "observed"
"""The phase of rules that see only that something was refused."""
_SLOW_SCOPES = frozenset({"life", "live-only", "probe", "cause"})
"""What these rules look at is more than one exchange, so that their silence says nothing."""
_POSITION = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is kept of an exchange for explaining a refusal. ``status`` is that of the answer,
    ``failure`` why there was none, in words in ``words``."""

    exchange: str
    status: int | None
    findings: tuple[Finding, ...]
    failure: Failure | None = None
    words: str = ""


class Certainty(StrEnum):
    """What the naming of a rule rests on."""

    FOUND = "found"
    """The rule has spoken about what the server sent."""
    LIKELY = "likely"
    """Nothing has spoken; it is what devices give up for at this place."""
    UNKNOWN = "unknown"
    """No rule is known for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A refusal, told so that whoever runs the server can act.

    ``exchange`` is the id of that in which the device gave up, ``None`` when it did without one;
    ``place`` and ``evidence`` are the device's, ``finding`` the rule's own words. ``others`` are
    rules that may be meant instead, or causes of a symptom.
    """

    step: str
    reason: str
    place: str
    evidence: str
    exchange: str | None
    hresult: int | None
    certainty: Certainty
    rule: CatalogueEntry | None = None
    finding: Finding | None = None
    others: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The device's code with its name and meaning; empty where none is known."""
        if self.hresult is None:
            return ""
        words = code_words("hresult", self.hresult)
        known = f" {words['name']}: {words['meaning']}" if words.get("name") else ""
        return f"0x{self.hresult:08X}{known}"

    @property
    def expected(self) -> str:
        """What the device needs there; empty where no rule is named."""
        return "" if self.rule is None else expectation(self.rule.id)


def explain(refusal: Refusal, seen: Sequence[Seen], *, begin: int, profile: str) -> Explanation:
    """The explanation; ``seen`` is the life so far, ``seen[begin:]`` the step that was refused."""
    last = _given_up_in(seen[begin:])
    asked = suspects(refusal.step.value, _place(refusal, last), profile)
    finding = _best(refusal, asked, seen, last)
    if finding is not None:
        rule, certainty = entry(finding.rule), Certainty.FOUND
        others = finding.caused_by or _causes(rule, asked)
    elif asked:
        rule, certainty = entry(asked[0]), Certainty.LIKELY
        others = tuple(one for one in asked[1:] if not is_symptom(one))
    else:
        rule, certainty, others = None, Certainty.UNKNOWN, ()
    return Explanation(
        step=refusal.step.value,
        reason=refusal.reason,
        place=refusal.place,
        evidence=refusal.evidence,
        exchange=None if last is None else last.exchange,
        hresult=refusal.hresult,
        certainty=certainty,
        rule=rule,
        finding=finding,
        others=others[:_MAX_OTHERS],
    )


def settled(told: Explanation, findings: Sequence[Finding]) -> Explanation:
    """The explanation by what was found after the refusal: of the rules that were likely, one may
    have been shown."""
    if told.certainty is not Certainty.LIKELY or told.rule is None:
        return told
    likely = (told.rule.id, *told.others)
    shown = [one for one in findings if one.rule in likely]
    if not shown:
        return told
    best = min(shown, key=lambda one: likely.index(one.rule))
    return replace(
        told,
        certainty=Certainty.FOUND,
        rule=entry(best.rule),
        finding=best,
        others=best.caused_by[:_MAX_OTHERS],
    )


def _causes(rule: CatalogueEntry, asked: Sequence[str]) -> tuple[str, ...]:
    """What may be behind a symptom: rules of this place that one exchange cannot show."""
    if not is_symptom(rule.id):
        return ()
    silent = (one for one in asked if not is_symptom(one) and not _shows_at_once(one))
    known = (one for one in rule.causes if one in asked)
    return tuple(dict.fromkeys((*known, *silent)))


def _shows_at_once(rule_id: str) -> bool:
    return rule_id in RULES and not _SLOW_SCOPES.intersection(entry(rule_id).scope)


def _given_up_in(step: Sequence[Seen]) -> Seen | None:
    """The exchange that decided: the first one without an answer (a device may look elsewhere
    before it gives up), else the last one."""
    failed = (one for one in step if one.failure is not None)
    return next(failed, step[-1] if step else None)


def _place(refusal: Refusal, last: Seen | None) -> str:
    """The place as the table of refusals names it."""
    if last is not None and last.failure is not None and _is_connection(refusal):
        return f"connection {last.failure}"
    if refusal.place == "status" and last is not None and last.status is not None:
        return f"status {last.status}"
    return refusal.place


def _is_connection(refusal: Refusal) -> bool:
    return refusal.place in ("url", "header Location")


def _best(
    refusal: Refusal, asked: Sequence[str], seen: Sequence[Seen], last: Seen | None
) -> Finding | None:
    """The finding that explains the refusal best, ``None`` without any that could."""
    here = last.findings if last is not None else ()
    named = [one for one in _latest_first(seen) if one.rule in asked]
    if named:
        return min(named, key=lambda one: _rank(one, here, asked))
    at_place = [one for one in here if _is_at(one, refusal.place)]
    errors = [one for one in here if one.severity is Severity.ERROR]
    return next(iter((*at_place, *errors)), None)


def _latest_first(seen: Sequence[Seen]) -> Iterator[Finding]:
    for one in reversed(seen):
        yield from one.findings


def _rank(
    finding: Finding, here: Sequence[Finding], asked: Sequence[str]
) -> tuple[bool, bool, int, int]:
    return (
        is_symptom(finding.rule),
        finding not in here,
        asked.index(finding.rule),
        -finding.severity.rank,
    )


def is_symptom(rule_id: str) -> bool:
    """Whether a rule sees only that something was refused, not why."""
    return entry(rule_id).phase == _SYMPTOMS


def _is_at(finding: Finding, place: str) -> bool:
    """Whether one of the finding's places is that of the device."""
    wanted = _POSITION.sub("", place)
    return any(
        _POSITION.sub("", value) == wanted or f"{name} {value}" == wanted
        for one in finding.places
        for name, value in one.where.items()
    )
