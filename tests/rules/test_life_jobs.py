"""Rules on what became of commands over several sessions: each speaks, and stays silent."""

from __future__ import annotations

import pytest

from mdmcore.syncml.model import Item, Results
from tests.support.commands import command
from tests.support.lives import Sessions
from tests.support.story import rules_of

STATUS = "./Device/Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/%7BA%7D/Status"
LOCK = "./Vendor/MSFT/DeviceLock/Provider/ExampleMDM/MinDevicePasswordLength"


def results(uri: str, value: str, cmd_ref: str = "9") -> Results:
    return Results(cmd_id="40", msg_ref="2", cmd_ref=cmd_ref, items=(Item(source=uri, data=value),))


def read(sessions: Sessions, uri: str, value: str) -> set[str]:
    """One session that reads a value."""
    return rules_of(sessions.hold(command("Get", uri), results=(results(uri, value),)))


@pytest.mark.parametrize(
    ("values", "speaks"),
    [(("50", "50", "50"), True), (("20", "25", "50"), False), (("70", "70", "70"), False)],
)
def test_a_job_that_stands_still(values: tuple[str, ...], speaks: bool) -> None:
    sessions = Sessions()
    found = [read(sessions, STATUS, value) for value in values]
    assert ["async-job-stalled" in rules for rules in found] == [False, False, speaks]


@pytest.mark.parametrize(
    ("written", "found", "speaks"), [("6", "8", True), ("6", "06", True), ("6", "6", False)]
)
def test_a_value_that_reads_back_differently(written: str, found: str, speaks: bool) -> None:
    sessions = Sessions("wp8")
    sessions.hold(command("Add", LOCK, written, format="int"))
    assert ("get-after-replace-differs" in read(sessions, LOCK, found)) is speaks


def test_a_value_that_was_not_taken_may_differ() -> None:
    sessions = Sessions("wp8")
    sessions.hold(command("Add", LOCK, "6", format="int"), code="418")
    assert "get-after-replace-differs" not in read(sessions, LOCK, "8")
