"""The search for the client certificate: found, or the reason why not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from mdmcore.phone.certificate_store import HeldCertificate, search_by_criteria, search_by_name
from mdmcore.pki.certificate import parse_certificate
from mdmcore.profiles import device_profile
from tests.phone.scripted import DEVICE_CN, client_certificate
from tests.support.certificates import NOW, UTF8_STRING, self_issued_certificate

WP8 = device_profile("wp8")
NAME = f"CN={DEVICE_CN}"
CRITERIA = f"Subject=CN%3D{DEVICE_CN}&Stores=My%5CUser"


def held(*, has_key: bool = True, store: str = "My", **changes: object) -> HeldCertificate:
    certificate = parse_certificate(client_certificate(**changes))
    return HeldCertificate(store=store, scope="User", certificate=certificate, has_key=has_key)


def self_issued(usage: x509.ObjectIdentifier) -> HeldCertificate:
    certificate = parse_certificate(self_issued_certificate(DEVICE_CN, usage))
    return HeldCertificate(store="My", scope="User", certificate=certificate, has_key=True)


def test_the_certificate_is_found_by_criteria_and_by_name() -> None:
    entry = held()
    assert search_by_criteria((entry,), CRITERIA, WP8, now=NOW).found is entry
    assert search_by_name((entry,), NAME, WP8, now=NOW).found is entry


@pytest.mark.parametrize(
    ("criteria", "reason"),
    [
        (None, "no search criteria"),
        ("", "no search criteria"),
        (f"CN%3D{DEVICE_CN}&Stores=My%5CUser", "does not begin with 'Subject='"),
        (f"subject=CN%3D{DEVICE_CN}&Stores=My%5CUser", "does not begin with 'Subject='"),
        (f"Subject=CN%3D{DEVICE_CN}", "does not end with"),
        (f"Subject=CN%3D{DEVICE_CN}&Stores=My%5CSystem", "does not end with"),
        (f"Subject=CN%3D{DEVICE_CN}&amp;Stores=My%5CUser", "escaped twice"),
        (f"Subject=CN%253D{DEVICE_CN}&Stores=My%5CUser", "escaped twice"),
        (f"Subject=CN%3D{DEVICE_CN.lower()}&Stores=My%5CUser", DEVICE_CN),
        ("Subject=CN%3DOTHER&Stores=My%5CUser", "no certificate found for criteria 'CN=OTHER'"),
    ],
)
def test_criteria_that_find_nothing(criteria: str | None, reason: str) -> None:
    result = search_by_criteria((held(),), criteria, WP8, now=NOW)
    assert result.found is None
    assert reason in result.problem


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (held(subject_tag=UTF8_STRING), "UTF8String, the search finds only PrintableString"),
        (held(has_key=False), "no private key"),
        (held(eku_client_auth=True, lifetime=timedelta(days=1)), "expired"),
        (held(now=NOW + timedelta(days=30)), "not valid before"),
    ],
)
def test_certificates_that_cannot_be_used(entry: HeldCertificate, reason: str) -> None:
    result = search_by_name((entry,), NAME, WP8, now=NOW + timedelta(days=2))
    assert result.found is None
    assert reason in result.problem
    assert "no certificate found for criteria" in result.problem


def test_dates_are_left_unjudged_without_a_clock() -> None:
    entry = held(lifetime=timedelta(days=1))
    assert search_by_name((entry,), NAME, WP8, now=None).found is entry


def test_the_text_is_cut_at_its_nul() -> None:
    entry = held(subject_value=f"{DEVICE_CN}\0".encode())
    result = search_by_name((entry,), f"{NAME}\0", WP8, now=NOW)
    assert result.found is None
    assert "ends at its NUL" in result.problem
    assert r"\00" in result.problem


def test_the_subject_of_the_request_itself_is_passed_over() -> None:
    name = "B1C43CD0-1624-5FBB-8E54-34CF17DFD3A1"
    result = search_by_name((held(subject_value=name.encode()),), f"CN={name}", WP8, now=NOW)
    assert result.found is None
    assert "device's own request" in result.problem


def test_a_root_of_that_name_is_not_offered() -> None:
    result = search_by_name((held(store="Root"),), NAME, WP8, now=NOW)
    assert result.found is None
    assert "subjects in the store: none" in result.problem


def test_of_several_the_usable_one_is_taken() -> None:
    first, second = held(has_key=False), held(serial=1001)
    assert search_by_name((first, second), NAME, WP8, now=NOW).found is second


def test_a_certificate_for_servers_is_not_offered() -> None:
    entry = self_issued(ExtendedKeyUsageOID.SERVER_AUTH)
    assert "no clientAuth" in search_by_name((entry,), NAME, WP8, now=NOW).problem


@pytest.mark.parametrize(
    ("profile", "is_offered"), [("wp8", True), ("wp81", True), ("win81", True), ("win10", False)]
)
def test_windows_10_offers_no_certificate_that_is_its_own_issuer(
    profile: str, is_offered: bool
) -> None:
    entry = self_issued(ExtendedKeyUsageOID.CLIENT_AUTH)
    result = search_by_name((entry,), NAME, device_profile(profile), now=NOW)
    assert (result.found is entry) == is_offered
    assert is_offered or "its own issuer" in result.problem
