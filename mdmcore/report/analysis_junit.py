"""An analysis as JUnit XML (formats.md 6.2): a suite for each life, a case for each rule in it.

Passed cases say what was checked. A finding below ``fail_on`` passes and stands in the suite's
output; a rule that looks at steps which the life does not have is skipped, and so is what a
baseline knows. A last suite says of each capture whether it was read to its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mdmcore.report.across import capture_of
from mdmcore.report.finding_text import finding_text
from mdmcore.report.identity import who_of
from mdmcore.report.junit import JUnitCase, JUnitFailure, JUnitSuite
from mdmcore.report.model import CaptureRow, FindingRow, LifeRow
from mdmcore.report.outcome import Outcome
from mdmcore.report.spool import ExchangeLines, facts_of
from mdmcore.report.timeline import STEPS
from mdmcore.rules import RULES, Rule, Severity
from mdmcore.rules.decoded import Kind
from mdmcore.rules.registry import ALL_KINDS

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_FAILURE = 16 * 1024
"""Characters of a case's text: those who read such files show no more."""

_MAX_NAME = 100
"""Characters of a capture and of a device in a name, which is cut behind them."""

_UNREAD = "not-read"


@dataclass(slots=True)
class _Seen:
    """What a life has been through."""

    capture: str = ""
    kinds: set[str] = field(default_factory=set)


def analysis_suites(
    outcome: Outcome,
    lines: ExchangeLines,
    *,
    fail_on: str,
    is_told: Callable[[str], bool] = lambda rule_id: True,
) -> Iterator[JUnitSuite]:
    """The suites of an outcome; ``is_told`` says which rules were wanted."""
    seen = _seen(outcome, lines)
    found: dict[str | None, dict[str, FindingRow]] = {}
    for finding in outcome.findings:
        found.setdefault(finding.life, {})[finding.rule] = finding
    known: dict[str | None, set[str]] = {}
    for rule_id, life_id in outcome.known_of:
        known.setdefault(life_id, set()).add(rule_id)
    rules = [rule for rule in RULES.values() if is_told(rule.id)]
    names: dict[str, int] = {}
    for life in outcome.lives:
        name = _unique(_name(life, seen[life.id]), names)
        findings = found.pop(life.id, {})
        yield JUnitSuite(
            name=name,
            began=life.first or _NO_TIME,
            cases=tuple(
                _case(rule, life, name, seen[life.id], findings, known.get(life.id, set()), fail_on)
                for rule in rules
                if rule.entry.severity(life.profile) is not Severity.NONE or rule.id in findings
            ),
            properties=_properties(life, seen[life.id]),
            output=_output(findings.values(), fail_on),
        )
    for rest in found.values():
        yield _without_device(rest.values(), fail_on)
    yield _captures(outcome.captures)


def _seen(outcome: Outcome, lines: ExchangeLines) -> dict[str, _Seen]:
    lives = {part: life.id for life in outcome.lives for part in life.parts}
    seen = {life.id: _Seen() for life in outcome.lives}
    for facts in facts_of(lines):
        life = lives.get(facts.life or "")
        if life is not None:
            seen[life].kinds.add(facts.kind)
            seen[life].capture = seen[life].capture or capture_of(facts.id)
    return seen


def _name(life: LifeRow, seen: _Seen) -> str:
    """Without the life's number, which changes when a capture is added."""
    who = who_of(life.device) or "unknown device"
    return " ".join(filter(None, (seen.capture[-_MAX_NAME:], who[:_MAX_NAME])))


def _unique(name: str, names: dict[str, int]) -> str:
    """Those who read such files drop the second of a name."""
    names[name] = names.get(name, 0) + 1
    return name if names[name] == 1 else f"{name} #{names[name]}"


def _properties(life: LifeRow, seen: _Seen) -> Mapping[str, str]:
    about = {"capture": seen.capture, "life": life.id, "profile": life.profile}
    return {**about, "outcome": life.outcome, **life.device}


def _case(
    rule: Rule,
    life: LifeRow,
    suite: str,
    seen: _Seen,
    findings: Mapping[str, FindingRow],
    known: set[str],
    fail_on: str,
) -> JUnitCase:
    finding = findings.get(rule.id)
    failure = _failure(finding, fail_on) if finding is not None else None
    skipped = None
    if rule.id in known and finding is None:
        skipped = "known before, by the baseline"
    elif finding is None and not _applies(rule, seen):
        skipped = f"no {_steps(rule)} in this life"
    return JUnitCase(
        classname=_classname(suite),
        name=rule.id,
        failure=failure,
        skipped=skipped,
        file=seen.capture,
    )


def _applies(rule: Rule, seen: _Seen) -> bool:
    return rule.kinds == ALL_KINDS or any(kind.value in seen.kinds for kind in rule.kinds)


def _steps(rule: Rule) -> str:
    return " or ".join(STEPS[kind] for kind in Kind if kind in rule.kinds)


def _classname(suite: str) -> str:
    # Dots part packages: a path in one would look like many.
    return f"mdmproxy.{suite.replace('.', '_')}"


def _failure(finding: FindingRow, fail_on: str) -> JUnitFailure | None:
    if not fails(finding.severity, fail_on):
        return None
    return JUnitFailure(
        type=finding.severity, message=finding.message, text=finding_text(finding)[:_MAX_FAILURE]
    )


def fails(severity: str, fail_on: str) -> bool:
    """Whether a finding of that severity is a failure."""
    return fail_on != "never" and Severity(severity).rank >= Severity(fail_on).rank


def _output(findings: Iterable[FindingRow], fail_on: str) -> str:
    """The findings that are no failures."""
    told = [finding_text(one) for one in findings if not fails(one.severity, fail_on)]
    return "\n\n".join(told)[:_MAX_FAILURE]


def _without_device(findings: Iterable[FindingRow], fail_on: str) -> JUnitSuite:
    findings = tuple(findings)
    name = "no device"
    return JUnitSuite(
        name=name,
        began=_NO_TIME,
        cases=tuple(
            JUnitCase(classname=_classname(name), name=one.rule, failure=_failure(one, fail_on))
            for one in findings
        ),
        output=_output(findings, fail_on),
    )


def _captures(captures: Iterable[CaptureRow]) -> JUnitSuite:
    name = "captures"
    names: dict[str, int] = {}
    cases = []
    for capture in captures:
        text = "\n".join(f"{error.where}: {error.message}" for error in capture.errors)
        cases.append(
            JUnitCase(
                classname=_classname(name),
                name=_unique(f"{capture.path} is read to its end", names),
                failure=JUnitFailure(type=_UNREAD, message=text, text=text[:_MAX_FAILURE])
                if capture.errors
                else None,
                file=capture.path,
            )
        )
    return JUnitSuite(name=name, began=_NO_TIME, cases=tuple(cases))
