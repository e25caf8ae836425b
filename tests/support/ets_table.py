"""The plugin that counts the checks of ets.md and prints the table at the end of a run."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Protocol

import pytest

from tests.support import ets
from tests.support.ets import Tally

PROPERTY = "ets"


class Writer(Protocol):
    """As much of pytest's terminal reporter as the table needs."""

    def section(self, title: str) -> None:
        """A heading over the whole width."""

    def write_line(self, line: str) -> None:
        """One line."""


class EtsTable:
    """Reads marks when tests are collected and outcomes from their reports."""

    def __init__(self) -> None:
        self.tallies: defaultdict[tuple[str, str], Tally] = defaultdict(Tally)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Every test that carries a mark counts from the start, run or not."""
        for item in items:
            for mark in item.iter_markers("ets"):
                for pair in ets.pairs(mark):
                    self.tallies[pair]
                    item.user_properties.append((PROPERTY, pair))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test passes by its call, and fails by any of its phases."""
        for name, pair in report.user_properties:
            if name != PROPERTY:
                continue
            assert isinstance(pair, tuple)
            tally = self.tallies[pair]
            if report.failed:
                tally.failed += 1
            elif report.skipped:
                tally.skipped += 1
            elif report.when == "call":
                tally.passed += 1

    def pytest_terminal_summary(self, terminalreporter: Writer) -> None:
        """The table, unless none of these tests has run."""
        if not any(tally.passed or tally.failed for tally in self.tallies.values()):
            return
        for pair in ets.marked_pairs():
            self.tallies[pair]  # what was not selected is not missing
        found = ets.checks()
        terminalreporter.section("OMA DM conformance (ets.md)")
        terminalreporter.write_line(ets.heading())
        for line in ets.table(found, self.tallies):
            terminalreporter.write_line(line)
        counted = Counter(ets.result(check, self.tallies) for check in found)
        words = ", ".join(f"{number} {word}" for word, number in counted.most_common())
        terminalreporter.write_line(f"{len(found)} checks: {words}")
