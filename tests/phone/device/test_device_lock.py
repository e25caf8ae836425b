"""DeviceLock and PolicyManager: what is set, and what is in force (WP-612, WP-616)."""

from __future__ import annotations

import pytest

from mdmcore.phone.tree import DeviceTree
from tests.phone.device.trees import MSFT, device_of, read, tree_of
from tests.phone.scripted import PROVIDER

LOCK = f"{MSFT}/DeviceLock/Provider/{PROVIDER}"
VALUE = f"{MSFT}/DeviceLock/DeviceValue"
MY = f"{MSFT}/PolicyManager/My"
DEVICE = f"{MSFT}/PolicyManager/Device"


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


def test_windows_phone_8_has_no_policy_manager() -> None:
    tree = tree_of("wp8")
    assert tree.add(f"{MY}/Camera/AllowCamera", "0", "int") == 404
    assert read(tree, DEVICE) == 404


def test_a_policy_set_below_my_is_in_force_below_device() -> None:
    tree = tree_of("wp81")
    assert tree.add(f"{MY}/Camera/AllowCamera", "0", "int") == 200
    assert read(tree, f"{DEVICE}/Camera/AllowCamera") == "0"
    assert tree.delete(f"{MY}/Camera") == 200
    assert read(tree, f"{DEVICE}/Camera/AllowCamera") == 404


def test_policies_outside_an_atomic_take_effect_one_by_one() -> None:
    tree = tree_of("wp81")
    assert tree.add(f"{MY}/WiFi/AllowWiFi", "0", "int") == 200
    assert tree.add(f"{MY}/WiFi/AllowInternetSharing", "7", "int") == 500
    assert read(tree, f"{DEVICE}/WiFi") == "AllowWiFi"


def test_of_two_sources_the_stricter_counts() -> None:
    tree = tree_of("wp81")
    lock(tree, DevicePasswordEnabled=0, MinDevicePasswordLength=6, MaxInactivityTimeDeviceLock=0)
    area = f"{MY}/DeviceLock"
    assert tree.add(f"{area}/MinDevicePasswordLength", "4", "int") == 200
    assert tree.add(f"{area}/MaxInactivityTimeDeviceLock", "15", "int") == 200
    assert read(tree, f"{DEVICE}/DeviceLock/MinDevicePasswordLength") == "6"
    assert read(tree, f"{VALUE}/MaxInactivityTimeDeviceLock") == "15"


def test_encryption_cannot_be_taken_back() -> None:
    tree = tree_of("wp81")
    policy = "Security/RequireDeviceEncryption"
    assert tree.add(f"{MY}/{policy}", "1", "int") == 200
    assert tree.replace(f"{MY}/{policy}", "0", "int") == 200
    assert read(tree, f"{DEVICE}/{policy}") == "1"


def test_an_app_policy_must_be_a_document() -> None:
    tree = tree_of("wp81")
    restrictions = f"{MY}/ApplicationManagement/ApplicationRestrictions"
    assert tree.add(restrictions, "&lt;AppPolicy/&gt;", "chr") == 500
    policy = '<AppPolicy Version="1"><Deny><App ProductId="{1}"/></Deny></AppPolicy>'
    assert tree.add(restrictions, policy, "chr") == 200
    assert read(tree, f"{DEVICE}/ApplicationManagement/ApplicationRestrictions") == policy
