"""The options: read from mitmproxy, turned into settings, refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from mitmproxy.options import Options

from mdmcore.errors import ConfigError
from mdmcore.mitm.options import (
    OPTION_NAMES,
    MdmOptions,
    declare_options,
    parse_account,
    parse_users,
    read_options,
    server_settings,
)
from mdmcore.records import AuthScheme
from tests.support.proxy import ENTERPRISE_ID, HUB_BYTES, write_hub


def test_the_options_of_the_design_are_declared_with_their_defaults() -> None:
    options = Options()
    declare_options(options)  # the manager has the loader's method
    assert {
        "mdm_domains",
        "mdm_users",
        "mdm_accounts",
        "mdm_state",
        "mdm_hub",
        "mdm_aetx",
        "mdm_profile",
        "mdm_advertise",
        "mdm_client_tls",
        "mdm_record",
    } == OPTION_NAMES
    assert read_options(options) == MdmOptions()


def test_values_are_read() -> None:
    options = Options()
    declare_options(options)
    options.update(mdm_domains=["a.test", "b.test"], mdm_profile="wp81", mdm_record="x.mitm")
    options.update(mdm_client_tls=True)
    found = read_options(options)
    assert found == MdmOptions(
        domains=("a.test", "b.test"), profile="wp81", record="x.mitm", client_tls=True
    )


@pytest.mark.parametrize("value", [False, True])
def test_client_tls_is_the_servers_setting(value: bool) -> None:
    assert server_settings(MdmOptions(client_tls=value)).client_tls is value


def test_auto_means_wp8_for_the_server() -> None:
    assert server_settings(MdmOptions()).profile == "wp8"
    assert server_settings(MdmOptions(profile="win10")).profile == "win10"


def test_domains_are_lower_cased_and_answer_with_their_prefixes() -> None:
    settings = server_settings(MdmOptions(domains=("Corp.Example.TEST.",)))
    assert settings.domains == ("corp.example.test",)
    assert settings.domain_of("EnterpriseEnrollment.corp.example.test") == "corp.example.test"
    assert settings.domain_of("other.example.test") is None


@pytest.mark.parametrize("text", ["", "a b", "https://example.test", "*.example.test", "-x.test"])
def test_a_text_that_is_no_domain_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is no domain name"):
        server_settings(MdmOptions(domains=(text,)))


def test_no_domain_at_all_is_refused() -> None:
    with pytest.raises(ConfigError, match="mdm_domains is empty"):
        server_settings(MdmOptions(domains=()))


def test_a_password_may_hold_colons() -> None:
    assert parse_users(["a@b.test:p:w", "c:"]) == (("a@b.test", "p:w"), ("c", ""))


@pytest.mark.parametrize("text", ["name", ":secret-word", ""])
def test_a_user_without_name_or_colon_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ConfigError, match="NAME:PASSWORD") as caught:
        parse_users([text])
    assert "secret-word" not in str(caught.value)


def test_an_account_for_any_device() -> None:
    account = parse_account("name:secret:md5")
    assert (account.name, account.secret, account.scheme) == ("name", "secret", AuthScheme.MD5)
    assert account.device_id is None


def test_secret_and_device_id_of_an_account_may_hold_colons() -> None:
    account = parse_account("name:se:cret:basic:urn:uuid:CE9D")
    assert account.secret == "se:cret"
    assert account.scheme is AuthScheme.BASIC
    assert account.device_id == "urn:uuid:CE9D"


@pytest.mark.parametrize("text", ["name:hunter2", "name:hunter2:sha1", ":hunter2:md5"])
def test_an_account_of_another_form_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ConfigError, match="NAME:SECRET") as caught:
        parse_account(text)
    assert "hunter2" not in str(caught.value)


def test_hub_and_aetx_come_together(tmp_path: Path) -> None:
    package, aetx = write_hub(tmp_path)
    hub = server_settings(MdmOptions(hub=str(package), aetx=str(aetx))).hub
    assert hub is not None
    assert (hub.enterprise_id, hub.package.size) == (ENTERPRISE_ID, len(HUB_BYTES))
    with pytest.raises(ConfigError, match="mdm_hub needs mdm_aetx"):
        server_settings(MdmOptions(hub=str(package)))
    with pytest.raises(ConfigError, match="mdm_aetx needs mdm_hub"):
        server_settings(MdmOptions(aetx=str(aetx)))


def test_a_missing_hub_file_is_named(tmp_path: Path) -> None:
    _, aetx = write_hub(tmp_path)
    with pytest.raises(ConfigError, match=r"gone\.xap"):
        server_settings(MdmOptions(hub=str(tmp_path / "gone.xap"), aetx=str(aetx)))
