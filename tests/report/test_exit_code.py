"""Exit codes as the contract says."""

from __future__ import annotations

import pytest

from mdmcore.errors import ConfigError
from mdmcore.report import exit_code
from mdmcore.rules import Finding, Severity


def finding(severity: Severity) -> Finding:
    return Finding(
        rule="x", severity=severity, message="", effect="", fix="", sources=(), life=None, count=1
    )


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [
        (Severity.ERROR, "error", 1),
        (Severity.WARNING, "error", 0),
        (Severity.WARNING, "warning", 1),
        (Severity.INFO, "warning", 0),
        (Severity.INFO, "info", 1),
        (Severity.ERROR, "never", 0),
    ],
)
def test_a_finding_counts_from_the_severity_asked_for(
    severity: Severity, fail_on: str, code: int
) -> None:
    assert exit_code([finding(severity)], fail_on=fail_on) == code


@pytest.mark.parametrize("fail_on", ["error", "never"])
def test_an_input_that_was_not_read_is_never_hidden(fail_on: str) -> None:
    assert exit_code([], fail_on=fail_on, has_errors=True) == 2


def test_nothing_found_is_0() -> None:
    assert exit_code([], fail_on="info") == 0


def test_an_unknown_severity_is_refused() -> None:
    with pytest.raises(ConfigError, match="unknown severity"):
        exit_code([], fail_on="grave")
