"""Values that no device can use are refused, each under the name of its attribute."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mdmcore.enrollment.provisioning import Parm
from mdmcore.enrollment.provisioning_checks import (
    ProvisioningError,
    check_app_management,
    check_application,
    check_application_parms,
    check_dm_client,
    check_poll,
    check_provider_id,
    check_provisioning,
    check_registry,
    check_renew,
    check_retries,
    check_url,
)
from mdmcore.enrollment.provisioning_model import (
    ApplicationParms,
    DmClientBranch,
    Poll,
    Registry,
    Renew,
    Schedule,
)
from mdmcore.errors import ConfigError
from tests.enrollment.samples import HUB, sample_content
from tests.support.provisioning import content_of


def refused(check: Any, *values: Any, **named: Any) -> tuple[str, str]:
    """The attribute that is blamed, and why."""
    with pytest.raises(ProvisioningError) as caught:
        check(*values, **named)
    assert isinstance(caught.value, ConfigError)
    return caught.value.field, str(caught.value)


def schedule(first: Any = (10, 15), second: Any = (8, 60), remaining: Any = (0, 480)) -> Schedule:
    return Schedule(
        first_retries=first[0],
        first_interval=first[1],
        second_retries=second[0],
        second_interval=second[1],
        remaining_retries=remaining[0],
        remaining_interval=remaining[1],
    )


NOTHING = (0, 0)


@pytest.mark.parametrize(
    "good",
    [
        schedule(),
        schedule(second=NOTHING),
        schedule(second=NOTHING, remaining=NOTHING),
        schedule(remaining=(5, 60)),
        schedule(second=(0, 60), remaining=NOTHING),
        schedule(remaining=NOTHING),
    ],
)
def test_schedules_that_work(good: Schedule) -> None:
    check_retries(good)
    check_poll(Poll(schedule=good))


@pytest.mark.parametrize(
    ("bad", "field", "why"),
    [
        (schedule(NOTHING, NOTHING, NOTHING), "first_retries", "all six values"),
        (schedule((0, 15), (0, 60), (0, 480)), "first_retries", "all three counts"),
        (schedule(first=(0, 15)), "first_retries", "NumberOfFirstRetries is 0"),
        (schedule(first=(10, 0)), "first_interval", "IntervalForFirstSetOfRetries is 0"),
        (schedule(second=(8, 0)), "second_interval", "IntervalForSecondSetOfRetries is 0"),
        (schedule(remaining=(8, 0)), "remaining_interval", "ScheduledRetries is 8"),
        (schedule(second=(0, 60)), "second_retries", "never ends"),
        (schedule(second=(0, 60), remaining=(3, 60)), "second_retries", "never ends"),
        (schedule(first=(-1, 15)), "first_retries", "0 to 2147483647"),
        (schedule(remaining=(0, 2**31)), "remaining_interval", "0 to 2147483647"),
    ],
)
def test_schedules_that_do_not(bad: Schedule, field: str, why: str) -> None:
    found, message = refused(check_poll, Poll(schedule=bad))
    assert found == field
    assert why in message
    assert refused(check_retries, bad)[0] == field


def test_the_registry_has_names_of_its_own() -> None:
    assert "AuxNumRetries is 0" in refused(check_retries, schedule(first=(0, 15)))[1]
    assert refused(check_registry, Registry(renewal_period=0))[0] == "renewal_period"
    assert refused(check_registry, Registry(retries=schedule(first=(0, 1))))[0] == "first_retries"
    check_registry(Registry(renewal_period=None, retries=None))


@pytest.mark.parametrize(
    ("renew", "field"),
    [
        (Renew(renew_period=0), "renew_period"),
        (Renew(renew_period=1001), "renew_period"),
        (Renew(retry_interval=0), "retry_interval"),
        (Renew(retry_interval=1001, renew_period=1000), "retry_interval"),
        (Renew(retry_interval=8, renew_period=7), "retry_interval"),
        (Renew(server_url="http://mdm.example.test/"), "server_url"),
    ],
)
def test_renewal_values_out_of_range(renew: Renew, field: str) -> None:
    assert refused(check_renew, renew)[0] == field


def test_renewal_values_at_the_limits() -> None:
    check_renew(Renew(renew_period=1, retry_interval=1))
    check_renew(Renew(renew_period=1000, retry_interval=1000))


@pytest.mark.parametrize(
    "url",
    [
        "https://mdm.example.test",
        "HTTPS://MDM.example.test:8443/x?y=z",
        "https://mdm",
        "https://mdm.example.test./",
        "https://a_b.example.test/",
        "https://xn--bcher-kva.example/",
    ],
)
def test_urls_that_a_device_takes(url: str) -> None:
    check_url(url, field="addr", name="ADDR")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://mdm.example.test/", "must be an https URL"),
        ("mdm.example.test", "must be an https URL"),
        ("https:///x", "must be an https URL"),
        ("https://user@mdm.example.test/", "must be an https URL"),
        ("https://192.0.2.1/", "must name its host"),
        ("https://[2001:db8::1]/", "must name its host"),
        ("https://127.1/", "must name its host"),
        ("https://2130706433/", "must name its host"),
        ("https://mdm.example.test:port/", "no URL"),
        ("https://[::1/", "no URL"),
        ("https://-a.example.test/", "no DNS name"),
        ("https://a..example.test/", "no DNS name"),
        ("https://*.example.test/", "no DNS name"),
        (f"https://{'a' * 64}.test/", "no DNS name"),
        (f"https://{'a.' * 130}test/", "no DNS name"),
    ],
)
def test_urls_that_it_does_not(url: str, why: str) -> None:
    field, message = refused(check_url, url, field="addr", name="ADDR")
    assert field == "addr"
    assert why in message


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"conn_retry_freq": -1}, "conn_retry_freq"),
        ({"initial_backoff_time": 2**31}, "initial_backoff_time"),
        ({"max_backoff_time": 29_999}, "max_backoff_time"),
        ({"default_encoding": "text/xml"}, "default_encoding"),
        ({"proto_ver": "1.3"}, "proto_ver"),
        ({"role": 0}, "role"),
        ({"role": 2**32}, "role"),
        ({"server_list": "http://x.test"}, "server_list"),
    ],
)
def test_parms_of_the_application(changes: dict[str, Any], field: str) -> None:
    assert refused(check_application_parms, ApplicationParms(**changes))[0] == field


def test_parms_that_are_left_out_are_not_judged() -> None:
    nothing = ApplicationParms(
        conn_retry_freq=None, initial_backoff_time=None, max_backoff_time=None
    )
    check_application_parms(nothing)


@pytest.mark.parametrize("text", ["", " ", " MDM", "MDM\n", "M\x00M"])
def test_names_that_no_provider_has(text: str) -> None:
    assert refused(check_provider_id, text)[0] == "provider_id"


def test_the_account_is_whole() -> None:
    application = content_of(**sample_content()).application
    check_application(application)
    for changes, field in (
        ({"provider_id": ""}, "provider_id"),
        ({"addr": "http://mdm.example.test"}, "addr"),
        ({"server_credential": replace(application.server_credential, nonce=b"")}, "server_cred"),
        ({"device_credential": replace(application.device_credential, name="")}, "device_cred"),
        ({"parms": ApplicationParms(proto_ver="2")}, "proto_ver"),
    ):
        broken = replace(application, **changes)
        assert refused(check_application, broken)[0].startswith(field)


@pytest.mark.parametrize(
    ("branch", "field"),
    [
        (
            DmClientBranch(management_server_address_list=("http://a.test",)),
            "management_server_address_list",
        ),
        (
            DmClientBranch(management_server_address_list=("https://a.test/<>",)),
            "management_server_address_list",
        ),
        (DmClientBranch(parms=(Parm(name=" ", value="x"),)), "parms"),
        (DmClientBranch(parms=(Parm(name="x", value="x", datatype="int"),)), "parms"),
        (DmClientBranch(poll=Poll(schedule=schedule(first=(0, 0)))), "first_retries"),
        (
            DmClientBranch(
                requires_message_signing=True,
                parms=(Parm(name="RequireMessageSigning", value="false"),),
            ),
            "parms",
        ),
    ],
)
def test_values_below_dm_client(branch: DmClientBranch, field: str) -> None:
    assert refused(check_dm_client, branch)[0] == field


def test_a_hub_has_the_number_of_its_enterprise() -> None:
    check_app_management(HUB)
    assert refused(check_app_management, replace(HUB, enterprise_id="x"))[0] == "enterprise_id"
    assert refused(check_app_management, replace(HUB, enrollment_token=""))[0] == "enrollment_token"


def test_the_whole_is_checked_in_every_part() -> None:
    content = content_of(**sample_content())
    check_provisioning(content)
    assert content.dm_client is not None
    for changes, field in (
        ({"application": replace(content.application, addr="x")}, "addr"),
        (
            {"certificates": replace(content.certificates, renew=Renew(renew_period=0))},
            "renew_period",
        ),
        ({"registry": Registry(renewal_period=0)}, "renewal_period"),
        ({"dm_client": replace(content.dm_client, parms=(Parm(name=""),))}, "parms"),
        ({"app_management": replace(HUB, enterprise_id="-1")}, "enterprise_id"),
    ):
        assert refused(check_provisioning, replace(content, **changes))[0] == field
