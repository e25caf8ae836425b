"""DMClient: Poll, push, Unenroll."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdmcore.phone.aftermath import settled
from mdmcore.phone.device.dm_client import DM_CLIENT, channel_renewal
from mdmcore.phone.schedule import RetrySet
from mdmcore.phone.tree import DeviceTree
from mdmcore.profiles import PollScheme
from tests.phone.device.trees import MSFT, device_of, read, tree_of
from tests.phone.generations import phone_of
from tests.phone.scripted import PROVIDER, enrolled
from tests.phone.tree import trees
from tests.support.server import NOW

CLIENT = f"{MSFT}/DMClient/Provider/{PROVIDER}"
FIRST = f"{CLIENT}/Poll/NumberOfFirstRetries"


def test_what_is_written_below_poll_is_the_next_schedule() -> None:
    phone = device_of("wp81")
    tree = tree_of(phone)
    assert read(tree, FIRST) == "8"
    assert tree.replace(FIRST, "3", "int") == 200
    assert tree.replace(f"{CLIENT}/Poll/IntervalForFirstSetOfRetries", "20", "int") == 200
    after = settled(tree.leave(phone), NOW)
    assert after.schedule.first == RetrySet(count=3, interval=20)
    assert after.schedule.remaining == phone.schedule.remaining
    assert after.device.polling.last == NOW
    assert read(tree_of(after), FIRST) == "3"


def test_a_device_that_polls_by_the_registry_has_no_poll_until_it_is_added() -> None:
    phone = enrolled(phone=phone_of("wp81"))
    assert phone.schedule.scheme is PollScheme.REGISTRY
    tree = tree_of(phone)
    assert tree.replace(FIRST, "3", "int") == 404
    assert read(tree, f"{CLIENT}/Poll") == 404
    assert tree.add(f"{CLIENT}/Poll", None, "node") == 200
    assert tree.replace(FIRST, "3", "int") == 200
    after = settled(tree.leave(phone), NOW)
    assert after.schedule.scheme is PollScheme.DM_CLIENT
    assert after.schedule.first.count == 3


def test_counts_that_are_all_0_leave_the_schedule_as_it_is() -> None:
    phone = device_of("wp81")
    tree = tree_of(phone)
    for name in ("First", "Second"):
        assert tree.replace(f"{CLIENT}/Poll/NumberOf{name}Retries", "0", "int") == 200
    assert settled(tree.leave(phone), NOW).schedule == phone.schedule


def test_a_push_channel_is_opened_for_a_package_family() -> None:
    phone = device_of("wp81")
    tree = tree_of(phone)
    pfn = "Example.Company_1a2b3c4d5e6f7"
    assert tree.add(f"{CLIENT}/Push/PFN", pfn, "chr") == 200
    assert str(read(tree, f"{CLIENT}/Push/ChannelURI")).startswith("https://")
    assert read(tree, f"{CLIENT}/Push/Status") == "0"
    after = tree.leave(phone)
    assert channel_renewal(after.device.push) == NOW + timedelta(days=15)
    late = tree_of(after, now=NOW + timedelta(days=31))
    assert read(late, f"{CLIENT}/Push/Status") == "5"
    assert read(late, f"{CLIENT}/Push/ChannelURI") == ""


@pytest.mark.parametrize("pfn", ["", "Example", "Example.Company_short"])
def test_a_bad_package_family_gets_no_channel(pfn: str) -> None:
    tree = tree_of("wp81")
    assert tree.add(f"{CLIENT}/Push/PFN", pfn, "chr") == 200
    assert read(tree, f"{CLIENT}/Push/Status") == "1"
    assert read(tree, f"{CLIENT}/Push/ChannelURI") == ""
    assert channel_renewal(tree.device.push) is None


def test_the_name_of_the_device_for_its_enterprise() -> None:
    phone = device_of("wp8")
    tree = tree_of(phone)
    assert tree.replace(f"{CLIENT}/EntDMID", "DEVICE-0002", "chr") == 200
    assert tree.leave(phone).enterprise_device_id == "DEVICE-0002"


@pytest.mark.parametrize("uri", [f"{trees.MSFT}/DMClient", trees.DM_CLIENT])
@pytest.mark.parametrize(
    ("profile", "data", "code"),
    [
        ("wp8", PROVIDER, 200),
        ("wp81", None, 412),
        ("wp81", "", 412),
        ("wp81", "Other", 400),
        ("win81", None, 200),
        ("win10", "Other", 200),
    ],
)
def test_a_device_leaves_when_it_is_told_rightly(
    uri: str, profile: str, data: str | None, code: int
) -> None:
    tree = trees.tree_of(profile, behaviours=[DM_CLIENT])
    before = tree.snapshot()
    assert tree.execute(f"{uri}/Unenroll", data, "chr") == code
    assert tree.is_unenrolling is (code == 200)
    assert tree.can_restore(before) is (code != 200)


def test_some_enrolments_do_not_listen() -> None:
    phone = trees.with_settings(trees.phone_of("win10"), ignores_unenroll=True)
    tree = DeviceTree(phone, behaviours=[DM_CLIENT])
    assert tree.execute(f"{trees.DM_CLIENT}/Unenroll", None) == 200
    assert not tree.is_unenrolling
