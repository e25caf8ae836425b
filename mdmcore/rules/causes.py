"""Which findings of a life explain a symptom in it: one function over what was found there.

A symptom is a rule that sees only that something does not happen. Which rules may explain it stands
in the catalogue (``causes``); of these the ones count that were found in the same life, not later
than the symptom (rules.md, "Causes, and the symptoms they are attached to"). What was looked at and
found to be right is no cause, so nothing is offered that contradicts what was seen. Mistakes inside
a server are named by the rule of the symptom itself (``refusals``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mdmcore.rules.catalogue import entry
from mdmcore.rules.model import Severity

SYMPTOMS = frozenset(
    {
        "first-sync-window-missed",
        "first-session-never-completed",
        "hub-no-attempt",
        "hub-tls-no-request",
        "tls-client-cert-not-sent",
        "enroll-attempt-loop",
        "resend-loop",
        "renew-attempts-failing",
        "renewal-not-attempted",
        "message-resent",
        "session-dropped",
        "tls-closed-by-device",
    }
)
"""The rules whose causes are looked for in the life."""

_TOGETHER = frozenset({"resend-loop"})
"""Symptoms of one command: what explains them shows in the same exchange."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A rule that has spoken in a life. ``step`` is the kind of exchange in which it spoke first,
    ``first`` and ``last`` are numbers of exchanges in the order of time; ``exchanges`` the ids of
    those it spoke in. ``named`` are the causes that the rule itself named."""

    rule: str
    severity: Severity
    step: str
    first: int
    last: int
    exchanges: frozenset[str] = frozenset()
    named: tuple[str, ...] = ()


def probable_causes(symptom: Sighting, found: Iterable[Sighting]) -> tuple[str, ...]:
    """The causes of a symptom, the most likely first: of the same step, then the earlier, then the
    graver. Those of the same step stand before what the rule itself named, others behind it."""
    if symptom.rule not in SYMPTOMS:
        return symptom.named
    candidates = entry(symptom.rule).causes
    known = [
        one
        for one in found
        if one.rule in candidates
        and one.first <= symptom.last
        and (symptom.rule not in _TOGETHER or one.exchanges & symptom.exchanges)
    ]
    known.sort(
        key=lambda one: (
            one.step != symptom.step,
            one.first,
            -one.severity.rank,
            candidates.index(one.rule),
        )
    )
    here = [one.rule for one in known if one.step == symptom.step]
    before = [one.rule for one in known if one.step != symptom.step]
    return tuple(dict.fromkeys((*here, *symptom.named, *before)))
