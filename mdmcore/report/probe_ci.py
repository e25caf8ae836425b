"""A probe for machines that only know pass and fail: JUnit cases and SARIF results of its steps."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from mdmcore.report.explanation import Explanation
from mdmcore.report.junit import JUnitCase, JUnitFailure, JUnitSuite
from mdmcore.report.probe import Outcome, ProbeRun, ProbeStep, other_findings
from mdmcore.report.probe_text import ProbeText, closing_line
from mdmcore.report.sarif import SarifResult, result_of
from mdmcore.rules import Place, Severity

_NO_RULE = "refused-at"
"""Stands before the step in the id of a refusal without a rule."""


def junit_suite(run: ProbeRun) -> JUnitSuite:
    """One case for each step of the life."""
    return JUnitSuite(
        name=run.name,
        began=run.began,
        properties=run.asked,
        cases=tuple(_case(run.name, step) for step in run.steps),
        output=closing_line(run),
    )


def _case(name: str, step: ProbeStep) -> JUnitCase:
    failure = None
    if step.explanation is not None:
        told = step.explanation
        failure = JUnitFailure(
            type=rule_name(told), message=told.reason, text=_whole_text(step.title, told)
        )
    return JUnitCase(
        classname=f"mdmproxy.{name}",
        name=step.title,
        seconds=step.seconds,
        failure=failure,
        skipped=step.detail if step.outcome is Outcome.SKIPPED else None,
    )


def _whole_text(title: str, told: Explanation) -> str:
    out = io.StringIO()
    ProbeText(out).refusal(title, told)
    return out.getvalue().rstrip()


def rule_name(told: Explanation) -> str:
    """The rule's id; where there is none, a name that says at which step."""
    return f"{_NO_RULE}-{told.step}" if told.rule is None else told.rule.id


def sarif_results(runs: Iterable[ProbeRun]) -> Iterator[SarifResult]:
    """Each refusal, and each finding that none of them is about."""
    for run in runs:
        told = [step.explanation for step in run.refusals if step.explanation is not None]
        for one in told:
            yield _refusal(one, run.name)
        for finding in other_findings(run):
            yield result_of(finding, capture=run.name)


def _refusal(told: Explanation, capture: str) -> SarifResult:
    places = [] if told.finding is None else list(told.finding.places)
    place = Place(
        exchange=told.exchange or capture,
        where={"part": "response", "xpath": told.place},
        evidence=told.evidence or told.reason,
    )
    words = [f"The device gives up in step {told.step}: {told.reason}"]
    words += [f"Found: {told.finding.message}"] if told.finding is not None else []
    words += [f"{label}: {text}" for label, text in _advice(told) if text]
    return SarifResult(
        rule_id=rule_name(told),
        rule=told.rule,
        severity=Severity.ERROR,
        message="\n".join(words),
        places=(place, *places),
        capture=capture,
    )


def _advice(told: Explanation) -> tuple[tuple[str, str], ...]:
    return (
        ("Expected", told.expected),
        ("Shows", told.shown),
        ("Fix", "" if told.rule is None else told.rule.fix),
    )
