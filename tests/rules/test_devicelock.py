"""Rules on lock policies."""

from __future__ import annotations

import pytest

from tests.support.commands import command, sent

LOCK = "./Vendor/MSFT/DeviceLock/Provider/ExampleMDM"
MANAGER = "./Vendor/MSFT/PolicyManager/My/DeviceLock"
POLICY = "./Device/Vendor/MSFT/Policy/Config/DeviceLock"


@pytest.mark.parametrize(
    ("profile", "root", "name", "value"),
    [
        ("wp8", LOCK, "MinDevicePasswordLength", "3"),
        ("wp8", LOCK, "MinDevicePasswordLength", "19"),
        ("wp81", LOCK, "DevicePasswordEnabled", "2"),
        ("wp81", LOCK, "MaxDevicePasswordFailedAttempts", "1000"),
        ("wp81", LOCK, "DevicePasswordHistory", "many"),
        ("wp81", MANAGER, "MinDevicePasswordLength", "17"),
        ("win10", POLICY, "DevicePasswordHistory", "51"),
    ],
)
def test_a_value_out_of_range(profile: str, root: str, name: str, value: str) -> None:
    (found,) = sent(profile, command("Replace", f"{root}/{name}", value, format="int"))
    assert (found.rule, found.severity) == ("devicelock-range", "error")
    (place,) = found.places
    assert place.where == {"part": "response", "xpath": "/SyncML/SyncBody/Replace/Item/Data"}
    assert place.evidence == value


@pytest.mark.parametrize(
    ("profile", "root", "name", "value"),
    [
        ("wp8", LOCK, "MinDevicePasswordLength", "4"),
        ("wp8", LOCK, "MinDevicePasswordLength", "18"),
        ("wp8", LOCK, "DevicePasswordEnabled", "0"),
        ("wp81", MANAGER, "MinDevicePasswordLength", "0"),
        ("win10", POLICY, "MinDevicePasswordLength", "0"),
        ("win10", POLICY, "PreventLockScreenSlideShow", "<enabled/>"),
        ("wp8", LOCK, "MaxInactivityTimeDeviceLock", " 999 "),
    ],
)
def test_a_value_within_its_range(profile: str, root: str, name: str, value: str) -> None:
    format = "chr" if value.startswith("<") else "int"
    assert sent(profile, command("Replace", f"{root}/{name}", value, format=format)) == ()
