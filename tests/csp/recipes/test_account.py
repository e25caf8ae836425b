"""The device's account with the server (session.md 7: DMClient)."""

from __future__ import annotations

import pytest

from mdmcore.errors import ConfigError
from tests.support.recipes import body, built, sent_values
from tests.support.syncml_text import normal

PROVIDER = "./Vendor/MSFT/DMClient/Provider/ExampleMDM"


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81", "win10"])
def test_the_id_that_a_renewal_needs(profile: str) -> None:
    expected = f"""<Add><Item><Target><LocURI>{PROVIDER}/EntDMID</LocURI></Target>
      <Meta><Format xmlns="syncml:metinf">chr</Format></Meta><Data>DEVICE-1</Data></Item></Add>"""
    assert normal(body(built("ent-dmid", profile, id="DEVICE-1"))) == normal(expected)
    made = built("ent-dmid", profile, id="DEVICE-1", command="replace")
    assert made[0].name == "Replace"


def test_a_name_for_people() -> None:
    made = built("device-name", "wp8", name="Phone of <A & B>")
    assert sent_values(made) == {f"{PROVIDER}/EntDeviceName": "Phone of <A & B>"}
    assert made[0].name == "Add"


@pytest.mark.parametrize("name", ["PC-1", "a" * 15, "PC-%RAND:4%", "%SERIAL%"])
def test_a_computer_is_renamed(name: str) -> None:
    made = built("rename-computer", "win10", name=name)
    assert sent_values(made) == {"./DevDetail/Ext/Microsoft/DeviceName": name}


@pytest.mark.parametrize("name", ["12345", "a b", "a" * 16, "ä", "%FOO%", "a.b"])
def test_a_name_that_no_computer_can_have_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="name must be 1 to 15 letters, digits and hyphens"):
        built("rename-computer", "win10", name=name)


def test_help_is_told() -> None:
    made = built("help-desk", "win10", phone="+49 30 1", address="help@example.test")
    assert sent_values(made) == {
        f"{PROVIDER}/HelpPhoneNumber": "+49 30 1",
        f"{PROVIDER}/HelpEmailAddress": "help@example.test",
    }
    with pytest.raises(ConfigError, match="help-desk needs one of phone, website, address"):
        built("help-desk", "win10")


def test_the_server_moves() -> None:
    made = built("management-address", "wp8", url="https://new.example.test/dm")
    assert sent_values(made) == {
        f"{PROVIDER}/ManagementServiceAddress": "https://new.example.test/dm"
    }


@pytest.mark.parametrize(("required", "value"), [("yes", "true"), ("no", "false")])
@pytest.mark.parametrize("profile", ["win81", "win10"])
def test_signing_is_required_or_not(profile: str, required: str, value: str) -> None:
    expected = f"""<Replace><Item><Target><LocURI>{PROVIDER}/RequireMessageSigning</LocURI></Target>
      <Meta><Format xmlns="syncml:metinf">bool</Format></Meta><Data>{value}</Data>
      </Item></Replace>"""
    made = built("require-message-signing", profile, required=required)
    assert normal(body(made)) == normal(expected)


def test_phones_do_not_sign() -> None:
    with pytest.raises(ConfigError, match="not for wp81: phones sign no messages"):
        built("require-message-signing", "wp81")


@pytest.mark.parametrize(("scope", "prefix"), [("device", "./Device"), ("user", "./User")])
def test_the_page_of_the_setup_is_let_go(scope: str, prefix: str) -> None:
    made = built("finish-setup", "win10", scope=scope)
    assert sent_values(made) == {
        f"{prefix}/Vendor/MSFT/DMClient/Provider/ExampleMDM/FirstSyncStatus/"
        "ServerHasFinishedProvisioning": "true"
    }
