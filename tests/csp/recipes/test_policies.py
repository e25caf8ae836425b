"""Policies of an area: PolicyManager on 8.1 in one Atomic, Policy on Windows 10."""

from __future__ import annotations

import pytest

from mdmcore.csp.recipes import command_problems
from mdmcore.errors import ConfigError
from tests.support.recipes import PROVIDER, body, built, items, sent_values
from tests.support.syncml_text import normal

MY = "./Vendor/MSFT/PolicyManager/My"
CONFIG = "./Device/Vendor/MSFT/Policy/Config"


def test_an_area_stands_in_one_atomic() -> None:
    def policy(name: str, value: str) -> str:
        return (
            f"<Add><Item><Target><LocURI>{MY}/Connectivity/{name}</LocURI></Target><Meta>"
            f'<Format xmlns="syncml:metinf">int</Format></Meta><Data>{value}</Data></Item></Add>'
        )

    expected = f"<Atomic>{policy('AllowNFC', '0')}{policy('AllowBluetooth', '2')}</Atomic>"
    made = built(
        "policy-manager", "wp81", area="Connectivity", settings="AllowNFC=0; AllowBluetooth=2"
    )
    assert normal(body(made)) == normal(expected)


@pytest.mark.parametrize(
    ("area", "settings", "message"),
    [
        ("Connectivity", "AllowBluetooth=3", "AllowBluetooth must be 0 to 2, not '3'"),
        ("Camera", "AllowCamera=yes", "AllowCamera must be 0 or 1, not 'yes'"),
        ("Camera", "AllowCamera", "settings must be NAME=VALUE"),
        ("Camera", "AllowCamera=0;AllowCamera=1", "settings names AllowCamera twice"),
        ("Camera", ";", "settings must be NAME=VALUE"),
    ],
)
def test_what_the_catalogue_does_not_allow_is_refused(
    area: str, settings: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=f"^{message}"):
        built("policy-manager", "wp81", area=area, settings=settings)


def test_windows_phone_8_is_sent_to_device_lock() -> None:
    with pytest.raises(ConfigError, match="there is no PolicyManager; device-lock"):
        built("policy-manager", "wp8", area="Camera", settings="AllowCamera=0")


@pytest.mark.parametrize(("scope", "prefix"), [("device", "Device"), ("user", "User")])
def test_policies_of_windows_10_say_whose_they_are(scope: str, prefix: str) -> None:
    made = built("policy", "win10", area="Experience", settings="AllowCortana=0", scope=scope)
    assert sent_values(made) == {
        f"./{prefix}/Vendor/MSFT/Policy/Config/Experience/AllowCortana": "0"
    }


@pytest.mark.parametrize(
    ("value", "format"), [("12", "int"), ("https://example.test/start", "chr")]
)
def test_a_policy_that_the_catalogue_does_not_know_has_the_format_of_its_value(
    value: str, format: str
) -> None:
    made = built("policy", "win10", area="NewArea", settings=f"NewPolicy={value}")
    ((_, item),) = items(made)
    assert item.meta is not None
    assert (item.meta.format, item.data) == (format, value)
    assert command_problems(made, profile="win10", provider=PROVIDER) == ()


@pytest.mark.parametrize(("atomic", "count"), [("yes", 1), ("no", 2)])
def test_policies_of_windows_10_stand_alone_unless_asked(atomic: str, count: int) -> None:
    made = built(
        "policy",
        "win10",
        area="System",
        settings="AllowLocation=0;AllowStorageCard=0",
        atomic=atomic,
    )
    assert len(made) == count


def test_no_least_length_is_a_value_of_the_policy() -> None:
    made = built("policy", "win10", area="DeviceLock", settings="MinDevicePasswordLength=0")
    assert sent_values(made) == {f"{CONFIG}/DeviceLock/MinDevicePasswordLength": "0"}


def test_values_are_read_where_they_are_in_force() -> None:
    read = body(built("policy-values", "wp81", area="Camera", policies="AllowCamera"))
    assert "./Vendor/MSFT/PolicyManager/Device/Camera/AllowCamera" in read
    read = body(built("policy-values", "win10", area="Camera"))
    assert "<LocURI>./Device/Vendor/MSFT/Policy/Result/Camera</LocURI>" in read


def test_policies_are_taken_back_one_by_one_or_together() -> None:
    made = built("policy-remove", "wp81", area="Camera", policies="AllowCamera")
    assert list(sent_values(made)) == [f"{MY}/Camera/AllowCamera"]
    made = built("policy-remove", "win10", area="Camera")
    assert list(sent_values(made)) == [f"{CONFIG}/Camera"]


@pytest.mark.parametrize(
    ("profile", "uri"),
    [
        ("wp81", f"{MY}/Security/RequireDeviceEncryption"),
        ("win10", f"{CONFIG}/Security/RequireDeviceEncryption"),
    ],
)
def test_storage_is_encrypted(profile: str, uri: str) -> None:
    made = built("storage-encryption", profile)
    assert sent_values(made) == {uri: "1"}
    assert (made[0].name == "Atomic") is (profile == "wp81")


@pytest.mark.parametrize(("allow", "value"), [("no", "True"), ("yes", "False")])
@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_the_card_is_disabled_in_exact_case(profile: str, allow: str, value: str) -> None:
    expected = f"""<Replace><Item><Target><LocURI>./Vendor/MSFT/Storage/Disable</LocURI></Target>
      <Meta><Format xmlns="syncml:metinf">bool</Format></Meta><Data>{value}</Data>
      </Item></Replace>"""
    assert normal(body(built("storage-card", profile, allow=allow))) == normal(expected)


def test_the_card_of_windows_10_is_a_policy() -> None:
    made = built("storage-card", "win10", allow="no", command="replace")
    assert sent_values(made) == {f"{CONFIG}/System/AllowStorageCard": "0"}


def test_a_card_of_a_phone_has_no_command_to_choose() -> None:
    with pytest.raises(ConfigError, match="command is for win10, not for wp8"):
        built("storage-card", "wp8", allow="no", command="replace")


def test_restricted_apps_are_in_lower_case_and_once() -> None:
    """The rule apprestrictions-product-id, and the XSD of ApplicationRestrictions."""
    one = "A558FEBA-85D7-4665-B5D8-A2FF9C19799B"
    made = built("app-restrictions", "wp81", deny=f"{one},{{{one.lower()}}}")
    (text,) = sent_values(made).values()
    assert text == (
        '<AppPolicy xmlns="http://schemas.microsoft.com/phone/2013/policy" Version="1"><Deny>'
        '<App ProductId="{a558feba-85d7-4665-b5d8-a2ff9c19799b}"/></Deny></AppPolicy>'
    )


@pytest.mark.parametrize(
    "values",
    [
        {},
        {
            "allow": "A558FEBA-85D7-4665-B5D8-A2FF9C19799B",
            "deny": "A558FEBA-85D7-4665-B5D8-A2FF9C19799B",
        },
    ],
)
def test_restrictions_are_of_one_kind(values: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="needs one of allow, deny and policy"):
        built("app-restrictions", "wp81", **values)


def test_a_whole_app_policy_goes_as_it_is() -> None:
    policy = '<AppPolicy Version="1"><Allow/></AppPolicy>'
    (text,) = sent_values(built("app-restrictions", "win10", policy=policy)).values()
    assert text == policy
