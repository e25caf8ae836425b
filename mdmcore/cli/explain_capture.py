"""``mdmproxy explain CODE --in CAPTURE``: which of the rules that a code names speak in it.

The captures are judged by the same inspector as for ``analyze``; only the named rules are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import msgspec

from mdmcore.capture import open_capture
from mdmcore.capture.options import USUAL_OPTIONS, CaptureOptions
from mdmcore.errors import CaptureError
from mdmcore.inspector import Inspector
from mdmcore.report import TextReport, exit_code
from mdmcore.report.analysis import analyze
from mdmcore.report.model import CaptureRow
from mdmcore.report.plain import LineWriter
from mdmcore.report.rows import finding_row
from mdmcore.rules import RULES, Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureCheck:
    """What the named rules found. ``unchecked`` are those for which there is no check."""

    captures: tuple[CaptureRow, ...]
    checked: tuple[str, ...]
    unchecked: tuple[str, ...]
    findings: tuple[Finding, ...]
    problems: tuple[str, ...]
    """What could not be read, one line each."""

    def document(self) -> dict[str, Any]:
        """The same in plain JSON types."""
        return {
            "captures": [msgspec.to_builtins(capture) for capture in self.captures],
            "checked": list(self.checked),
            "unchecked": list(self.unchecked),
            "findings": [msgspec.to_builtins(finding_row(finding)) for finding in self.findings],
        }

    def exit_code(self, fail_on: str) -> int:
        """As for ``analyze``: 2 where a capture was not read to its end."""
        return exit_code(self.findings, fail_on=fail_on, has_errors=bool(self.problems))

    def write_text(self, out: TextIO, *, width: int, colour: bool) -> None:
        """Each hit with its places and its fix, or that none of the rules spoke."""
        if not self.captures:
            return
        lines = LineWriter(out, width=width, colour=colour)
        report = TextReport(out, width=width, colour=colour)
        for capture in self.captures:
            report.capture_begin(capture.path, capture.format)
            lines.line(f"  {capture.exchanges} exchanges")
        lines.line()
        for finding in self.findings:
            report.finding(finding)
        if not self.checked:
            text = "no rule of these codes can be checked in a capture; `mdmproxy analyze` runs all"
            lines.wrapped(text)
        elif not self.findings:
            lines.wrapped(f"none of their rules fired; checked: {', '.join(self.checked)}")
        if self.unchecked:
            lines.wrapped(f"no check for: {', '.join(self.unchecked)}")


def check_captures(
    paths: Iterable[Path],
    rules: Sequence[str],
    *,
    profile: str,
    options: CaptureOptions = USUAL_OPTIONS,
) -> CaptureCheck:
    """Run the inspector over the captures and keep what the named rules found."""
    wanted = tuple(dict.fromkeys(rules))
    problems: list[str] = []
    opened = []
    for path in paths:
        try:
            opened.append(open_capture(path, options=options))
        except CaptureError as error:
            problems.append(str(error))
    analysis = analyze(opened, inspector=Inspector(profile=profile)).run()
    problems += [
        f"{capture.path}: {error.message} ({error.where})"
        for capture in analysis.captures
        for error in capture.errors
    ]
    found = {rule: [f for f in analysis.findings if f.rule == rule] for rule in wanted}
    return CaptureCheck(
        captures=analysis.captures,
        checked=tuple(rule for rule in wanted if rule in RULES),
        unchecked=tuple(rule for rule in wanted if rule not in RULES),
        findings=tuple(finding for rule in wanted for finding in found[rule]),
        problems=tuple(problems),
    )
