"""Severities compare and are capped."""

from __future__ import annotations

import pytest

from mdmcore.rules import Severity


@pytest.mark.parametrize(
    ("severity", "cap", "expected"),
    [
        ("error", "warning", "warning"),
        ("info", "warning", "info"),
        ("error", None, "error"),
        ("warning", "none", "none"),
    ],
)
def test_a_cap_lowers_only(severity: str, cap: str | None, expected: str) -> None:
    limit = None if cap is None else Severity(cap)
    assert Severity(severity).at_most(limit) is Severity(expected)


def test_ranks_sort_from_none_to_error() -> None:
    assert sorted(Severity, key=lambda s: s.rank) == ["none", "info", "warning", "error"]


def test_a_floor_raises_what_speaks_and_nothing_else() -> None:
    assert Severity.WARNING.at_least(Severity.ERROR) is Severity.ERROR
    assert Severity.WARNING.at_least(Severity.INFO) is Severity.WARNING
    assert Severity.WARNING.at_least(None) is Severity.WARNING
    assert Severity.NONE.at_least(Severity.ERROR) is Severity.NONE
    assert Severity.ERROR.at_least(Severity.WARNING) is Severity.ERROR
    assert Severity.INFO.at_least(None) is Severity.INFO
