"""PolicyManager: what is set below My is in force below Device (WP-616)."""

from __future__ import annotations

from tests.phone.device.trees import MSFT, read, tree_of
from tests.phone.scripted import PROVIDER

LOCK = f"{MSFT}/DeviceLock/Provider/{PROVIDER}"
VALUE = f"{MSFT}/DeviceLock/DeviceValue"
MY = f"{MSFT}/PolicyManager/My"
DEVICE = f"{MSFT}/PolicyManager/Device"


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
    for name, value in (("DevicePasswordEnabled", "0"), ("MinDevicePasswordLength", "6")):
        assert tree.add(f"{LOCK}/{name}", value, "int") == 200
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
