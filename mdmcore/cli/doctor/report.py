"""What ``mdmproxy doctor`` writes: one block for each group, or JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TextIO

from mdmcore import __version__
from mdmcore.cli.doctor.result import Check, Level, Result
from mdmcore.report.plain import LineWriter

SCHEMA_NAME = "mdmproxy-doctor/1"

_STYLES = {Level.OK: "info", Level.WARNING: "warning", Level.PROBLEM: "error"}
_LEVEL_WIDTH = 9

type Outcome = tuple[Check, Result]


def write_text(out: TextIO, outcomes: Sequence[Outcome], *, width: int, colour: bool) -> None:
    """Each result with its remedy, the groups in the order of the checks, and a closing line."""
    lines = LineWriter(out, width=width, colour=colour)
    group = ""
    for check, result in outcomes:
        if check.group != group:
            if group:
                lines.line()
            group = check.group
            lines.line(lines.styled(group, "title"))
        _write_result(lines, check, result)
    counts = Counter(result.level for _, result in outcomes)
    lines.line()
    total = ", ".join(f"{counts[level]} {level}{_plural(level, counts[level])}" for level in Level)
    worst = next((level for level in reversed(Level) if counts[level]), Level.OK)
    lines.line(lines.styled(total, _STYLES[worst]))


def write_json(out: TextIO, outcomes: Sequence[Outcome]) -> None:
    """All results with their facts."""
    checks = [
        {
            "check": check.name,
            "group": check.group,
            "level": result.level.value,
            "message": result.message,
            "fix": result.fix,
            "rule": result.rule or None,
            "facts": dict(result.facts),
        }
        for check, result in outcomes
    ]
    tool = {"name": "mdmproxy", "version": __version__}
    out.write(json.dumps({"schema": SCHEMA_NAME, "tool": tool, "checks": checks}, indent=1) + "\n")


def _write_result(lines: LineWriter, check: Check, result: Result) -> None:
    rule = f" ({result.rule})" if result.rule else ""
    text = f"{check.name}: {result.message}{rule}"
    lines.labelled(result.level.value, text, indent=2, label_width=_LEVEL_WIDTH)
    if result.fix:
        lines.labelled("fix:", result.fix, indent=2 + _LEVEL_WIDTH, label_width=5)


def _plural(level: Level, number: int) -> str:
    return "" if level is Level.OK or number == 1 else "s"
