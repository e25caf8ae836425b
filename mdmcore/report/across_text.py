"""The summary across captures as text, and the short report of many captures.

Which rule in how many captures, which server, which device, and what could not be read; before it,
for captures that were judged apart, one line each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TextIO

from mdmcore.report.across import (
    Across,
    DeviceAcross,
    RuleAcross,
    ServerAcross,
    capture_of,
    in_captures,
)
from mdmcore.report.finding_text import place_text
from mdmcore.report.model import CaptureRow
from mdmcore.report.outcome import Outcome
from mdmcore.report.plain import LineWriter
from mdmcore.report.text import FORMAT_NAMES, hidden, plural
from mdmcore.rules import Severity
from mdmcore.rules.refused import expectation

SHOWN = 20
"""Servers and devices that are shown; the JSON report has all."""

_SHOWN_NAMES = 3
_SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.INFO)


def write_captures_text(
    out: TextIO, outcome: Outcome, summary: Across, *, width: int, colour: bool
) -> None:
    """The report of captures that were judged apart: a line for each, then what they share."""
    lines = LineWriter(out, width=width, colour=colour)
    found: dict[str, Counter[Severity]] = {}
    for finding in outcome.findings:
        for name in {capture_of(place.exchange) for place in finding.places}:
            found.setdefault(name, Counter())[Severity(finding.severity)] += 1
    for capture in outcome.captures:
        _capture(lines, capture, found.get(capture.path, Counter()))
    lines.line()
    write_across(lines, summary)
    lines.wrapped("mdmproxy analyze CAPTURE tells one of them exchange by exchange", style="dim")
    write_closing(lines, outcome)


def _capture(lines: LineWriter, capture: CaptureRow, found: Mapping[Severity, int]) -> None:
    kind = FORMAT_NAMES.get(capture.format, capture.format)
    said = f"{capture.path} ({kind}): {plural(capture.exchanges, 'exchange')}; {counts(found)}"
    gravest = next((one for one in _SEVERITIES if found.get(one)), None)
    lines.wrapped(said, style=None if gravest is None else gravest.value)
    for error in capture.errors[:_SHOWN_NAMES]:
        lines.labelled("broken:", f"{error.where}: {error.message}")
    if len(capture.errors) > _SHOWN_NAMES:
        lines.labelled("", f"and {len(capture.errors) - _SHOWN_NAMES} more")


def write_across(lines: LineWriter, summary: Across, *, are_told: bool = False) -> None:
    """The summary: rules, servers, devices, what was not read. ``are_told``: the findings stand
    above, so that rules are only counted."""
    if are_told:
        _section(lines, "rules", summary.rules, partial(_rule_line, total=summary.captures))
    else:
        for rule in summary.rules:
            _rule(lines, rule, summary.captures)
    _section(lines, "servers", summary.servers, _server)
    _section(lines, "devices", summary.devices, _device)
    if summary.unread:
        lines.line(lines.styled("not read to their end", "title"))
        for name in summary.unread[:SHOWN]:
            lines.wrapped(name, indent=2)
        _more(lines, len(summary.unread))
        lines.line()


def write_closing(lines: LineWriter, outcome: Outcome) -> None:
    """The last line: how much was seen and what was found."""
    found = Counter(Severity(finding.severity) for finding in outcome.findings)
    exchanges = sum(capture.exchanges for capture in outcome.captures)
    broken = "; not everything could be read" if outcome.has_errors else ""
    said = (
        f"{plural(exchanges, 'exchange')} in {plural(len(outcome.captures), 'capture')}, "
        f"{plural(len(outcome.lives), 'life')}{hidden(outcome)}: "
        f"{counts(found, all_of_them=True)}{broken}"
    )
    gravest = next((one for one in _SEVERITIES if found[one]), None)
    lines.wrapped(said, style=None if gravest is None else gravest.value)


def counts(found: Mapping[Severity, int], *, all_of_them: bool = False) -> str:
    """``1 error, 2 warnings``; ``nothing found`` for none."""
    parts = [
        plural(found.get(one, 0), one.value)
        for one in _SEVERITIES
        if all_of_them or found.get(one, 0)
    ]
    return ", ".join(parts) or "nothing found"


def _rule_line(lines: LineWriter, rule: RuleAcross, *, total: int) -> None:
    lines.wrapped(f"{rule.severity.value.upper()} {_counted(rule, total)}", indent=2)


def _counted(rule: RuleAcross, total: int) -> str:
    lives = f", {plural(rule.lives, 'life')}" if rule.lives else ""
    times = f", {rule.count} times" if rule.count > 1 else ""
    return f"{rule.rule} {in_captures(rule.captures, total)}{lives}{times}"


def _rule(lines: LineWriter, rule: RuleAcross, total: int) -> None:
    severity = rule.severity.value
    lines.line(f"{lines.styled(severity.upper(), severity)} {_counted(rule, total)}")
    example = rule.example
    lines.wrapped(example.message, indent=2)
    for place in rule.places:
        lines.labelled("where:", place_text(place))
    details = (
        ("needs:", expectation(rule.rule)),
        ("server:", names(rule.servers)),
        ("effect:", example.effect),
        ("fix:", example.fix),
        ("source:", "; ".join(example.sources)),
        ("cause:", ", ".join(example.caused_by)),
    )
    for label, text in details:
        if text:
            lines.labelled(label, text)
    lines.line()


def names(texts: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    more = len(texts) - _SHOWN_NAMES
    shown = ", ".join(texts[:_SHOWN_NAMES])
    return f"{shown} and {more} more" if more > 0 else shown


def _section[T](
    lines: LineWriter, title: str, items: Sequence[T], write: Callable[[LineWriter, T], None]
) -> None:
    if not items:
        return
    lines.line(lines.styled(title, "title"))
    for item in items[:SHOWN]:
        write(lines, item)
    _more(lines, len(items))
    lines.line()


def _more(lines: LineWriter, number: int) -> None:
    if number > SHOWN:
        lines.line(f"  and {number - SHOWN} more; --format json has all")


def _server(lines: LineWriter, server: ServerAcross) -> None:
    lines.wrapped(
        f"{server.server}: {plural(len(server.captures), 'capture')}, "
        f"{plural(server.exchanges, 'exchange')}, {plural(server.lives, 'life')}; "
        f"{counts(server.findings)}",
        indent=2,
    )


def _device(lines: LineWriter, device: DeviceAcross) -> None:
    outcomes = Counter(life.outcome for life in device.lives)
    came = ", ".join(f"{number} {name}" for name, number in sorted(outcomes.items()))
    lines.wrapped(
        f"{device.who or 'not known by name'}: {plural(len(device.captures), 'capture')}, "
        f"{plural(len(device.lives), 'life')} ({came}); {counts(device.findings)}",
        indent=2,
    )
