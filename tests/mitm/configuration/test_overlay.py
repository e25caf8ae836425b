"""Options win over the file, and what was not given leaves the file alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdmcore.errors import ConfigError
from mdmcore.mitm.configuration.overlay import (
    configuration_of,
    parse_account,
    parse_users,
    server_settings,
)
from mdmcore.mitm.configuration.schema import Configuration, DmAccount, User
from mdmcore.mitm.options import MdmOptions
from mdmcore.records import AuthScheme
from tests.support.proxy import ENTERPRISE_ID, HUB_BYTES, write_hub

FILE = """
[server]
domains = ["file.test"]
profile = "win10"
auth_policies = ["Federated"]
users = [{ name = "anna", password = "a" }]
accounts = [{ name = "n", secret = "s", scheme = "basic" }]
state = "kept"
[policy]
minimal_key_length = 3072
hash = "sha256"
[certificate]
subject = "CN={guid},O=File"
[authority]
ca = ["ca.pem"]
password_env = "CA_PASSWORD"
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "emulate.toml"
    file.write_text(FILE, encoding="utf-8")
    return str(file)


def test_without_file_and_options_it_is_the_default() -> None:
    assert configuration_of(MdmOptions()) == Configuration()


def test_the_file_counts_where_no_option_is_given(path: str, tmp_path: Path) -> None:
    found = configuration_of(MdmOptions(config=path))
    assert found.server.domains == ("file.test",)
    assert (found.server.profile, found.server.state) == ("win10", str(tmp_path / "kept"))
    assert found.policy.hash == "sha256"


def test_every_option_wins_over_the_file(path: str) -> None:
    found = configuration_of(
        MdmOptions(
            config=path,
            domains=("Option.test",),
            profile="auto",
            auth_policies=("onpremise",),
            users=("bob:b",),
            accounts=("x:y:md5:D",),
            state="",
            key_length=4096,
            hash="sha1",
            subject="CN={serial}",
            ca=("other.pem",),
        )
    )
    server = found.server
    assert (server.domains, server.profile, server.state) == (("option.test",), "auto", "")
    assert server.auth_policies == ("OnPremise",)
    assert server.users == (User(name="bob", password="b"),)
    assert server.accounts == (DmAccount(name="x", secret="y", scheme="md5", device_id="D"),)
    assert (found.policy.minimal_key_length, found.policy.hash) == (4096, "sha1")
    assert found.certificate.subject == "CN={serial}"
    # The password in the file is that of the file's CA.
    assert (found.authority.ca, found.authority.password_env) == (("other.pem",), "")


def test_a_password_file_takes_the_place_of_the_environment(path: str) -> None:
    found = configuration_of(MdmOptions(config=path, ca_password_file="secret.txt")).authority
    assert (found.password_file, found.password_env) == ("secret.txt", "")
    assert len(found.ca) == 1


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (MdmOptions(hash="md5"), "mdm_hash: 'md5' is neither sha1 nor sha256 nor a dotted OID"),
        (MdmOptions(subject="CN=x"), "mdm_subject: the CN needs"),
        (MdmOptions(auth_policies=("Certificate",)), "mdm_auth_policies: name OnPremise or"),
        (MdmOptions(auth_policies=("OnPremise", "onpremise")), "mdm_auth_policies"),
        (MdmOptions(auth_policies=()), "mdm_auth_policies"),
        (MdmOptions(key_length=1024), "1024 is not one of certificate.key_lengths"),
        (MdmOptions(config="gone.toml"), "gone.toml: no such file or directory"),
    ],
)
def test_options_that_cannot_be_used(options: MdmOptions, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        server_settings(options)


def test_the_file_is_named_where_a_key_of_it_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "emulate.toml"
    file.write_text("[certificate]\nlifetime_days = 10\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"emulate\.toml: \$\.certificate\.lifetime_days: 10"):
        server_settings(MdmOptions(config=str(file)))


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
    assert parse_users(["a@b.test:p:w", "c:"]) == (
        User(name="a@b.test", password="p:w"),
        User(name="c", password=""),
    )


@pytest.mark.parametrize("text", ["name", ":secret-word", ""])
def test_a_user_without_name_or_colon_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ConfigError, match="NAME:PASSWORD") as caught:
        parse_users([text])
    assert "secret-word" not in str(caught.value)


def test_an_account_for_any_device() -> None:
    assert parse_account("name:secret:md5") == DmAccount(name="name", secret="secret", scheme="md5")
    (account,) = server_settings(MdmOptions(accounts=("name:secret:md5",))).accounts
    assert (account.scheme, account.device_id) == (AuthScheme.MD5, None)


def test_secret_and_device_id_of_an_account_may_hold_colons() -> None:
    account = parse_account("name:se:cret:basic:urn:uuid:CE9D")
    assert (account.secret, account.scheme) == ("se:cret", "basic")
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


def test_a_hub_in_the_file_and_its_aetx_as_an_option(tmp_path: Path) -> None:
    package, aetx = write_hub(tmp_path)
    file = tmp_path / "emulate.toml"
    file.write_text(f'[hub]\npackage = "{package.name}"\nname = "Ours"\n', encoding="utf-8")
    hub = server_settings(MdmOptions(config=str(file), aetx=str(aetx))).hub
    assert hub is not None
    assert hub.name == "Ours"
    assert server_settings(MdmOptions(config=str(file), hub="")).hub is None


def test_a_missing_hub_file_is_named(tmp_path: Path) -> None:
    _, aetx = write_hub(tmp_path)
    with pytest.raises(ConfigError, match=r"gone\.xap"):
        server_settings(MdmOptions(hub=str(tmp_path / "gone.xap"), aetx=str(aetx)))
