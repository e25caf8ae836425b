"""The exit code of a command that judges (design.md section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from mdmcore.errors import ConfigError
from mdmcore.rules import Severity

FAIL_ON = ("error", "warning", "info", "never")
"""What ``--fail-on`` takes."""


class Weighed(Protocol):
    """A finding, or a row of one."""

    @property
    def severity(self) -> str: ...


def exit_code(
    findings: Iterable[Weighed], *, fail_on: str = "error", has_errors: bool = False
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
    return 1 if any(Severity(finding.severity).rank >= least for finding in findings) else 0
