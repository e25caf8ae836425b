"""What a probe came to: the steps of a simulated phone's life, each done, refused or left out.

Its place in an analysis document is ``captures[].decoded["probe"]`` (``probe_row``); how it is
laid out as text is the concern of ``probe_text``, JUnit and SARIF have modules of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from mdmcore.report.explanation import Explanation, is_symptom
from mdmcore.report.model import CaptureRow
from mdmcore.rules import Finding
from mdmcore.rules.life import Life


class Outcome(StrEnum):
    """How a step ended."""

    DONE = "done"
    REFUSED = "refused"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeStep:
    """One step: ``detail`` says what was reached, or why it was left out; ``exchanges`` are ids."""

    name: str
    title: str
    outcome: Outcome
    detail: str = ""
    exchanges: tuple[str, ...] = ()
    seconds: float = 0.0
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRun:
    """One life. ``asked`` is what the phone was like: profile, user, server, way there."""

    name: str
    asked: Mapping[str, str]
    began: datetime
    steps: tuple[ProbeStep, ...]
    exchanges: int
    lives: tuple[Life, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def refusals(self) -> tuple[ProbeStep, ...]:
        """The steps in which the phone gave up."""
        return tuple(step for step in self.steps if step.outcome is Outcome.REFUSED)


def other_findings(run: ProbeRun) -> Iterator[Finding]:
    """The findings that no refusal tells already: neither its rule, nor that it was refused."""
    told = [step.explanation for step in run.refusals if step.explanation is not None]
    rules = {one.rule.id for one in told if one.rule is not None}
    refused_in = {one.exchange for one in told}
    for finding in run.findings:
        is_told = is_symptom(finding.rule) and any(
            place.exchange in refused_in for place in finding.places
        )
        if finding.rule not in rules and not is_told:
            yield finding


def probe_capture(run: ProbeRun) -> CaptureRow:
    """The capture of an analysis document that a run is: no file, but flows all the same."""
    return CaptureRow(
        path=run.name, format="flows", exchanges=run.exchanges, decoded={"probe": probe_row(run)}
    )


def probe_row(run: ProbeRun) -> dict[str, Any]:
    """A run in plain JSON types (docs/probe.md)."""
    return {
        "asked": dict(run.asked),
        "began": run.began.isoformat(),
        "refused": bool(run.refusals),
        "steps": [_step_row(step) for step in run.steps],
    }


def _step_row(step: ProbeStep) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": step.name,
        "title": step.title,
        "outcome": step.outcome.value,
        "detail": step.detail,
        "exchanges": list(step.exchanges),
        "seconds": round(step.seconds, 3),
    }
    if step.explanation is not None:
        row["refusal"] = refusal_row(step.explanation)
    return row


def refusal_row(told: Explanation) -> dict[str, Any]:
    """A refusal in plain JSON types; ``rule`` and what it says are null or empty where unknown."""
    rule, finding = told.rule, told.finding
    return {
        "step": told.step,
        "exchange": told.exchange,
        "reason": told.reason,
        "place": told.place,
        "evidence": told.evidence,
        "hresult": None if told.hresult is None else f"0x{told.hresult:08X}",
        "shown": told.shown,
        "certainty": told.certainty.value,
        "rule": None if rule is None else rule.id,
        "others": list(told.others),
        "found": "" if finding is None else finding.message,
        "found_at": []
        if finding is None
        else [
            {"exchange": place.exchange, "where": dict(place.where), "evidence": place.evidence}
            for place in finding.places
        ],
        "expected": told.expected,
        "device": "" if rule is None else rule.reaction,
        "effect": "" if rule is None else rule.effect,
        "fix": "" if rule is None else rule.fix,
        "how": {} if rule is None else dict(rule.how),
        "sources": [] if rule is None else list(rule.sources),
    }
