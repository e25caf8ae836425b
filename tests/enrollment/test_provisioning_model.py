"""The typed values: what a device would do by itself, and no secret in their texts."""

from __future__ import annotations

from mdmcore.enrollment.provisioning_checks import check_poll, check_registry, check_renew
from mdmcore.enrollment.provisioning_model import (
    POLL_NAMES,
    REGISTRY_NAMES,
    Poll,
    Registry,
    Renew,
    Schedule,
)
from mdmcore.profiles import device_profile
from tests.enrollment.samples import sample_content
from tests.support.provisioning import content_of


def test_the_first_set_is_that_of_the_devices_own_default() -> None:
    by_registry = {name: getattr(Schedule(), attribute) for attribute, name in REGISTRY_NAMES}
    own = device_profile("wp8").default_retries
    for name in ("AuxNumRetries", "AuxRetryInterval"):
        assert by_registry[name] == own[name]


def test_the_names_of_both_schemes_are_those_of_the_csps() -> None:
    registry, poll = dict(REGISTRY_NAMES), dict(POLL_NAMES)
    assert {(registry[each], poll[each]) for each in registry} == {
        ("AuxNumRetries", "NumberOfFirstRetries"),
        ("AuxRetryInterval", "IntervalForFirstSetOfRetries"),
        ("NumRetries", "NumberOfSecondRetries"),
        ("RetryInterval", "IntervalForSecondSetOfRetries"),
        ("Aux2NumRetries", "NumberOfRemainingScheduledRetries"),
        ("Aux2RetryInterval", "IntervalForRemainingScheduledRetries"),
    }


def test_the_defaults_are_values_a_device_can_use() -> None:
    check_poll(Poll())
    check_registry(Registry())
    check_renew(Renew())
    assert Schedule().remaining_interval >= 60
    assert Poll().schedule.remaining_interval >= 1440


def test_secrets_stay_out_of_repr() -> None:
    shown = repr(content_of(**sample_content()))
    assert "secret" not in shown.replace("server_credential", "").replace("device_credential", "")
