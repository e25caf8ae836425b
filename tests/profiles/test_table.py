"""The table of profiles against what the sources say of each generation."""

from __future__ import annotations

import dataclasses

import pytest

from mdmcore.errors import ConfigError
from mdmcore.namespaces import VALUE_TYPES_PKCS7
from mdmcore.profiles import (
    FEDERATED,
    ON_PREMISE,
    PROFILES,
    DeviceProfile,
    PollScheme,
    RenewalWay,
    columns,
    device_profile,
)

MANUAL, ROBO = RenewalWay.MANUAL, RenewalWay.ROBO


def test_there_are_four_profiles_each_under_its_name() -> None:
    assert list(PROFILES) == ["wp8", "wp81", "win81", "win10"]
    assert all(profile.name == name for name, profile in PROFILES.items())


def test_the_wp8_profile_says_what_the_papers_say() -> None:
    wp8 = device_profile("wp8")
    assert wp8.retry_key == r"HKLM\Software\Microsoft\Enrollment\OmaDmRetry"
    first = wp8.default_retries["AuxNumRetries"], wp8.default_retries["AuxRetryInterval"]
    assert first == (10, 15)
    assert wp8.searched_string_types == {"PrintableString"}
    assert wp8.tls_versions == ("TLSv1",)


@pytest.mark.parametrize(
    ("name", "auth_policies"),
    [
        ("wp8", {ON_PREMISE}),
        ("wp81", {ON_PREMISE, FEDERATED}),
        ("win81", {FEDERATED}),
        ("win10", {ON_PREMISE, FEDERATED}),
    ],
)
def test_who_can_prove_the_user_how(name: str, auth_policies: set[str]) -> None:
    profile = device_profile(name)
    assert set(profile.auth_policies) == auth_policies
    assert set(profile.renewals) == auth_policies
    assert set(profile.offered_auth_policies) <= auth_policies
    signs_in = FEDERATED in auth_policies
    for value in (profile.appru, profile.browser_user_agent, profile.user_token_types):
        assert bool(value) == signs_in


@pytest.mark.parametrize(
    ("name", "auth_policy", "ways"),
    [
        ("wp8", ON_PREMISE, (MANUAL,)),
        ("wp81", ON_PREMISE, (MANUAL, ROBO)),
        ("wp81", FEDERATED, (ROBO,)),
        ("win81", FEDERATED, (ROBO,)),
        ("win10", ON_PREMISE, (ROBO,)),
        ("win10", FEDERATED, (ROBO,)),
        ("wp8", FEDERATED, ()),
    ],
)
def test_who_renews_how(name: str, auth_policy: str, ways: tuple[RenewalWay, ...]) -> None:
    assert device_profile(name).renewal_ways(auth_policy) == ways


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_the_values_fit_each_other(profile: DeviceProfile) -> None:
    assert profile.certificate_stores[profile.client_store]
    assert profile.intermediate_store in profile.certificate_stores
    assert profile.renewal_value_type in VALUE_TYPES_PKCS7
    has_registry = PollScheme.REGISTRY in profile.poll_schemes
    assert has_registry == bool(profile.retry_key) == bool(profile.renewal_key)
    assert ("cryptoProviders" in profile.policy_values) == bool(profile.crypto_providers)
    assert "DeviceType" in profile.context_items
    name = profile.csr_common_name.format(guid="0" * 36, device_id="1" * 32)
    assert len(name) + 1 <= 64


def test_every_column_says_what_it_is() -> None:
    described = columns()
    assert [name for name, _ in described] == [f.name for f in dataclasses.fields(DeviceProfile)]
    assert all(column.step and column.label for _, column in described)


def test_an_unknown_profile_is_a_setting_that_cannot_be_used() -> None:
    with pytest.raises(ConfigError, match="no profile 'wp7'; there is: wp8"):
        device_profile("wp7")
