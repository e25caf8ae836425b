"""E-mail accounts: each new one gets a GUID of its own (session.md 7: ActiveSync)."""

from __future__ import annotations

import pytest

from mdmcore.csp.recipes import build_commands, find_recipe
from mdmcore.errors import ConfigError
from tests.support.recipes import built, context, sent_values

FIRST = "%7B00000000-0000-4000-8000-000000000001%7D"
SECOND = "%7B00000000-0000-4000-8000-000000000002%7D"
EXCHANGE = "./Vendor/MSFT/ActiveSync/Accounts"
EMAIL2 = "./Vendor/MSFT/EMAIL2"
ACCOUNT = {"name": "Work", "address": "u@example.test", "server": "mail.example.test"}
INTERNET = {
    "protocol": "pop3",
    "service": "Mail",
    "name": "A. User",
    "address": "u@example.test",
    "incoming": "pop.example.test:995",
    "outgoing": "smtp.example.test:465",
}


@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_an_exchange_account(profile: str) -> None:
    made = built("exchange", profile, user="u", password="p<w", content="email", **ACCOUNT)
    root = f"{EXCHANGE}/{FIRST}"
    contents = f"{root}/Options/ContentTypes/%7B"
    values = sent_values(made)
    assert {uri: text for uri, text in values.items() if "ContentTypes" not in uri} == {
        f"{root}/AccountName": "Work",
        f"{root}/AccountType": "Exchange",
        f"{root}/EmailAddress": "u@example.test",
        f"{root}/ServerName": "mail.example.test",
        f"{root}/UserName": "u",
        f"{root}/Password": "p<w",
        f"{root}/Options/UseSSL": "1",
    }
    assert values[f"{contents}C6D47067-6E92-480E-B0FC-4BA82182FAC7%7D/Enabled"] == "1"
    assert values[f"{contents}4A5D9FE0-F139-4A63-A5A4-4F31CEEA02AD%7D/Enabled"] == "0"
    assert [command.name for command in made] == ["Atomic"]


def test_every_account_gets_a_fresh_guid() -> None:
    """A GUID that was used before deletes the account (session.md 8.5: activesync-guid-reused)."""
    device, recipe = context("wp8"), find_recipe("exchange")
    first = sent_values(build_commands(recipe, ACCOUNT, device))
    second = sent_values(build_commands(recipe, ACCOUNT, device))
    assert all(FIRST in uri for uri in first)
    assert all(SECOND in uri for uri in second)


@pytest.mark.parametrize(("name", "values"), [("exchange", ACCOUNT), ("email", INTERNET)])
def test_an_account_is_changed_by_its_guid(name: str, values: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="account is needed with command=replace"):
        built(name, "wp81", command="replace", **values)
    guid = "{C3DE4D5A-7E5B-4F3B-9E3C-2A6E1D0C9B11}"
    made = built(name, "wp81", command="replace", account=guid, **values)
    assert all("%7BC3DE4D5A-7E5B-4F3B-9E3C-2A6E1D0C9B11%7D" in uri for uri in sent_values(made))


@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_an_internet_account(profile: str) -> None:
    made = built(
        "email", profile, user="u", ssl="no", outgoing_login="no", download_days="all", **INTERNET
    )
    root = f"{EMAIL2}/{FIRST}"
    assert sent_values(made) == {
        f"{root}/ACCOUNTTYPE": "Email",
        f"{root}/SERVICETYPE": "POP3",
        f"{root}/SERVICENAME": "Mail",
        f"{root}/NAME": "A. User",
        f"{root}/REPLYADDR": "u@example.test",
        f"{root}/INSERVER": "pop.example.test:995",
        f"{root}/OUTSERVER": "smtp.example.test:465",
        f"{root}/AUTHNAME": "u",
        f"{root}/AUTHREQUIRED": "0",
        f"{root}/TAGPROPS/8128000B": "0",
        f"{root}/TAGPROPS/812C000B": "0",
        f"{root}/DWNDAY": "-1",
    }


@pytest.mark.parametrize(("name", "values"), [("exchange", ACCOUNT), ("email", INTERNET)])
def test_on_windows_10_accounts_are_of_the_user(name: str, values: dict[str, str]) -> None:
    assert all(
        uri.startswith("./User/Vendor/MSFT/") for uri in sent_values(built(name, "win10", **values))
    )
    made = built(name, "win10", scope="device", **values)
    assert all(uri.startswith("./Device/Vendor/MSFT/") for uri in sent_values(made))


@pytest.mark.parametrize(
    ("name", "uri"), [("exchange-remove", f"{EXCHANGE}/"), ("email-remove", f"{EMAIL2}/")]
)
def test_an_account_is_removed(name: str, uri: str) -> None:
    guid = "C3DE4D5A-7E5B-4F3B-9E3C-2A6E1D0C9B11"
    assert list(sent_values(built(name, "wp81", account=guid))) == [f"{uri}%7B{guid}%7D"]


def test_what_is_synchronised_is_named() -> None:
    with pytest.raises(
        ConfigError, match="content must be one of email, contacts, calendar, tasks"
    ):
        built("exchange", "wp8", content="email,notes", **ACCOUNT)
