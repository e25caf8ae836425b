"""Rules on leaving that more than one message must be seen for: each speaks, and stays silent."""

from __future__ import annotations

import pytest

from mdmcore.syncml.credentials import basic_cred
from mdmcore.syncml.model import Alert, Item, Meta
from tests.support.commands import command
from tests.support.lives import Sessions
from tests.support.story import CERT_CN, DEVICE_SECRET, answer, package1, rules_of

UNENROLL = "./Vendor/MSFT/DMClient/Unenroll"


def generic(kind: str) -> Alert:
    meta = Meta(type=kind, format="int")
    return Alert(cmd_id="8", code="1226", items=(Item(meta=meta, data="1"),))


def next_message(sessions: Sessions, code: str, status: int = 200) -> set[str]:
    """What the first message of another session shows, answered with that."""
    asked = package1(session_id="X", cred=basic_cred(CERT_CN, DEVICE_SECRET))
    back = answer("2", code, "1", session_id="X") if status == 200 else b"gone"
    return rules_of(sessions.story.sync(asked, back, status=status).findings)


@pytest.mark.parametrize(
    ("data", "speaks"), [("ExampleMDM", False), ("examplemdm", True), ("OtherMDM", True)]
)
def test_the_provider_that_is_named(data: str, speaks: bool) -> None:
    found = Sessions("wp8").hold(command("Exec", UNENROLL, data))
    assert ("unenroll-wrong-providerid" in rules_of(found)) is speaks


def test_unenroll_goes_out_for_the_third_time() -> None:
    sessions = Sessions("wp8")
    told = [rules_of(sessions.hold(command("Exec", UNENROLL, "ExampleMDM"))) for _ in range(3)]
    assert ["unenroll-waits-for-status" in rules for rules in told] == [False, False, True]


@pytest.mark.parametrize("leaves", [True, False])
def test_unenroll_goes_out_to_a_device_that_tells_that_it_has_left(leaves: bool) -> None:
    sessions = Sessions("win10")
    order = command("Exec", UNENROLL, "ExampleMDM")
    assert "unenroll-waits-for-status" not in rules_of(sessions.hold(order))
    told = (generic("com.microsoft:mdm.unenrollment.userrequest"),) if leaves else ()
    found = rules_of(sessions.hold(order, told=told))
    assert ("unenroll-waits-for-status" in found) is leaves


@pytest.mark.parametrize(
    ("kind", "code", "status", "speaks"),
    [
        ("com.example:job.done", "401", 200, True),
        ("com.example:job.done", "212", 404, True),
        ("com.example:job.done", "212", 200, False),
        ("com.microsoft:mdm.unenrollment.userrequest", "401", 200, False),
    ],
)
def test_an_alert_that_is_not_about_leaving(
    kind: str, code: str, status: int, speaks: bool
) -> None:
    sessions = Sessions()
    sessions.hold(told=(generic(kind),))
    assert ("unenroll-by-code-only" in next_message(sessions, code, status)) is speaks


@pytest.mark.parametrize(("status", "speaks"), [(404, True), (200, False)])
def test_the_door_is_closed_behind_unenroll(status: int, speaks: bool) -> None:
    sessions = Sessions("wp8")
    sessions.hold(command("Exec", UNENROLL, "ExampleMDM"))
    assert ("unenroll-endpoint-closed" in next_message(sessions, "212", status)) is speaks


@pytest.mark.parametrize("leaves", [True, False])
def test_a_device_that_comes_back_after_unenroll(leaves: bool) -> None:
    sessions = Sessions("win10")
    sessions.hold(command("Exec", UNENROLL, "ExampleMDM"))
    told = (generic("com.microsoft:mdm.unenrollment.userrequest"),) if leaves else ()
    assert ("unenroll-no-effect" in rules_of(sessions.hold(told=told))) is not leaves
