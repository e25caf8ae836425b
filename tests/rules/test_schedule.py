"""Rules on OmaDmRetry and on how often a device polls."""

from __future__ import annotations

import pytest

from mdmcore.rules import Finding
from tests.support.provisioning_samples import PC_KEY, PHONE_KEY, RENEWAL, RIGHT, changed
from tests.support.renewals import renew
from tests.support.story import Story, document, rules_of

KEY = rf"{PHONE_KEY}\OmaDmRetry"
REGISTRY = "/wap-provisioningdoc/characteristic[@type='Registry']"
BRANCH = f"{REGISTRY}/characteristic[@type='{KEY}']"


def findings(wap: bytes, profile: str = "wp8") -> tuple[Finding, ...]:
    return Story(profile).enroll(wap).findings


def with_values(profile: str, **values: int | None) -> bytes:
    """The right document with other retry values, ``None`` leaves one out."""
    wap = RIGHT[profile]
    for name, value in values.items():
        start = wap.index(f'<parm name="{name}"'.encode())
        end = wap.index(b"/>", start) + 2
        parm = "" if value is None else f'<parm name="{name}" value="{value}" datatype="integer"/>'
        wap = wap[:start] + parm.encode() + wap[end:]
    return wap


# --- the first set


@pytest.mark.parametrize(("name", "value"), [("AuxNumRetries", 10), ("AuxRetryInterval", 15)])
def test_a_first_set_of_zero(name: str, value: int) -> None:
    written = f'name="{name}" value="{value}"'.encode()
    wap = document()
    assert written in wap
    found = Story("wp8").enroll(wap.replace(written, f'name="{name}" value="0"'.encode()))
    assert rules_of(found.findings) == {"omadmretry-first-set-zero"}
    assert found.findings[0].message == f"{name} is 0"
    assert f"@name='{name}'" in found.findings[0].places[0].where["xpath"]


def test_an_absent_value_has_a_default() -> None:
    assert findings(with_values("wp8", AuxNumRetries=None)) == ()


def test_windows_10_does_not_read_it() -> None:
    wap = document().replace(b'name="AuxNumRetries" value="10"', b'name="AuxNumRetries" value="0"')
    assert Story("win10").enroll(wap).findings == ()


# --- the periodic set


@pytest.mark.parametrize(("profile", "value"), [("wp8", 0), ("wp8", None), ("win81", 0)])
def test_no_periodic_interval(profile: str, value: int | None) -> None:
    found = findings(with_values(profile, Aux2RetryInterval=value), profile)
    assert [(f.rule, f.severity) for f in found] == [("omadmretry-periodic-missing", "warning")]
    assert found[0].places[0].where["xpath"].endswith("/parm[@name='Aux2RetryInterval']")
    assert found[0].places[0].evidence == ("absent" if value is None else "0")


def test_an_endless_second_set_polls_on() -> None:
    assert findings(with_values("wp8", NumRetries=0, Aux2RetryInterval=0)) == ()


def without_registry(profile: str) -> bytes:
    """The right document with no Registry characteristic."""
    wap = RIGHT[profile]
    start = wap.index(b'<characteristic type="Registry">')
    return wap[:start] + wap[wap.index(b'<characteristic type="DMClient">') :]


@pytest.mark.parametrize("profile", ["wp8", "win81"])
def test_no_schedule_at_all(profile: str) -> None:
    found = findings(without_registry(profile), profile)
    assert rules_of(found) == {"omadmretry-periodic-missing"}
    assert found[0].places[0].where["xpath"] == REGISTRY


def test_no_schedule_where_nobody_knows_the_device() -> None:
    wap = without_registry("wp8")
    found = Story("auto").enroll(wap, context=()).findings
    assert rules_of(found) == {"omadmretry-periodic-missing"}
    assert findings(wap, "wp81") == ()


def test_wp8_does_not_know_poll() -> None:
    found = findings(RIGHT["wp81"])
    assert rules_of(found) == {"omadmretry-periodic-missing"}
    assert Story("auto").enroll(RIGHT["wp81"], context=()).findings == ()


def test_a_renewal_need_not_repeat_it() -> None:
    assert renew(Story("wp8").enrolled(), RENEWAL).findings == ()


# --- the key


@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_the_key_of_the_pc_on_a_phone(profile: str) -> None:
    found = findings(RIGHT["win81"], profile)
    assert [(f.rule, f.severity) for f in found] == [("omadmretry-wrong-key", "error")]
    assert found[0].places[0].evidence == rf"{PC_KEY}\OmaDmRetry"
    assert PC_KEY in found[0].places[0].where["xpath"]
    assert KEY in found[0].message


def test_the_key_of_the_phone_on_a_pc() -> None:
    found = [f for f in findings(RIGHT["wp8"], "win81") if f.rule == "omadmretry-wrong-key"]
    assert [f.places[0].evidence for f in found] == [KEY]


@pytest.mark.parametrize(
    "key", [rf"{PHONE_KEY}", rf"{PHONE_KEY}\OmaDmRetries", r"HKCU\Software\OmaDmRetry"]
)
def test_another_key(key: str) -> None:
    wap = changed("wp8", f'type="{KEY}"', f'type="{key}"')
    assert rules_of(findings(wap)) == {"omadmretry-wrong-key"}


def test_a_server_may_send_both_keys() -> None:
    other = f'<characteristic type="{PC_KEY}\\OmaDmRetry">'
    more = f'{other}<parm name="NumRetries" value="1"/></characteristic>'
    wap = changed("wp8", f'<characteristic type="{KEY}">', f'{more}<characteristic type="{KEY}">')
    assert findings(wap) == ()


def test_the_case_of_a_key_does_not_count() -> None:
    assert findings(changed("wp8", f'type="{KEY}"', f'type="{KEY.upper()}"')) == ()


def test_values_under_a_key_nobody_reads_are_not_judged() -> None:
    wap = with_values("wp8", AuxNumRetries=0).replace(KEY.encode(), rb"HKCU\Software\OmaDmRetry")
    assert rules_of(findings(wap)) == {"omadmretry-wrong-key"}


# --- the datatype


@pytest.mark.parametrize(
    ("datatype", "evidence"), [("", "absent"), (' datatype="string"', "string")]
)
def test_a_value_of_another_type(datatype: str, evidence: str) -> None:
    written = 'name="AuxNumRetries" value="10" datatype="integer"'
    found = findings(changed("wp8", written, f'name="AuxNumRetries" value="10"{datatype}'))
    assert [(f.rule, f.severity) for f in found] == [("omadmretry-datatype", "warning")]
    assert found[0].places[0].where["xpath"] == f"{BRANCH}/parm[@name='AuxNumRetries']"
    assert found[0].places[0].evidence == evidence


# --- the order of the sets


@pytest.mark.parametrize(
    "values",
    [
        {"AuxRetryInterval": 60, "RetryInterval": 15},
        {"AuxNumRetries": 100, "AuxRetryInterval": 15, "NumRetries": 2, "RetryInterval": 15},
    ],
)
def test_a_first_set_slower_or_longer_than_the_second(values: dict[str, int | None]) -> None:
    found = findings(with_values("wp8", **values))
    assert [(f.rule, f.severity) for f in found] == [("omadmretry-swapped-sets", "info")]
    assert found[0].places[0].where["xpath"] == f"{BRANCH}/parm[@name='AuxRetryInterval']"
    assert "times every" in found[0].places[0].evidence


def test_the_vendors_sample_is_not_swapped() -> None:
    values = {"NumRetries": 8, "RetryInterval": 15, "AuxNumRetries": 5, "AuxRetryInterval": 3}
    assert findings(with_values("wp8", **values)) == ()


def test_without_a_second_set_nothing_is_swapped() -> None:
    assert findings(with_values("wp8", NumRetries=0, RetryInterval=0)) == ()


# --- how often


@pytest.mark.parametrize(
    ("profile", "name", "right", "fast"),
    [
        ("wp8", "Aux2RetryInterval", 60, 59),
        ("win81", "Aux2RetryInterval", 60, 59),
        ("wp81", "IntervalForRemainingScheduledRetries", 1440, 1439),
        ("win10", "IntervalForRemainingScheduledRetries", 15, 14),
    ],
)
def test_a_periodic_interval_that_is_too_short(
    profile: str, name: str, right: int, fast: int
) -> None:
    assert findings(with_values(profile, **{name: right}), profile) == ()
    found = findings(with_values(profile, **{name: fast}), profile)
    assert [(f.rule, f.severity) for f in found] == [("omadmretry-too-fast", "warning")]
    assert found[0].places[0].where["xpath"].endswith(f"/parm[@name='{name}']")
    assert found[0].places[0].evidence == str(fast)


def test_the_registry_of_an_8_1_phone() -> None:
    found = findings(RIGHT["wp8"], "wp81")  # every eight hours, which is right for 8.0
    assert rules_of(found) == {"omadmretry-too-fast"}


def test_windows_10_may_poll_fast_for_a_while() -> None:
    values = {
        "NumberOfRemainingScheduledRetries": 10,
        "IntervalForRemainingScheduledRetries": 1,
    }
    assert findings(with_values("win10", **values), "win10") == ()


def test_windows_10_for_ever_every_minute() -> None:
    found = findings(
        with_values("win10", NumberOfFirstRetries=0, IntervalForFirstSetOfRetries=1), "win10"
    )
    assert rules_of(found) == {"omadmretry-too-fast", "poll-first-count-zero"}


def test_an_endless_second_set_is_the_periodic_one() -> None:
    values = {"NumberOfSecondRetries": 0, "IntervalForSecondSetOfRetries": 1}
    found = findings(
        with_values("win10", IntervalForRemainingScheduledRetries=0, **values), "win10"
    )
    assert [f.rule for f in found] == ["omadmretry-too-fast"]
    assert (
        found[0].places[0].where["xpath"].endswith("/parm[@name='IntervalForSecondSetOfRetries']")
    )


def test_of_an_unknown_device_only_the_mildest_bound_is_certain() -> None:
    for minutes, expected in ((15, set()), (14, {"omadmretry-too-fast"})):
        wap = with_values("win10", IntervalForRemainingScheduledRetries=minutes)
        assert rules_of(Story("auto").enroll(wap, context=()).findings) == expected
