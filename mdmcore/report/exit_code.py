"""The exit code of a command that judges (design.md section 5)."""

from __future__ import annotations

from collections.abc import Iterable

from mdmcore.errors import ConfigError
from mdmcore.rules import Finding, Severity

FAIL_ON = ("error", "warning", "info", "never")
"""What ``--fail-on`` takes."""


def exit_code(
    findings: Iterable[Finding], *, fail_on: str = "error", has_errors: bool = False
) -> int:
    """0: nothing at or above ``fail_on``; 1: something; 2: an input was not read to its end.

    ``never`` hides findings, not errors. Raises ConfigError for an unknown ``fail_on``.
    """
    if fail_on not in FAIL_ON:
        raise ConfigError(f"unknown severity {fail_on!r} to fail on, use {', '.join(FAIL_ON)}")
    if has_errors:
        return 2
    if fail_on == "never":
        return 0
    least = Severity(fail_on).rank
    return 1 if any(finding.severity.rank >= least for finding in findings) else 0
