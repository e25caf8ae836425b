"""The settings: hosts and URLs that follow from them, defaults that fit each other."""

from __future__ import annotations

from datetime import timedelta

from mdmcore.server.limits import Limits
from mdmcore.server.provisioning import check_documents
from mdmcore.server.settings import ServerSettings

SETTINGS = ServerSettings(domains=("Corp.Example.Test", "other.test"))


def test_the_hosts_of_each_domain() -> None:
    for host in (
        "corp.example.test",
        "MDM.corp.example.TEST.",
        "enterpriseenrollment.corp.example.test",
    ):
        assert SETTINGS.domain_of(host) == "corp.example.test"
    assert SETTINGS.domain_of("mdm.other.test") == "other.test"
    assert SETTINGS.domain_of("www.other.test") is None


def test_both_services_share_one_host() -> None:
    host = SETTINGS.service_host("a.test", "enterpriseenrollment.a.test")
    urls = (SETTINGS.policy_url(host), SETTINGS.enrollment_url(host), SETTINGS.dm_url("a.test"))
    hosts = {url.split("/")[2] for url in urls}
    assert hosts == {"mdm.a.test"}


def test_the_defaults_fit_each_other() -> None:
    check_documents(SETTINGS)
    assert SETTINGS.certificate_lifetime > timedelta(days=SETTINGS.renewal_period_days)
    assert SETTINGS.certificate_backdate <= timedelta(days=1)
    assert SETTINGS.minimal_key_length in SETTINGS.key_lengths
    assert SETTINGS.renewal_period_days == 42


def test_nobody_is_refused_by_default() -> None:
    limits = SETTINGS.limits
    assert limits == Limits(
        device_cap=None,
        lowest_application_version="",
        highest_application_version="",
        maintenance=False,
    )
