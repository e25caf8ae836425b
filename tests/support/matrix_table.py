"""The plugin that prints what the matrix found as a table, when all is done."""

from __future__ import annotations

import pytest

PROPERTY = "matrix"


class MatrixTable:
    """Takes the lines out of the reports of its rows."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A row has been played."""
        if report.when == "call":
            self.lines += [str(line) for name, line in report.user_properties if name == PROPERTY]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The table: fault, kind of device, what the rule said, what the phone did."""
        if not self.lines:
            return
        terminalreporter.section(f"matrix of {len(self.lines)} rows")
        for line in sorted(self.lines):
            terminalreporter.write_line(line)
