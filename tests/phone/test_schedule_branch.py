"""Reading both ways to write a schedule, and what cannot be configured."""

from __future__ import annotations

import pytest

from mdmcore.enrollment import parse_provisioning
from mdmcore.phone import Refusal
from mdmcore.phone.schedule import OFF, RetrySet, Schedule
from mdmcore.phone.schedule_branch import default_schedule, read_schedule
from mdmcore.profiles import PROFILES, PollScheme
from tests.phone.scripted import assert_refusal

PROVIDER = "ExampleMDM"
REGISTRY_NAMES = (
    "AuxNumRetries",
    "AuxRetryInterval",
    "NumRetries",
    "RetryInterval",
    "Aux2NumRetries",
    "Aux2RetryInterval",
)
POLL_NAMES = (
    "NumberOfFirstRetries",
    "IntervalForFirstSetOfRetries",
    "NumberOfSecondRetries",
    "IntervalForSecondSetOfRetries",
    "NumberOfRemainingScheduledRetries",
    "IntervalForRemainingScheduledRetries",
)


def _parms(names: tuple[str, ...], values: tuple[int | None, ...]) -> str:
    return "".join(
        f'<parm name="{name}" value="{value}" datatype="integer"/>'
        for name, value in zip(names, values, strict=True)
        if value is not None
    )


def registry(
    *values: int | None, key: str = r"HKLM\Software\Microsoft\Enrollment\OmaDmRetry"
) -> str:
    return (
        '<characteristic type="Registry"><characteristic type="HKLM\\Other"/></characteristic>'
        f'<characteristic type="Registry"><characteristic type="{key}">'
        f"{_parms(REGISTRY_NAMES, values)}</characteristic></characteristic>"
    )


def poll(*values: int | None, provider: str = PROVIDER) -> str:
    return (
        f'<characteristic type="DMClient"><characteristic type="Provider">'
        f'<characteristic type="{provider}"><characteristic type="Poll">'
        f"{_parms(POLL_NAMES, values)}</characteristic></characteristic></characteristic>"
        "</characteristic>"
    )


def read(profile: str, *branches: str) -> Schedule | None:
    text = f'<wap-provisioningdoc version="1.1">{"".join(branches)}</wap-provisioningdoc>'
    return read_schedule(parse_provisioning(text.encode()), PROVIDER, PROFILES[profile])


def sets(profile: str, *branches: str) -> list[tuple[int, int]]:
    found = read(profile, *branches)
    assert found is not None
    return [(one.count, one.interval) for one in found.sets]


MACHINE = r"HKLM\Security\MachineEnrollment\OmaDmRetry"


def test_aux_is_first_and_aux2_the_last() -> None:
    found = read("wp8", registry(5, 3, 8, 60, 0, 480))
    assert found is not None
    assert found.first == RetrySet(count=5, interval=3)
    assert found.second == RetrySet(count=8, interval=60)
    assert found.remaining == RetrySet(count=0, interval=480)
    assert (found.scheme, found.own) == (PollScheme.REGISTRY, None)
    assert "OmaDmRetry" in found.place


def test_poll_has_the_same_three_sets() -> None:
    found = read("win10", poll(8, 15, 5, 60, 0, 1440))
    assert found is not None
    assert sets("win10", poll(8, 15, 5, 60, 0, 1440)) == [(8, 15), (5, 60), (0, 1440)]
    assert (found.scheme, found.own) == (PollScheme.DM_CLIENT, None)
    assert found.place.endswith("characteristic[@type='Poll']")


@pytest.mark.parametrize(
    ("profile", "read_at_all"),
    [("wp8", "registry"), ("wp81", "poll"), ("win81", "nothing"), ("win10", "poll")],
)
def test_of_two_schemes_the_preferred_one_counts(profile: str, read_at_all: str) -> None:
    both = registry(1, 1, 1, 1, 0, 1), poll(2, 2, 2, 2, 0, 2)
    expected = {"registry": [(1, 1), (1, 1), (0, 1)], "poll": [(2, 2), (2, 2), (0, 2)]}
    if read_at_all == "nothing":
        assert read(profile, *both) is None
    else:
        assert sets(profile, *both) == expected[read_at_all]


def test_a_pc_of_windows_8_1_has_a_key_of_its_own() -> None:
    assert sets("win81", registry(5, 3, 8, 15, 0, 480, key=MACHINE)) == [(5, 3), (8, 15), (0, 480)]


def test_windows_phone_8_1_still_reads_the_registry() -> None:
    assert sets("wp81", registry(5, 3, 8, 60, 0, 480)) == [(5, 3), (8, 60), (0, 480)]


def test_poll_of_another_provider_is_not_read() -> None:
    assert read("win10", poll(8, 15, 5, 60, 0, 1440, provider="Other")) is None


def test_what_is_left_out_keeps_its_default() -> None:
    """The captured document of a Windows 10 enrolment has one of the six values."""
    none = None
    assert sets("win10", poll(8, none, none, none, none, none)) == [(8, 15), (0, 0), (0, 0)]
    assert sets("wp8", registry(none, 5, none, none, none, none)) == [(10, 5), (0, 0), (0, 0)]


def test_without_an_infinite_set_the_client_adds_one_a_day() -> None:
    found = read("win10", poll(8, 15, 5, 60, 3, 120))
    assert found is not None
    assert found.own == RetrySet(count=0, interval=1440)
    assert default_schedule(PROVIDER, PROFILES["win10"]).own == RetrySet(count=0, interval=1440)
    in_registry = read("wp8", registry(5, 3, 8, 60, 1, 480))
    assert in_registry is not None
    assert in_registry.own is None


def test_the_defaults() -> None:
    for profile in PROFILES.values():
        found = default_schedule(PROVIDER, profile)
        assert found.first == RetrySet(count=10, interval=15)
        assert (found.second, found.remaining) == (OFF, OFF)


@pytest.mark.parametrize(
    ("profile", "branch", "expected"),
    [
        # Two infinite sets: the later one is zeroed.
        ("wp8", registry(5, 3, 0, 60, 0, 480), [(5, 3), (0, 60), (0, 0)]),
        ("win10", poll(5, 3, 0, 60, 0, 480), [(5, 3), (0, 60), (0, 0)]),
        ("win10", poll(5, 3, 0, 60, 3, 480), [(5, 3), (0, 60), (0, 0)]),
        # First count 0: for ever in Poll, never in the registry.
        ("win10", poll(0, 15, 5, 60, 0, 1440), [(0, 15), (0, 0), (0, 0)]),
        ("wp81", poll(0, 15, 5, 60, 0, 1440), [(0, 15), (0, 0), (0, 0)]),
        ("wp8", registry(0, 15, 8, 60, 0, 480), [(0, 15), (8, 60), (0, 480)]),
        # A first set that is off leaves the others.
        ("win10", poll(0, 0, 5, 60, 0, 1440), [(0, 0), (5, 60), (0, 1440)]),
    ],
)
def test_counts_of_0(profile: str, branch: str, expected: list[tuple[int, int]]) -> None:
    assert sets(profile, branch) == expected


@pytest.mark.parametrize(
    ("profile", "branch", "reason", "hresult"),
    [
        ("wp8", registry(0, 0, 0, 0, 0, 0), "all six values are 0", 0x80180022),
        ("wp8", registry(0, 15, 0, 60, 0, 480), "all three retry counts are 0", 0x80180022),
        ("wp81", poll(0, 0, 0, 0, 0, 0), "all six values are 0", 0x80180020),
        ("wp81", poll(0, 15, 0, 0, 0, 0), "all three retry counts are 0", 0x80180020),
        ("win10", poll(0, 0, 0, 0, 0, 0), "all six values are 0", 0x80180020),
        ("win10", poll(0, None, 0, None, 0, None), "all three retry counts", 0x80180020),
        ("win81", registry(0, 1, 0, 1, 0, 1, key=MACHINE), "all three retry counts", 0x80180022),
    ],
)
def test_what_cannot_be_configured(profile: str, branch: str, reason: str, hresult: int) -> None:
    with pytest.raises(Refusal) as caught:
        read(profile, branch)
    assert_refusal(caught.value, "provisioning", "characteristic[@type=", reason)
    assert caught.value.hresult == hresult


@pytest.mark.parametrize("value", ["", "-1", "1.5", "many", "99999999999", "٣"])
def test_a_value_that_is_no_number_does_not_count(value: str) -> None:
    branch = registry(1, 1, 1, 1, 0, 1).replace(
        '"AuxNumRetries" value="1"', f'"AuxNumRetries" value="{value}"'
    )
    assert sets("wp8", branch)[0] == (10, 1)


def test_a_value_without_datatype_does_not_count() -> None:
    branch = poll(8, 3, 5, 60, 0, 1440).replace(
        '"NumberOfFirstRetries" value="8" datatype="integer"', '"NumberOfFirstRetries" value="8"'
    )
    assert sets("win10", branch)[0] == (10, 3)
