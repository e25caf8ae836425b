"""Settings of a phone."""

from __future__ import annotations

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
