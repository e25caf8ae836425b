"""BitLocker: switches as numbers, ciphers as a policy backed by ADMX."""

from __future__ import annotations

import pytest

from mdmcore.csp.recipes import build_commands, find_recipe
from mdmcore.errors import ConfigError
from tests.support.recipes import built, context, items, sent_values

BITLOCKER = "./Vendor/MSFT/BitLocker"


def test_switches_are_numbers() -> None:
    made = built("bitlocker", "win10", require="yes", warn="no", rotation="joined")
    assert sent_values(made) == {
        f"{BITLOCKER}/RequireDeviceEncryption": "1",
        f"{BITLOCKER}/AllowWarningForOtherDiskEncryption": "0",
        f"{BITLOCKER}/ConfigureRecoveryPasswordRotation": "1",
    }


def test_one_cipher_brings_all_three() -> None:
    made = built("bitlocker", "win10", system_method="xts-aes-256")
    assert sent_values(made) == {
        f"{BITLOCKER}/EncryptionMethodByDriveType": "<enabled/>"
        '<data id="EncryptionMethodWithXtsOsDropDown_Name" value="7"/>'
        '<data id="EncryptionMethodWithXtsFdvDropDown_Name" value="6"/>'
        '<data id="EncryptionMethodWithXtsRdvDropDown_Name" value="3"/>'
    }


def test_a_pin_has_a_least_length() -> None:
    made = built("bitlocker", "win10", min_pin_length="6")
    assert sent_values(made) == {
        f"{BITLOCKER}/SystemDrivesMinimumPINLength": '<enabled/><data id="MinPINLength" value="6"/>'
    }
    with pytest.raises(ConfigError, match="min-pin-length must be 4 to 20, not '3'"):
        built("bitlocker", "win10", min_pin_length="3")


def test_nothing_to_set_is_refused() -> None:
    with pytest.raises(ConfigError, match="bitlocker needs one of its settings"):
        built("bitlocker", "win10")


def test_recovery_passwords_are_made_anew_by_builds_that_can() -> None:
    ((name, item),) = items(built("bitlocker-rotate", "win10"))
    assert (name, item.data) == ("Exec", "00000000-0000-4000-8000-000000000001")
    with pytest.raises(ConfigError, match=r"needs build 18363 for .*RotateRecoveryPasswords"):
        build_commands(find_recipe("bitlocker-rotate"), {}, context("win10", build=17763))


def test_phones_are_sent_to_their_policy() -> None:
    with pytest.raises(ConfigError, match="not for wp81: storage-encryption does it there"):
        built("bitlocker", "wp81", require="yes")
