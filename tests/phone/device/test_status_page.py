"""The page that a user waits at: armed, let go, or failed when its time is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mdmcore.phone.device.status_page import StatusPage, told, written
from tests.phone.device.trees import MSFT, device_of, read, tree_of
from tests.phone.scripted import PROVIDER
from tests.support.server import NOW

PAGE = f"{MSFT}/DMClient/Provider/{PROVIDER}/FirstSyncStatus"
USER_PAGE = PAGE.replace("./Vendor", "./User/Vendor")
DONE, HOW = "IsSyncDone", "WasDeviceSuccessfullyProvisioned"


@pytest.mark.parametrize("page", [PAGE, USER_PAGE])
def test_it_waits_until_the_server_has_finished(page: str) -> None:
    phone = device_of("win10")
    tree = tree_of(phone)
    assert read(tree, f"{page}/{DONE}") == 404
    assert tree.add(f"{page}/TimeOutUntilSyncFailure", "30", "int") == 200
    assert (read(tree, f"{page}/{DONE}"), read(tree, f"{page}/{HOW}")) == ("false", "2")
    assert tree.add(f"{page}/ServerHasFinishedProvisioning", "false", "bool") == 200
    assert read(tree, f"{page}/{HOW}") == "2"
    assert tree.replace(f"{page}/ServerHasFinishedProvisioning", "true", "bool") == 200
    assert (read(tree, f"{page}/{DONE}"), read(tree, f"{page}/{HOW}")) == ("true", "1")
    other = USER_PAGE if page == PAGE else PAGE
    assert read(tree, f"{other}/{DONE}") == 404


@pytest.mark.parametrize(("minutes", "outcome"), [(29, "2"), (30, "0"), (600, "0")])
def test_it_fails_when_its_time_is_over(minutes: int, outcome: str) -> None:
    phone = device_of("win10")
    tree = tree_of(phone)
    assert tree.add(f"{PAGE}/TimeOutUntilSyncFailure", "30", "int") == 200
    late = tree_of(tree.leave(phone), now=NOW + timedelta(minutes=minutes))
    assert read(late, f"{PAGE}/{HOW}") == outcome


def test_a_release_that_comes_too_late_is_a_failure() -> None:
    page = StatusPage(context="device", armed=NOW, released=NOW + timedelta(minutes=61))
    assert page.outcome(NOW + timedelta(hours=2)) == "0"
    assert replace(page, minutes=90).outcome(NOW + timedelta(hours=2)) == "1"


def test_a_release_of_no_page_changes_nothing() -> None:
    assert written((), "device", "ServerHasFinishedProvisioning", "true", NOW) == ()
    assert told((), "device", NOW) == {}


def test_whatever_is_expected_arms_it() -> None:
    (page,) = written((), "user", "ExpectedPolicies", "./Vendor/MSFT/A", NOW)
    assert page.ends == NOW + timedelta(hours=1)
    assert told((page,), "user", NOW)["IsSyncDone"] == "false"
