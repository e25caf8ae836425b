"""ContextItems of each generation, and those of the captured PC."""

from __future__ import annotations

import re

import pytest

from mdmcore.enrollment import parse_rst
from mdmcore.phone.context_items import context_items
from mdmcore.profiles import PROFILES
from tests.phone.generations import PC_DEVICE_ID, phone_of
from tests.support.win10_log import request_bodies


def test_phones_say_two_things_and_the_first_pcs_one() -> None:
    assert context_items(phone_of("wp8")) == (
        ("DeviceType", "WindowsPhone"),
        ("ApplicationVersion", "8.0.10501.127"),
    )
    assert context_items(phone_of("wp81"))[1] == ("ApplicationVersion", "8.10.12397.895")
    assert context_items(phone_of("win81")) == (("DeviceType", "CIMClient_Windows"),)


def test_a_windows_10_pc_says_all_this() -> None:
    items = context_items(
        phone_of("win10", mac_addresses=("00-00-5E-00-53-01", "00-00-5E-00-53-02"))
    )
    said = dict(items)
    assert re.fullmatch(r"[0-9A-F]{64}", said.pop("HWDevID"))
    assert [value for name, value in items if name == "MAC"] == [
        "00-00-5E-00-53-01",
        "00-00-5E-00-53-02",
    ]
    del said["MAC"]
    assert said == {
        "UXInitiated": "true",
        "Locale": "en-US",
        "TargetedUserLoggedIn": "true",
        "OSEdition": "72",
        "DeviceName": "DESKTOP-0000001",
        "DeviceID": PC_DEVICE_ID,
        "EnrollmentType": "Full",
        "DeviceType": "CIMClient_Windows",
        "OSVersion": "10.0.26200.6584",
        "ApplicationVersion": "10.0.26200.6584",
        "NotInOobe": "true",
    }


def test_they_are_those_of_the_captured_pc() -> None:
    captured = parse_rst(request_bodies()["enrollment"]).context
    values = dict(captured)
    phone = phone_of(
        "win10",
        device_id=values["DeviceID"],
        device_name=values["DeviceName"],
        hardware_id=values["HWDevID"],
        os_version=values["OSVersion"],
        mac_addresses=tuple(value for name, value in captured if name == "MAC"),
        is_in_oobe=True,
    )
    assert len(captured) == 18
    assert context_items(phone) == captured


def test_settings_that_show() -> None:
    phone = phone_of(
        "win10",
        is_in_oobe=True,
        is_user_initiated=False,
        is_user_logged_in=False,
        enrollment_type="Device",
        language="de-DE",
    )
    said = dict(context_items(phone))
    assert (said["NotInOobe"], said["UXInitiated"]) == ("false", "false")
    assert (said["TargetedUserLoggedIn"], said["EnrollmentType"]) == ("false", "Device")
    assert said["Locale"] == "de-DE"


@pytest.mark.parametrize("profile", list(PROFILES))
def test_every_item_of_the_table_has_a_value(profile: str) -> None:
    items = context_items(phone_of(profile))
    assert {name for name, _ in items} == set(PROFILES[profile].context_items)
    assert all(value for _, value in items)
