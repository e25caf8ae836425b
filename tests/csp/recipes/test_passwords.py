"""Password policies: what a person says, and the inverted node that says it (session.md 7)."""

from __future__ import annotations

import pytest

from mdmcore.csp.recipes import RecipeContext, build_commands, find_recipe
from mdmcore.errors import ConfigError
from tests.support.recipes import body, built, sent_values
from tests.support.syncml_text import normal

LOCK = "./Vendor/MSFT/DeviceLock/Provider/ExampleMDM"
MY = "./Vendor/MSFT/PolicyManager/My/DeviceLock"
CONFIG = "./Device/Vendor/MSFT/Policy/Config/DeviceLock"


def add(uri: str, value: str) -> str:
    return (
        f"<Add><Item><Target><LocURI>{uri}</LocURI></Target><Meta>"
        f'<Format xmlns="syncml:metinf">int</Format></Meta><Data>{value}</Data></Item></Add>'
    )


@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_a_required_password_is_zero_and_comes_with_the_others(profile: str) -> None:
    expected = "".join(
        (
            add(f"{LOCK}/DevicePasswordEnabled", "0"),
            add(f"{LOCK}/AllowSimpleDevicePassword", "0"),
            add(f"{LOCK}/AlphanumericDevicePasswordRequired", "1"),
            add(f"{LOCK}/MinDevicePasswordLength", "6"),
            add(f"{LOCK}/MaxInactivityTimeDeviceLock", "5"),
        )
    )
    made = built(
        "device-lock",
        profile,
        min_length="6",
        characters="either",
        allow_simple="no",
        idle_minutes="5",
    )
    assert normal(body(made)) == normal(expected)


def test_a_password_that_is_off_is_one() -> None:
    assert sent_values(built("device-lock", "wp8", password="off")) == {
        f"{LOCK}/DevicePasswordEnabled": "1"
    }


def test_policies_that_would_not_count_are_refused() -> None:
    with pytest.raises(ConfigError, match="min-length counts only with password=required"):
        built("device-lock", "wp8", password="off", min_length="6")


@pytest.mark.parametrize(
    ("recipe", "profile", "values", "message"),
    [
        ("device-lock", "wp8", {"min_length": "3"}, "min-length must be 4 to 18, not '3'"),
        ("device-lock", "wp8", {"min_length": "19"}, "min-length must be 4 to 18, not '19'"),
        ("device-lock", "wp8", {"min_length": "six"}, "min-length must be an integer, not 'six'"),
        ("device-lock", "wp81", {"history": "51"}, "history must be 0 to 50, not '51'"),
        (
            "device-lock",
            "wp8",
            {"max_failed_attempts": "1000"},
            "max-failed-attempts must be 0 to 999, not '1000'",
        ),
        (
            "device-lock",
            "wp8",
            {"complex_characters": "5"},
            "complex-characters must be 1 to 4, not '5'",
        ),
        (
            "password-policy",
            "wp81",
            {"min_length": "17"},
            "min-length must be 0 or 4 to 16, not '17'",
        ),
        (
            "password-policy",
            "win10",
            {"expiration_days": "731"},
            "expiration-days must be 0 to 730, not '731'",
        ),
    ],
)
def test_a_value_outside_its_range_is_refused(
    recipe: str, profile: str, values: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigError) as error:
        built(recipe, profile, **values)
    assert str(error.value) == message


@pytest.mark.parametrize(("profile", "root"), [("wp81", MY), ("win10", CONFIG)])
def test_by_policy_they_stand_in_one_atomic(profile: str, root: str) -> None:
    expected = "".join(
        (
            add(f"{root}/DevicePasswordEnabled", "0"),
            add(f"{root}/MinDevicePasswordLength", "8"),
        )
    )
    made = body(built("password-policy", profile, min_length="8"))
    assert normal(made) == normal(f"<Atomic>{expected}</Atomic>")


def test_what_is_there_is_replaced() -> None:
    made = body(built("device-lock", "wp8", command="replace"))
    assert "<Replace>" in made
    assert "<Add>" not in made


def test_the_values_in_force_are_all_read() -> None:
    made = body(built("device-lock-values", "wp8"))
    assert made.count("<Get>") == 9
    assert "DeviceLock/DeviceValue/AlphanumericDevicePasswordRequired" in made


def test_taking_back_deletes_the_provider() -> None:
    expected = f"<Delete><Item><Target><LocURI>{LOCK}</LocURI></Target></Item></Delete>"
    assert normal(body(built("device-lock-remove", "wp81"))) == normal(expected)


@pytest.mark.parametrize("name", ["device-lock", "device-lock-remove", "unenroll", "ent-dmid"])
def test_an_account_without_a_provider_is_told_so(name: str) -> None:
    nobody = RecipeContext(profile="wp8", provider_id="", new_guid=lambda: "")
    values = {"id": "x"} if name == "ent-dmid" else {}
    with pytest.raises(ConfigError, match="PROVIDER-ID of the device's account is not known"):
        build_commands(find_recipe(name), values, nobody)


def test_windows_10_is_sent_to_the_policy() -> None:
    with pytest.raises(ConfigError, match="not for win10: password-policy does it there"):
        built("device-lock", "win10")
