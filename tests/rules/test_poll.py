"""Rules on the three sets of retries, in either spelling."""

from __future__ import annotations

import pytest

from mdmcore.rules import Finding
from tests.rules.test_schedule import with_values
from tests.support.index_statements import WHICH
from tests.support.provisioning_samples import PHONE_KEY, RETRIES, changed
from tests.support.story import Story, rules_of

REGISTRY_COUNTS = ("AuxNumRetries", "NumRetries", "Aux2NumRetries")
REGISTRY_INTERVALS = ("AuxRetryInterval", "RetryInterval", "Aux2RetryInterval")
POLL_COUNTS = ("NumberOfFirstRetries", "NumberOfSecondRetries", "NumberOfRemainingScheduledRetries")
POLL_INTERVALS = (
    "IntervalForFirstSetOfRetries",
    "IntervalForSecondSetOfRetries",
    "IntervalForRemainingScheduledRetries",
)
BY_PROFILE = {
    "wp8": (REGISTRY_COUNTS, REGISTRY_INTERVALS),
    "wp81": (POLL_COUNTS, POLL_INTERVALS),
    "win81": (REGISTRY_COUNTS, REGISTRY_INTERVALS),
    "win10": (POLL_COUNTS, POLL_INTERVALS),
}


def findings(wap: bytes, profile: str) -> tuple[Finding, ...]:
    return Story(profile).enroll(wap).findings


@pytest.mark.index(WHICH, 11, "poll-all-zero", "poll-counts-zero", "poll-first-count-zero")
@pytest.mark.parametrize("profile", sorted(BY_PROFILE))
def test_all_six_zero_is_one_mistake(profile: str) -> None:
    counts, intervals = BY_PROFILE[profile]
    found = findings(with_values(profile, **dict.fromkeys(counts + intervals, 0)), profile)
    assert [(f.rule, f.severity) for f in found] == [("poll-all-zero", "error")]
    place = found[0].places[0]
    assert place.where["xpath"].endswith(("/characteristic[@type='Poll']", "OmaDmRetry']"))
    assert place.evidence.startswith(f"{counts[0]} 0, {intervals[0]} 0")


@pytest.mark.index(WHICH, 11, "poll-all-zero", "poll-counts-zero", "poll-first-count-zero")
@pytest.mark.parametrize("profile", sorted(BY_PROFILE))
def test_all_three_counts_zero_is_one_mistake(profile: str) -> None:
    counts, _ = BY_PROFILE[profile]
    found = findings(with_values(profile, **dict.fromkeys(counts, 0)), profile)
    assert [(f.rule, f.severity) for f in found] == [("poll-counts-zero", "error")]
    assert found[0].places[0].evidence == ", ".join(f"{name} 0" for name in counts)


@pytest.mark.index(WHICH, 11, "poll-all-zero", "poll-counts-zero", "poll-first-count-zero")
@pytest.mark.parametrize("profile", ["wp81", "win10"])
def test_a_first_count_of_zero_is_one_mistake(profile: str) -> None:
    found = findings(with_values(profile, NumberOfFirstRetries=0), profile)
    assert [(f.rule, f.severity) for f in found] == [("poll-first-count-zero", "warning")]
    assert found[0].places[0].where["xpath"].endswith("/parm[@name='NumberOfFirstRetries']")
    assert found[0].places[0].evidence == "0"


@pytest.mark.parametrize("profile", sorted(BY_PROFILE))
def test_two_sets_for_ever(profile: str) -> None:
    counts, _ = BY_PROFILE[profile]
    found = findings(with_values(profile, **{counts[1]: 0}), profile)
    rules = [f for f in found if f.rule == "poll-two-infinite"]
    assert [f.severity for f in rules] == ["warning"]
    assert rules[0].places[0].where["xpath"].endswith(f"/parm[@name='{counts[2]}']")
    assert rules_of(found) <= {"poll-two-infinite", "omadmretry-too-fast"}


def test_an_interval_without_count_is_for_ever() -> None:
    found = findings(with_values("win10", NumberOfSecondRetries=None), "win10")
    assert rules_of(found) == {"poll-two-infinite"}


def test_one_set_for_ever_and_none_are_right() -> None:
    assert findings(with_values("win10", NumberOfRemainingScheduledRetries=4), "win10") == ()


def test_a_first_set_for_ever_on_a_device_nobody_knows() -> None:
    wap = with_values("win10", NumberOfFirstRetries=0)
    found = Story("auto").enroll(wap, context=()).findings
    assert rules_of(found) == {"poll-two-infinite"}


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win10"])
def test_both_schemes(profile: str) -> None:
    registry = (
        '<characteristic type="Registry"><characteristic '
        f'type="{PHONE_KEY}\\OmaDmRetry">{RETRIES}</characteristic></characteristic>'
    )
    wap = changed(
        "wp81", '<characteristic type="DMClient">', f'{registry}<characteristic type="DMClient">'
    )
    found = findings(wap, profile)
    assert [(f.rule, f.severity) for f in found] == [("poll-both-schemes", "info")]
    assert found[0].places[0].where["xpath"].endswith("/characteristic[@type='Poll']")
    assert "OmaDmRetry and Poll of ExampleMDM" in found[0].places[0].evidence
