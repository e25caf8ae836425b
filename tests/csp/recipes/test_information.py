"""What a device says of itself."""

from __future__ import annotations

import pytest

from mdmcore.csp.recipes import build_commands, find_recipe
from tests.support.recipes import built, context, items


def read(profile: str, detail: str, build: int | None = None) -> list[str]:
    recipe = find_recipe("device-information")
    commands = build_commands(recipe, {"detail": detail}, context(profile, build=build))
    assert all(len(each.items) == 1 for each in commands if hasattr(each, "items"))
    return [item.target or "" for _, item in items(commands)]


def test_the_basic_values_are_there_on_every_device() -> None:
    assert read("wp8", "basic") == read("win10", "basic")
    assert read("wp8", "basic")[:5] == [
        f"./DevInfo/{leaf}" for leaf in ("DevId", "Man", "Mod", "DmV", "Lang")
    ]


@pytest.mark.parametrize(
    ("profile", "there", "not_there"),
    [
        ("wp8", "./DevDetail/Ext/Microsoft/MobileID", "./DevDetail/Ext/WlanIPv4Address"),
        ("wp81", "./DevDetail/Ext/WlanIPv4Address", "./DevDetail/Ext/VoLTEServiceSetting"),
        ("win10", "./DevDetail/Ext/VoLTEServiceSetting", "./DevDetail/Ext/Microsoft/TotalRAM"),
    ],
)
def test_full_has_what_the_profile_has(profile: str, there: str, not_there: str) -> None:
    found = read(profile, "full")
    assert there in found
    assert not_there not in found
    assert "./Vendor/MSFT/DMClient/Provider/ExampleMDM/EntDMID" in found
    assert set(read(profile, "basic")) <= set(found)
    assert not any(uri.endswith("Unenroll") for uri in found)


def test_full_has_what_the_build_has() -> None:
    serial = "./DevDetail/Ext/Microsoft/SMBIOSSerialNumber"
    assert serial not in read("win10", "full", build=10586)
    assert serial in read("win10", "full", build=17763)


def test_the_state_of_protection_is_read() -> None:
    found = [item.target for _, item in items(built("device-status", "win10"))]
    assert "./Vendor/MSFT/DeviceStatus/Compliance/EncryptionCompliance" in found
