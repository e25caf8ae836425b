"""What the device knows of itself and of its enrolment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mdmcore.csp import find_node
from mdmcore.phone import EnrolledPhone
from mdmcore.phone.renewal_state import RenewalState, RenewalStatus
from mdmcore.phone.schedule_branch import default_schedule
from mdmcore.phone.tree import DeviceTree
from mdmcore.phone.tree.facts import Facts, provisioned, utc_text
from mdmcore.phone.unenrollment import erased
from tests.phone.scripted import DEVICE_CN, PROVIDER, client_certificate, thumbprint
from tests.phone.tree.trees import CERTIFICATES, DM_CLIENT, MSFT, phone_of, with_settings

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def fact(phone: EnrolledPhone, uri: str) -> str | None:
    node = find_node(uri, profile=phone.settings.profile)
    assert node is not None
    return Facts(phone, NOW).value(node)


@pytest.mark.parametrize(
    ("profile", "uri", "value"),
    [
        ("wp8", "./DevDetail/Ext/Microsoft/LocalTime", "2026-11-23T08:30:00Z"),
        ("wp8", "./DevDetail/Ext/WLANMACAddress", "00-00-5E-00-53-01"),
        ("wp8", "./DevDetail/Ext/Microsoft/MobileID", "001010123456789"),
        ("win10", "./DevDetail/Ext/Microsoft/MobileID", None),
        ("win10", "./DevDetail/Ext/Microsoft/TotalRAM", "8192"),
        ("win10", f"{DM_CLIENT}/EnrollmentType", "Full"),
        ("win10", f"{DM_CLIENT}/UPN", "user@example.test"),
        ("wp81", f"{DM_CLIENT}/UPN", None),
        ("wp81", f"{DM_CLIENT}/Poll/IntervalForRemainingScheduledRetries", "1440"),
        ("wp81", f"{MSFT}/DeviceLock/DeviceValue/MinDevicePasswordLength", "4"),
        ("wp81", f"{CERTIFICATES}/MY/WSTEP/Renew/RenewPeriod", "60"),
    ],
)
def test_a_fact_by_the_node_that_shows_it(profile: str, uri: str, value: str | None) -> None:
    assert fact(phone_of(profile), uri) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AuxNumRetries", "5"),
        ("AuxRetryInterval", "3"),
        ("NumRetries", "8"),
        ("RetryInterval", "60"),
        ("Aux2NumRetries", "0"),
        ("Aux2RetryInterval", "480"),
    ],
)
def test_the_schedule_as_the_document_wrote_it_into_the_registry(name: str, value: str) -> None:
    uri = f"{MSFT}/Registry/HKLM/Software/Microsoft/Enrollment/OmaDmRetry/{name}"
    assert fact(phone_of(), uri) == value


def test_without_a_schedule_in_the_document_there_is_no_poll_until_it_is_added() -> None:
    phone = phone_of("win10")
    nothing = replace(phone, schedule=default_schedule(PROVIDER, phone.settings.device))
    tree, first = DeviceTree(nothing), f"{DM_CLIENT}/Poll/NumberOfFirstRetries"
    assert tree.get(first).code == 404
    assert tree.add(f"{DM_CLIENT}/Poll", None, "node") == 200
    assert tree.add(first, "4", "int") == 200
    assert tree.value(first) == "4"


def test_details_may_differ_and_be_absent() -> None:
    details = {"mobile_id": "", "wlan_ipv4": "198.51.100.7"}
    phone = with_settings(phone_of("wp81"), details=details, mac_addresses=())
    tree = DeviceTree(phone)
    assert tree.get("./DevDetail/Ext/Microsoft/MobileID").code == 404
    assert tree.get("./DevDetail/Ext/WLANMACAddress").code == 404
    assert tree.value("./DevDetail/Ext/WlanIPv4Address") == "198.51.100.7"


def test_the_tree_shows_the_time_that_it_is_given() -> None:
    uri = "./DevDetail/Ext/Microsoft/LocalTime"
    assert DeviceTree(phone_of(), now=NOW).value(uri) == "2026-11-23T08:30:00Z"
    assert DeviceTree(phone_of()).value(uri) == utc_text(phone_of().enrolled)


def test_how_the_renewal_went() -> None:
    state = RenewalState(status=RenewalStatus.FAILED, error_code=0x80180003, last_attempt=NOW)
    phone = replace(phone_of("win10"), renewal_state=state)
    renew = f"{CERTIFICATES}/MY/WSTEP/Renew"
    assert fact(phone, f"{renew}/Status") == "3"
    assert fact(phone, f"{renew}/ErrorCode") == str(0x80180003)
    assert fact(phone, f"{renew}/LastRenewalAttemptTime") == "2026-11-23T08:30:00Z"


def test_the_certificates_of_the_document_are_shown() -> None:
    der = client_certificate()
    names = dict(provisioned(phone_of()))
    branch = ("Vendor", "MSFT", "CertificateStore", "My", "User", thumbprint(der))
    assert names[(*branch, "EncodedCertificate")] == der
    assert names[(*branch, "IssuedTo")] == DEVICE_CN
    tree = DeviceTree(phone_of())
    assert tree.get(f"{CERTIFICATES}/MY/User").value == thumbprint(der)
    assert DeviceTree(phone_of("win10")).value(f"{CERTIFICATES}/MY/WSTEP/CertThumbprint")


def test_the_certificate_says_from_when_on_it_can_be_renewed() -> None:
    assert fact(phone_of("wp81"), f"{DM_CLIENT}/CertRenewTimeStamp") == "20270402T120000Z"


def test_a_phone_that_has_left_knows_nothing_of_the_enrolment() -> None:
    phone = erased(phone_of())
    assert list(provisioned(phone)) == []
    tree = DeviceTree(phone)
    assert tree.get(f"{MSFT}/DMClient/Provider").value == ""
    assert tree.get("./SyncML/DMAcc").value == ""
    assert tree.get(f"{MSFT}/Registry/HKLM/Software/Microsoft/Enrollment/OmaDmRetry").value == ""
    assert tree.value("./DevInfo/Man") == "NOKIA"
