"""Every check of ets.md has a test for each role it names, and the table says what came of them."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.support import ets
from tests.support.ets import (
    BOTH,
    COMMITTED_LIST,
    INSPECTOR,
    PHONE,
    SERVER,
    Check,
    Tally,
)
from tests.support.ets_table import PROPERTY, EtsTable
from tests.support.requirements import protocol_file


@pytest.mark.parametrize("check", ets.checks(), ids=lambda check: check.id)
def test_every_role_has_a_test(check: Check) -> None:
    assert [side for side in check.sides if (check.id, side) not in ets.marked_pairs()] == []


def test_no_test_stands_for_a_check_that_does_not_exist() -> None:
    assert {name for name, _ in ets.marked_pairs()} <= {check.id for check in ets.checks()}


def test_the_committed_list_is_that_of_the_digest() -> None:
    text = protocol_file("ets.md").read_text(encoding="utf-8")
    assert ets.read_list(COMMITTED_LIST) == ets.parse_checks(text)


def test_there_are_as_many_checks_as_rows() -> None:
    text = protocol_file("ets.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith(("| DM", "| WP"))]
    assert len(ets.checks()) == len(rows) > 100


def test_only_what_windows_does_not_have_may_be_not_applicable() -> None:
    assert [check.id for check in ets.checks() if not check.is_for_windows] == [
        "DMC-217",
        "DMC-232",
    ]


CHECK = Check(id="DMX-001", exercise="parse and emit", sides=(SERVER, PHONE))


@pytest.mark.parametrize(
    ("tallies", "result"),
    [
        ({SERVER: Tally(passed=2), PHONE: Tally(passed=1)}, "pass"),
        ({SERVER: Tally(passed=2), PHONE: Tally(passed=1, failed=1)}, "FAIL"),
        ({SERVER: Tally(passed=2), PHONE: Tally(passed=1), BOTH: Tally(failed=1)}, "FAIL"),
        ({SERVER: Tally(passed=2)}, "MISSING"),
        ({SERVER: Tally(passed=2), INSPECTOR: Tally(passed=1)}, "MISSING"),
        ({SERVER: Tally(passed=2), PHONE: Tally()}, "not run"),
        ({SERVER: Tally(passed=2), PHONE: Tally(skipped=1)}, "skipped"),
        ({}, "MISSING"),
    ],
)
def test_the_result_of_a_check(tallies: dict[str, Tally], result: str) -> None:
    told = {(CHECK.id, side): tally for side, tally in tallies.items()}
    assert ets.result(CHECK, told) == result
    (line,) = ets.table([CHECK], told)
    assert line.startswith("DMX-001")
    assert line.endswith(result)


def test_what_windows_does_not_have_is_not_applicable() -> None:
    check = Check(id="DMC-232", exercise="ACL", sides=(PHONE,), is_for_windows=False)
    assert ets.result(check, {("DMC-232", PHONE): Tally(passed=1)}) == "n/a"
    assert ets.result(check, {("DMC-232", PHONE): Tally(failed=1)}) == "FAIL"


class Lines:
    """A terminal that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def section(self, title: str) -> None:
        """A heading."""
        self.lines.append(title)

    def write_line(self, line: str) -> None:
        """One line."""
        self.lines.append(line)


def report(
    outcome: Literal["passed", "failed"], when: str, *pairs: tuple[str, str]
) -> pytest.TestReport:
    """What pytest tells of one phase of a test."""
    return pytest.TestReport(
        nodeid="test",
        location=("test", 1, "test"),
        keywords={},
        outcome=outcome,
        longrepr=None,
        when=when,  # type: ignore[arg-type]
        user_properties=[(PROPERTY, pair) for pair in pairs],
    )


def test_the_table_is_printed() -> None:
    table, terminal = EtsTable(), Lines()
    table.pytest_terminal_summary(terminal)
    assert terminal.lines == [], "nothing has run"
    for when in ("setup", "call", "teardown"):
        table.pytest_runtest_logreport(
            report("passed", when, ("DMX-003", SERVER), ("DMX-003", INSPECTOR))
        )
    table.pytest_runtest_logreport(report("failed", "setup", ("DMX-026", PHONE)))
    table.pytest_terminal_summary(terminal)
    ends = {line.split()[0]: line.split()[-1] for line in terminal.lines if line.startswith("D")}
    assert ends["DMX-026"] == "FAIL"
    assert ends["DMX-001"] == ends["DMX-003"] == "run", "not run: what was not selected"
    total = len(ets.checks())
    assert terminal.lines[-1] == f"{total} checks: {total - 1} not run, 1 FAIL"


def test_a_side_that_does_not_exist_is_a_mistake_in_the_test() -> None:
    for args in (("DMX-001",), ("DMX-001", "client")):
        with pytest.raises(pytest.UsageError, match="side"):
            ets.pairs(pytest.mark.ets(*args).mark)
