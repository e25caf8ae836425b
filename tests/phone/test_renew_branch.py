"""Reading My/WSTEP/Renew and the registry's RenewalPeriod."""

from __future__ import annotations

import pytest

from mdmcore.enrollment import parse_provisioning
from mdmcore.phone import Refusal
from mdmcore.phone.renew_branch import read_renewal
from mdmcore.phone.renewal_state import RenewalSettings
from mdmcore.profiles import PROFILES
from tests.phone.scripted import assert_refusal

PERIOD = '<parm name="RenewPeriod" value="60" datatype="integer"/>'
RETRY = '<parm name="RetryInterval" value="4" datatype="integer"/>'
ROBO = '<parm name="ROBOSupport" value="true" datatype="boolean"/>'
PHONE_KEY = r"HKLM\Software\Microsoft\Enrollment"
PC_KEY = r"HKLM\Security\MachineEnrollment"


def read(
    profile: str, parms: str = "", *, store: str = "My", rest: str = ""
) -> RenewalSettings | None:
    branch = (
        f'<characteristic type="CertificateStore"><characteristic type="{store}">'
        f'<characteristic type="WSTEP"><characteristic type="Renew">{parms}</characteristic>'
        "</characteristic></characteristic></characteristic>"
    )
    text = (
        f'<wap-provisioningdoc version="1.1">{branch if parms else ""}{rest}</wap-provisioningdoc>'
    )
    return read_renewal(parse_provisioning(text.encode()), PROFILES[profile])


def registry(days: str, key: str = PHONE_KEY, datatype: str = ' datatype="integer"') -> str:
    return (
        f'<characteristic type="Registry"><characteristic type="{key}">'
        f'<parm name="RenewalPeriod" value="{days}"{datatype}/></characteristic></characteristic>'
    )


@pytest.mark.parametrize("profile", ["wp81", "win81", "win10"])
def test_the_branch(profile: str) -> None:
    assert read(profile, ROBO + PERIOD + RETRY) == RenewalSettings(
        period_days=60, retry_days=4, supports_robo=True
    )
    url = '<parm name="ServerURL" value="https://a.test/x" datatype="string"/>'
    found = read(profile, PERIOD + url)
    assert found is not None
    assert (found.server_url, found.supports_robo) == ("https://a.test/x", False)


def test_windows_phone_8_does_not_read_the_branch() -> None:
    assert read("wp8", ROBO.replace(' datatype="boolean"', "")) is None


def test_defaults() -> None:
    assert RenewalSettings() == RenewalSettings(period_days=42, retry_days=7, supports_robo=False)
    assert read("wp81", ROBO) == RenewalSettings(supports_robo=True)
    found = read("wp81", PERIOD.replace("60", "3"))
    assert found is not None
    assert (found.period_days, found.retry_days) == (3, 3)


@pytest.mark.parametrize("value", ["TRUE", "True", " true "])
def test_how_true_may_be_written(value: str) -> None:
    found = read("wp81", ROBO.replace("true", value))
    assert found is not None
    assert found.supports_robo


@pytest.mark.parametrize(
    ("profile", "store", "is_read"),
    [("wp81", "MY", False), ("win81", "MY", True), ("win10", "my", True)],
)
def test_case_matters_on_phones_alone(profile: str, store: str, is_read: bool) -> None:
    assert (read(profile, PERIOD, store=store) is not None) == is_read


REFUSED = [
    (ROBO.replace(' datatype="boolean"', ""), "ROBOSupport", "lacks datatype boolean"),
    (ROBO.replace("boolean", "integer"), "ROBOSupport", "lacks datatype boolean"),
    (ROBO.replace("true", "yes"), "ROBOSupport", "not true or false"),
    (PERIOD.replace(' datatype="integer"', ""), "RenewPeriod", "lacks datatype integer"),
    (PERIOD.replace("60", "0"), "RenewPeriod", "from 1 to 1000"),
    (PERIOD.replace("60", "1001"), "RenewPeriod", "from 1 to 1000"),
    (PERIOD.replace("60", "-1"), "RenewPeriod", "from 1 to 1000"),
    (PERIOD.replace("60", ""), "RenewPeriod", "from 1 to 1000"),
    (PERIOD.replace("60", "9" * 5000), "RenewPeriod", "from 1 to 1000"),
    (RETRY.replace(' datatype="integer"', ""), "RetryInterval", "lacks datatype integer"),
    (RETRY.replace("4", "0"), "RetryInterval", "from 1 to 1000"),
    (RETRY.replace("4", "43"), "RetryInterval", "longer than the RenewPeriod of 42"),
    (PERIOD.replace("60", "3") + RETRY, "RetryInterval", "longer than the RenewPeriod of 3"),
]


@pytest.mark.parametrize(("parms", "place", "reason"), REFUSED)
@pytest.mark.parametrize("profile", ["wp81", "win10"])
def test_what_the_device_refuses(profile: str, parms: str, place: str, reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        read(profile, parms)
    assert_refusal(caught.value, "provisioning", place, reason)
    assert caught.value.hresult == 0x8018001E


@pytest.mark.parametrize("days", ["1", "1000"])
def test_the_ends_of_the_range(days: str) -> None:
    found = read("wp81", PERIOD.replace("60", days) + RETRY.replace("4", "1"))
    assert found is not None
    assert found.period_days == int(days)


@pytest.mark.parametrize(
    ("profile", "key"), [("wp8", PHONE_KEY), ("wp81", PHONE_KEY), ("win81", PC_KEY)]
)
def test_the_registry(profile: str, key: str) -> None:
    assert read(profile, rest=registry("363", key)) == RenewalSettings(period_days=363)
    assert read(profile, rest=registry("3", key)) == RenewalSettings(period_days=3, retry_days=3)
    assert read(profile, rest=registry("363", key, "")) is None
    assert read(profile, rest=registry("0", key)) is None
    assert read(profile, rest=registry("363", "HKLM\\Other")) is None


def test_the_branch_goes_before_the_registry() -> None:
    found = read("wp81", PERIOD, rest=registry("5"))
    assert found is not None
    assert found.period_days == 60
    assert read("win10", rest=registry("5")) is None
