"""Counts which checks of ets.md pass, and prints the table at the end of the run."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from tests.support import ets
from tests.support.ets import Tally

_KEY = pytest.StashKey[defaultdict[tuple[str, str], Tally]]()
_PROPERTY = "ets"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Every test that carries a mark counts from the start, run or not."""
    tallies = config.stash.setdefault(_KEY, defaultdict(Tally))
    for item in items:
        for mark in item.iter_markers("ets"):
            for pair in ets.pairs(mark):
                tallies[pair]
                item.user_properties.append((_PROPERTY, pair))


class _Counter:
    """Reads the outcome of each test from its reports."""

    def __init__(self, config: pytest.Config) -> None:
        self._tallies = config.stash.setdefault(_KEY, defaultdict(Tally))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test passes by its call, and fails by any of its phases."""
        for name, pair in report.user_properties:
            if name != _PROPERTY:
                continue
            assert isinstance(pair, tuple)
            tally = self._tallies[pair]
            if report.failed:
                tally.failed += 1
            elif report.skipped:
                tally.skipped += 1
            elif report.when == "call":
                tally.passed += 1


def pytest_configure(config: pytest.Config) -> None:
    """Listen to the reports of the whole run."""
    if not config.pluginmanager.has_plugin(_PROPERTY):
        config.pluginmanager.register(_Counter(config), _PROPERTY)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """The table."""
    tallies = config.stash.get(_KEY, None)
    if not tallies or not any(tally.passed or tally.failed for tally in tallies.values()):
        return
    found = ets.checks()
    terminalreporter.section("OMA DM conformance (ets.md)")
    terminalreporter.write_line(ets.heading())
    for line in ets.table(found, tallies):
        terminalreporter.write_line(line)
    counted = Counter(ets.result(check, tallies) for check in found)
    terminalreporter.write_line(
        f"{len(found)} checks: " + ", ".join(f"{n} {word}" for word, n in counted.most_common())
    )
