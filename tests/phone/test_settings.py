"""Settings of a phone."""

from __future__ import annotations

import re

import pytest

from mdmcore.errors import ConfigError
from mdmcore.phone import ALL_CAUTIONS, Caution
from mdmcore.profiles import PROFILES
from tests.phone.scripted import settings


def test_the_profile_is_found_by_name() -> None:
    assert settings().device is PROFILES["wp8"]
    with pytest.raises(ConfigError):
        _ = settings(profile="nokia").device


def test_the_password_is_not_shown() -> None:
    assert "pass & word" not in repr(settings())


def test_a_phone_is_careful_about_nothing_unless_told() -> None:
    assert settings().cautions == frozenset()
    assert frozenset(Caution) == ALL_CAUTIONS


@pytest.mark.parametrize("name", list(PROFILES))
def test_what_is_not_given_is_that_of_a_usual_device(name: str) -> None:
    phone = settings(profile=name)
    usual = PROFILES[name].usual_device
    assert {key: getattr(phone, key) for key in usual} == dict(usual)
    assert phone.os_edition == PROFILES[name].os_edition
    assert re.fullmatch(r"[0-9A-F]{64}", phone.hardware_id)


def test_what_is_given_stays() -> None:
    phone = settings(profile="win10", os_version="10.0.19043.2364", hardware_id="AB", model="PC")
    assert (phone.os_version, phone.hardware_id, phone.model) == ("10.0.19043.2364", "AB", "PC")
    assert phone.manufacturer == PROFILES["win10"].usual_device["manufacturer"]


def test_two_devices_differ_in_their_hardware() -> None:
    assert settings(device_id="1").hardware_id != settings(device_id="2").hardware_id
    assert settings(device_id="1").hardware_id == settings(device_id="1").hardware_id


def test_a_token_is_not_shown() -> None:
    assert "a.b.c" not in repr(settings(profile="win10", user_token="a.b.c"))


@pytest.mark.parametrize("name", ["wp8", "wp81", "win81"])
def test_only_windows_10_enrols_with_a_jwt(name: str) -> None:
    with pytest.raises(ConfigError, match="no enrolment with a JWT"):
        settings(profile=name, user_token="a.b.c")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"profile": "wp8", "max_message_bytes": 4096}, "names no MaxMsgSize"),
        ({"profile": "win81", "max_message_bytes": 4096}, "names no MaxMsgSize"),
        ({"profile": "win10", "max_message_bytes": 2047}, "no room for a header"),
        ({"first_session": -1}, "counted from 0"),
        ({"profile": "win81", "pending_messages": 1}, "never asks the server to wait"),
        ({"profile": "wp8", "user_cancels_at": 1}, "message 2 or later"),
    ],
)
def test_what_a_device_cannot_do(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        settings(**changes)


def test_the_limit_of_a_message_is_the_profiles_or_the_given_one() -> None:
    assert settings().message_limit is None
    assert settings(profile="win10").message_limit == 524288
    assert settings(profile="win10", max_message_bytes=4096).message_limit == 4096
