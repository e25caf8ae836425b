"""Keeps what the matrix found, and prints it as a table when all is done."""

from __future__ import annotations

import pytest

from tests.matrix.verdict import Verdict

type Results = list[Verdict]

_RESULTS = pytest.StashKey[Results]()


@pytest.fixture(scope="session")
def results(pytestconfig: pytest.Config) -> Results:
    """Where the rows put their verdicts."""
    return pytestconfig.stash.setdefault(_RESULTS, [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """The table: fault, kind of device, what the rule said, what the phone did."""
    found = config.stash.get(_RESULTS, [])
    if not found:
        return
    terminalreporter.section(f"matrix of {len(found)} rows")
    for one in found:
        mark = f"  WRONG: {'; '.join(one.problems)}" if one.problems else ""
        terminalreporter.write_line(
            f"{one.fault:40} {one.profile:6} {one.spoken:8} {one.reaction}{mark}"
        )
