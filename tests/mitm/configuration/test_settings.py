"""From the configuration to the settings: every key arrives, and what cannot be is named."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from mdmcore.enrollment.provisioning import Parm
from mdmcore.enrollment.provisioning_model import ApplicationParms, Poll, Renew, Schedule
from mdmcore.errors import ConfigError
from mdmcore.mitm.configuration import read_configuration, settings_of
from mdmcore.records import AuthScheme
from mdmcore.server.limits import Limits
from mdmcore.server.settings import ConfiguredAccount, ServerSettings
from tests.support.proxy import write_hub

EVERYTHING = """
[server]
domains = ["One.test", "two.test"]
provider_id = "Ours"
name = "Our Corp"
profile = "win81"
auth_policies = ["Federated"]
users = [{ name = "anna", password = "a:b" }]
accounts = [{ name = "n", secret = "s", scheme = "md5", device_id = "D" }]
jwt = false
token_lifetime_minutes = 5
require_message_signing = true
[policy]
minimal_key_length = 4096
hash = "sha256"
[certificate]
subject = "CN={serial},O=Ours"
lifetime_days = 200
backdate_minutes = 1440
key_lengths = [4096]
[limits]
device_cap = 3
lowest_application_version = "8.10.1"
highest_application_version = "10.0.19041.1"
maintenance = true
[provisioning]
extra = ['<characteristic type="A"/>', '<characteristic type="B"/>']
[provisioning.application]
device_auth = "basic"
conn_retry_freq = 1
initial_backoff_time = 2
max_backoff_time = 3
backcompat_retry_disabled = false
default_encoding = "application/vnd.syncml.dm+wbxml"
proto_ver = "1.1"
role = 32
to_napid = "AP"
use_hw_dev_id = true
ssp_hyperlink = "http://x.test"
server_list = "https://x.test"
crl_check = true
[provisioning.retries]
first_retries = 1
first_interval = 2
second_retries = 3
second_interval = 4
remaining_retries = 5
remaining_interval = 6
[provisioning.poll]
first_retries = 11
first_interval = 12
second_retries = 13
second_interval = 14
remaining_retries = 15
remaining_interval = 16
poll_on_login = false
all_users_poll_on_first_login = true
[provisioning.renewal]
robo_support = false
renew_period = 60
retry_interval = 5
server_url = "https://x.test/d"
[provisioning.dmclient]
device_name = "{guid}"
upn = ""
management_server_address_list = ["https://y.test"]
parms = [{ name = "HelpWebsite", value = "w" }, { name = "N", value = "1", datatype = "integer" }]
[hub]
package = "hub.xap"
aetx = "hub.aetx"
name = "Our Hub"
crl_check = true
"""


def load(folder: Path, text: str) -> ServerSettings:
    path = folder / "emulate.toml"
    path.write_text(text, encoding="utf-8")
    return settings_of(read_configuration(path), source="emulate.toml")


def test_every_key_arrives(tmp_path: Path) -> None:
    write_hub(tmp_path)
    found = load(tmp_path, EVERYTHING)
    assert (found.domains, found.provider_id, found.server_name) == (
        ("one.test", "two.test"),
        "Ours",
        "Our Corp",
    )
    assert (found.profile, found.auth_policies) == ("win81", ("Federated",))
    assert found.users == (("anna", "a:b"),)
    assert found.accounts == (
        ConfiguredAccount(name="n", secret="s", scheme=AuthScheme.MD5, device_id="D"),
    )
    assert (found.accepts_jwt, found.token_lifetime) == (False, timedelta(minutes=5))
    assert (found.minimal_key_length, found.key_lengths) == (4096, (4096,))
    assert found.require_message_signing
    assert found.hash_oid == "2.16.840.1.101.3.4.2.1"
    assert found.subject.text == "CN={serial},O=Ours"
    assert found.certificate_lifetime == timedelta(days=200)
    assert found.certificate_backdate == timedelta(days=1)
    assert found.limits == Limits(
        device_cap=3,
        lowest_application_version="8.10.1",
        highest_application_version="10.0.19041.1",
        maintenance=True,
    )
    assert found.appsrv_scheme is AuthScheme.BASIC
    assert found.hub is not None
    assert (found.hub.name, found.hub.crl_check) == ("Our Hub", True)


def test_ways_of_proving_a_device_arrive(tmp_path: Path) -> None:
    text = """
[server]
client_tls = true
accept_client_tls = true
accounts = [{ name = "n", secret = "s", scheme = "hmac" }]
[provisioning.application]
device_auth = "hmac"
"""
    found = load(tmp_path, text)
    assert (found.client_tls, found.accept_client_tls) == (True, True)
    assert (found.appsrv_scheme, found.accounts[0].scheme) == (AuthScheme.HMAC, AuthScheme.HMAC)
    assert load(tmp_path, "").accept_client_tls is False


def test_every_key_of_the_document_arrives(tmp_path: Path) -> None:
    write_hub(tmp_path)
    found = load(tmp_path, EVERYTHING).provisioning
    assert found.application == ApplicationParms(
        conn_retry_freq=1,
        initial_backoff_time=2,
        max_backoff_time=3,
        backcompat_retry_disabled=False,
        default_encoding="application/vnd.syncml.dm+wbxml",
        proto_ver="1.1",
        role=32,
        to_napid="AP",
        use_hw_dev_id=True,
        ssp_hyperlink="http://x.test",
        server_list="https://x.test",
        crl_check=True,
    )
    assert found.retries == _schedule(0)
    assert found.poll == Poll(
        schedule=_schedule(10), poll_on_login=False, all_users_poll_on_first_login=True
    )
    assert found.renewal == Renew(
        robo_support=False, renew_period=60, retry_interval=5, server_url="https://x.test/d"
    )
    assert (found.device_name, found.upn) == ("{guid}", "")
    assert found.management_server_address_list == ("https://y.test",)
    assert found.dm_client_parms == (
        Parm(name="HelpWebsite", value="w", datatype="string"),
        Parm(name="N", value="1", datatype="integer"),
    )
    assert [branch.type for branch in found.extra] == ["A", "B"]


def _schedule(add: int) -> Schedule:
    return Schedule(
        first_retries=add + 1,
        first_interval=add + 2,
        second_retries=add + 3,
        second_interval=add + 4,
        remaining_retries=add + 5,
        remaining_interval=add + 6,
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[server]\ndomains = []", "$.server.domains: name the domain"),
        ("[server]\ndomains = ['a b']", "$.server.domains: 'a b' is no domain name"),
        ("[server]\nprovider_id = ' x'", "$.server.provider_id: PROVIDER-ID must be"),
        ('[server]\nname = "a\\u0007"', "$.server.name: holds a control character"),
        ("[server]\nauth_policies = []", "$.server.auth_policies: name OnPremise"),
        ("[server]\nauth_policies = ['OnPremise', 'OnPremise']", "$.server.auth_policies: name"),
        ("[policy]\nhash = 'md5'", "$.policy.hash: 'md5' is neither"),
        ("[policy]\nminimal_key_length = 1024", "$.policy.minimal_key_length: 1024 is not one of"),
        ("[certificate]\nkey_lengths = []", "$.policy.minimal_key_length: 2048 is not one of"),
        ("[certificate]\nsubject = 'CN=x'", "$.certificate.subject: the CN needs"),
        (
            "[certificate]\nsubject = 'CN={guid},O=a@b'",
            "$.certificate.subject: O='a@b' cannot be a PrintableString: it has '@'",
        ),
        ("[certificate]\nlifetime_days = 42", "$.certificate.lifetime_days: 42 days are not more"),
        (
            "[certificate]\nbackdate_minutes = 1441",
            "$.certificate.backdate_minutes: certificates would begin more than a day before",
        ),
        (
            f"[certificate]\nbackdate_minutes = {10**18}",
            "$.certificate.backdate_minutes: no certificate begins that early",
        ),
        ("[limits]\nlowest_application_version = 'x'", "$.limits.lowest_application_version: no"),
        ("[provisioning]\nextra = ['<a/>']", "$.provisioning.extra[0]: a where only"),
        (
            "[provisioning]\nextra = ['<characteristic type=\"a\"/>', '<b']",
            "$.provisioning.extra[1]: ",
        ),
        (
            "[provisioning.application]\nproto_ver = '2'",
            "$.provisioning.application.proto_ver: PROTOVER must be 1.1 or 1.2",
        ),
        (
            "[provisioning.application]\nmax_backoff_time = 1",
            "$.provisioning.application.max_backoff_time: MAXBACKOFFTIME is below",
        ),
        (
            "[provisioning.retries]\nfirst_retries = 0",
            "$.provisioning.retries.first_retries: AuxNumRetries is 0",
        ),
        (
            "[provisioning.poll]\nfirst_retries = 0",
            "$.provisioning.poll.first_retries: NumberOfFirstRetries is 0",
        ),
        (
            "[provisioning.renewal]\nretry_interval = 43",
            "$.provisioning.renewal.retry_interval: RetryInterval 43 is above",
        ),
        (
            "[provisioning.renewal]\nserver_url = 'http://x.test'",
            "$.provisioning.renewal.server_url: ServerURL must be an https URL",
        ),
        (
            "[provisioning.dmclient]\ndevice_name = '{imei}'",
            "$.provisioning.dmclient.device_name: no placeholder {imei}",
        ),
        (
            "[provisioning.dmclient]\nmanagement_server_address_list = ['x']",
            "$.provisioning.dmclient.management_server_address_list: ManagementServerAddressList",
        ),
        (
            "[provisioning.dmclient]\nparms = [{ name = 'a', datatype = 'int' }]",
            "$.provisioning.dmclient.parms: no datatype 'int'",
        ),
        (
            '[provisioning]\nextra = [\'<characteristic type="DMClient"><characteristic '
            'type="Provider"><characteristic type="MDMProxy"><parm name="EntDMID" value="x"/>'
            "</characteristic></characteristic></characteristic>']",
            "$.provisioning: DMClient/Provider/MDMProxy/EntDMID is in the document already",
        ),
        ("[hub]\npackage = 'x'", "$.hub.package: needs aetx"),
        ("[hub]\naetx = 'x'", "$.hub.aetx: needs package"),
        ("[hub]\npackage = 'gone.xap'\naetx = 'x'", "$.hub: "),
    ],
)
def test_what_cannot_be_is_named_by_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert str(caught.value).startswith(f"emulate.toml: {said}")
