"""DeviceLock: what is set, and what is in force (WP-612)."""

from __future__ import annotations

import pytest

from mdmcore.phone.tree import DeviceTree
from tests.phone.device.trees import MSFT, device_of, read, tree_of
from tests.phone.scripted import PROVIDER

LOCK = f"{MSFT}/DeviceLock/Provider/{PROVIDER}"
VALUE = f"{MSFT}/DeviceLock/DeviceValue"


def lock(tree: DeviceTree, **policies: int) -> list[int]:
    return [tree.add(f"{LOCK}/{name}", str(value), "int") for name, value in policies.items()]


def test_a_policy_is_in_force_once_the_password_is_switched_on() -> None:
    tree = tree_of("wp8")
    assert read(tree, f"{VALUE}/MinDevicePasswordLength") == "4"
    assert lock(tree, MinDevicePasswordLength=6) == [200]
    assert read(tree, f"{VALUE}/MinDevicePasswordLength") == "4"
    assert lock(tree, DevicePasswordEnabled=0) == [200]
    assert read(tree, f"{VALUE}/MinDevicePasswordLength") == "6"
    assert read(tree, f"{VALUE}/DevicePasswordEnabled") == "0"
    assert tree.replace(f"{LOCK}/MinDevicePasswordLength", "8", "int") == 200
    assert read(tree, f"{VALUE}/MinDevicePasswordLength") == "8"


def test_the_values_stay_from_session_to_session_and_go_with_the_provider() -> None:
    phone = device_of("wp8")
    tree = tree_of(phone)
    lock(tree, DevicePasswordEnabled=0, MaxInactivityTimeDeviceLock=5)
    tree = tree_of(tree.leave(phone))
    assert read(tree, f"{VALUE}/MaxInactivityTimeDeviceLock") == "5"
    assert tree.delete(LOCK) == 200
    assert read(tree, f"{VALUE}/MaxInactivityTimeDeviceLock") == "0"
    assert read(tree, f"{VALUE}/DevicePasswordEnabled") == "1"


def test_a_failed_atomic_takes_back_what_was_in_force() -> None:
    tree = tree_of("wp8")
    before = tree.snapshot()
    lock(tree, DevicePasswordEnabled=0)
    tree.restore(before)
    assert read(tree, f"{VALUE}/DevicePasswordEnabled") == "1"


@pytest.mark.parametrize("name", ["MinDevicePasswordLength", "DevicePasswordEnabled"])
def test_a_value_out_of_range_is_a_failure(name: str) -> None:
    assert tree_of("wp8").add(f"{LOCK}/{name}", "99", "int") == 500


def test_values_in_force_cannot_be_written() -> None:
    assert tree_of("wp8").replace(f"{VALUE}/MinDevicePasswordLength", "6", "int") == 405


def test_a_phone_knows_its_own_provider_only() -> None:
    tree = tree_of("wp8")
    other = f"{MSFT}/DeviceLock/Provider/Other"
    assert tree.add(other, None, "node") == 404
    assert tree.add(f"{other}/DevicePasswordEnabled", "0", "int") == 404
