"""Which of several values for a policy is in force."""

from __future__ import annotations

import pytest

from mdmcore.phone.device.policies import (
    effective_policies,
    lock_values,
    needs_password,
    pin_length,
    with_policy,
    without_policies,
)
from mdmcore.phone.device.state import DeviceState, PolicyValue

ON = ("DeviceLock", "DevicePasswordEnabled", "0")


def device(*policies: tuple[str, str, str]) -> DeviceState:
    """With policies as source, name and value."""
    made = DeviceState()
    for source, name, value in policies:
        policy = PolicyValue(source=source, area="DeviceLock", name=name, value=value)
        made = with_policy(made, policy)
    return made


@pytest.mark.parametrize(
    ("name", "first", "second", "expected"),
    [
        ("AllowSimpleDevicePassword", "1", "0", "0"),
        ("MinDevicePasswordLength", "4", "8", "8"),
        ("AlphanumericDevicePasswordRequired", "2", "0", "0"),
        ("DevicePasswordExpiration", "0", "90", "90"),
        ("DevicePasswordExpiration", "30", "90", "30"),
        ("DevicePasswordHistory", "5", "3", "5"),
        ("MaxDevicePasswordFailedAttempts", "0", "8", "8"),
        ("MaxInactivityTimeDeviceLock", "15", "5", "5"),
        ("MinDevicePasswordComplexCharacters", "1", "3", "3"),
    ],
)
def test_the_stricter_value_counts(name: str, first: str, second: str, expected: str) -> None:
    for one, other in ((first, second), (second, first)):
        made = device(ON, ("DeviceLock", name, one), ("PolicyManager", name, other))
        assert lock_values(made)[name] == expected


def test_while_the_password_is_off_the_defaults_hold() -> None:
    made = device(("DeviceLock", "MinDevicePasswordLength", "9"))
    assert lock_values(made)["MinDevicePasswordLength"] == "4"
    assert not needs_password(made)
    assert pin_length(made) == 4
    assert needs_password(device(ON))


def test_a_second_value_of_one_source_replaces_the_first() -> None:
    made = device(ON, *(("DeviceLock", "MinDevicePasswordLength", value) for value in ("9", "6")))
    assert len(made.policies) == 2
    assert pin_length(made) == 6


def test_policies_go_one_by_one_by_area_or_by_source() -> None:
    made = device(ON, ("DeviceLock", "DevicePasswordHistory", "5"))
    camera = PolicyValue(source="DeviceLock", area="Camera", name="AllowCamera", value="0")
    made = with_policy(made, camera)
    left = without_policies(made, "DeviceLock", "DeviceLock", "DevicePasswordHistory")
    assert len(left.policies) == 2
    assert without_policies(made, "DeviceLock", "DeviceLock").policies == (camera,)
    assert without_policies(made, "DeviceLock").policies == ()
    assert without_policies(made, "Policy").policies == made.policies


def test_encryption_stays_on() -> None:
    def encryption(value: str) -> PolicyValue:
        name = "RequireDeviceEncryption"
        return PolicyValue(source="Policy", area="Security", name=name, value=value)

    made = with_policy(with_policy(DeviceState(), encryption("1")), encryption("0"))
    assert made.is_encrypted
    assert [policy.value for policy in effective_policies(made, "Policy")] == ["1"]
