"""Certificates that the server installs (CertificateStore, RootCATrustedCertificates)."""

from __future__ import annotations

import base64
import hashlib

import pytest

from mdmcore.phone.aftermath import settled
from tests.phone.device.trees import MSFT, device_of, read, tree_of
from tests.support.certificates import build_authority, forge_certificate
from tests.support.keys import spki
from tests.support.server import NOW

DER = forge_certificate(spki("device"), authority=build_authority(), subject_value=b"Extra CA")
THUMBPRINT = hashlib.sha1(DER).hexdigest().upper()
TEXT = base64.b64encode(DER).decode()
STORE = f"{MSFT}/CertificateStore"


def test_a_certificate_tells_what_it_says() -> None:
    tree = tree_of("wp8")
    node = f"{STORE}/CA/System/{THUMBPRINT}"
    assert tree.add(f"{node}/EncodedCertificate", TEXT, "b64") == 200
    assert read(tree, f"{node}/EncodedCertificate") == TEXT
    assert "Extra CA" in str(read(tree, f"{node}/IssuedTo"))
    assert str(read(tree, f"{node}/ValidFrom")).startswith("20")
    assert read(tree, f"{node}/ValidTo")
    assert read(tree, f"{node}/IssuedBy")


def test_names_compare_without_case() -> None:
    tree = tree_of("wp8")
    assert (
        tree.add(f"{STORE}/Root/System/{THUMBPRINT.lower()}/EncodedCertificate", TEXT, "b64") == 200
    )
    assert read(tree, f"{STORE}/ROOT/system/{THUMBPRINT}/EncodedCertificate") == TEXT
    assert "Extra CA" in str(read(tree, f"{STORE}/ROOT/system/{THUMBPRINT}/IssuedTo"))


@pytest.mark.parametrize(
    ("name", "text"), [("00" * 20, TEXT), (THUMBPRINT, "AAAA"), (THUMBPRINT, TEXT[:-8] + "AAAA")]
)
def test_another_thumbprint_or_what_is_no_certificate_is_refused(name: str, text: str) -> None:
    tree = tree_of("wp8")
    assert tree.add(f"{STORE}/CA/System/{name}/EncodedCertificate", text, "b64") == 500
    assert read(tree, f"{STORE}/CA/System/{name}") == 404


def test_it_is_kept_and_can_be_deleted() -> None:
    phone = device_of("wp8")
    tree = tree_of(phone)
    node = f"{STORE}/ROOT/System/{THUMBPRINT}"
    tree.add(f"{node}/EncodedCertificate", TEXT, "b64")
    phone = settled(tree.leave(phone), NOW)
    assert DER in [held.certificate.der for held in phone.certificates]
    tree = tree_of(phone)
    assert "Extra CA" in str(read(tree, f"{node}/IssuedTo"))
    assert tree.delete(node) == 200
    assert read(tree, node) == 404
    phone = settled(tree.leave(phone), NOW)
    assert DER not in [held.certificate.der for held in phone.certificates]
    assert read(tree_of(phone), node) == 404


def test_deleting_the_certificate_of_the_enrolment_takes_it_from_the_device() -> None:
    phone = device_of("wp8")
    found = phone.management_certificate(NOW).found
    assert found is not None
    tree = tree_of(phone)
    assert tree.delete(f"{STORE}/MY/User/{found.certificate.thumbprint}") == 200
    after = settled(tree.leave(phone), NOW)
    assert after.management_certificate(NOW).found is None


def test_a_failed_atomic_takes_it_back() -> None:
    phone = device_of("wp8")
    tree = tree_of(phone)
    before = tree.snapshot()
    tree.add(f"{STORE}/CA/System/{THUMBPRINT}/EncodedCertificate", TEXT, "b64")
    tree.restore(before)
    assert settled(tree.leave(phone), NOW).certificates == phone.certificates


def test_trusted_roots_of_windows_10() -> None:
    phone = device_of("win10")
    tree = tree_of(phone)
    node = f"{MSFT}/RootCATrustedCertificates/Root/{THUMBPRINT}"
    assert tree.add(f"{node}/EncodedCertificate", TEXT, "b64") == 200
    assert "Extra CA" in str(read(tree, f"{node}/IssuedTo"))
    phone = settled(tree.leave(phone), NOW)
    assert DER in [held.certificate.der for held in phone.certificates]
    assert "Extra CA" in str(read(tree_of(phone), f"{node}/IssuedTo"))
    tree = tree_of(phone)
    assert tree.delete(node) == 200
    assert DER not in [
        held.certificate.der for held in settled(tree.leave(phone), NOW).certificates
    ]


def test_renewal_settings_take_effect_after_the_session() -> None:
    phone = device_of("wp81")
    tree = tree_of(phone)
    renew = f"{STORE}/MY/WSTEP/Renew"
    assert tree.replace(f"{renew}/RenewPeriod", "30", "int") == 200
    assert tree.replace(f"{renew}/RetryInterval", "3", "int") == 200
    after = settled(tree.leave(phone), NOW)
    assert (after.renewal.period_days, after.renewal.retry_days) == (30, 3)
    assert after.renewal.supports_robo == phone.renewal.supports_robo


def test_renew_now_is_an_order() -> None:
    tree = tree_of("win10")
    assert tree.execute(f"{STORE}/MY/WSTEP/Renew/RenewNow", None, "null") == 200
    assert tree.device.is_renewing
