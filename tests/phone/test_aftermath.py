"""What is in force once a session is over; orders are tried with the CSPs that take them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.phone.aftermath import settled
from mdmcore.phone.state import NodeValue
from tests.phone.device.trees import device_of
from tests.phone.scripted import PROVIDER
from tests.support.server import NOW

POLL = f"Vendor/MSFT/DMClient/Provider/{PROVIDER}/Poll"
RENEW = "Vendor/MSFT/CertificateStore/MY/WSTEP/Renew"


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81", "win10"])
def test_a_session_without_orders_leaves_the_device_as_it_is(profile: str) -> None:
    phone = device_of(profile)
    assert settled(phone, NOW) == phone


@pytest.mark.parametrize("branch", [RENEW, RENEW.replace("MY", "My")])
def test_what_was_written_of_renewal_counts(branch: str) -> None:
    written = (
        NodeValue(uri=f"{branch}/ROBOSupport", value="false", format="bool"),
        NodeValue(uri=f"{branch}/ServerURL", value="https://other.example.test/"),
    )
    after = settled(replace(device_of("wp81"), written=written), NOW)
    assert not after.renewal.supports_robo
    assert after.renewal.server_url == "https://other.example.test/"


def test_windows_phone_8_does_not_read_that_branch() -> None:
    written = (NodeValue(uri=f"{RENEW}/RenewPeriod", value="7", format="int"),)
    phone = replace(device_of("wp8"), written=written)
    assert settled(phone, NOW).renewal == phone.renewal


def test_the_same_schedule_again_does_not_begin_anew() -> None:
    written = (NodeValue(uri=f"{POLL}/NumberOfFirstRetries", value="8", format="int"),)
    phone = replace(device_of("wp81"), written=written)
    assert settled(phone, NOW) == phone


def test_the_schedule_of_a_user_or_another_provider_is_not_its_own() -> None:
    written = (
        NodeValue(uri=f"User/{POLL}/NumberOfFirstRetries", value="1", format="int"),
        NodeValue(uri=POLL.replace(PROVIDER, "Other") + "/NumberOfFirstRetries", value="2"),
    )
    phone = replace(device_of("wp81"), written=written)
    assert settled(phone, NOW) == phone
