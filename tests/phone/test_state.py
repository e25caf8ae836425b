"""The enrolled phone's own questions: which certificate for which leg."""

from __future__ import annotations

from datetime import timedelta

from mdmcore.phone.certificate_store import HeldCertificate
from tests.phone.scripted import DEVICE_CN, enrolled, enrolled_with
from tests.support.server import NOW


def _name(found: HeldCertificate | None) -> str | None:
    return None if found is None else found.certificate.subject.common_name


def test_both_legs_find_the_issued_certificate() -> None:
    phone = enrolled()
    assert _name(phone.management_certificate(NOW).found) == DEVICE_CN
    assert _name(phone.hub_certificate(NOW).found) == DEVICE_CN


def test_each_leg_uses_its_own_criteria() -> None:
    phone = enrolled_with((f"Subject=CN%3D{DEVICE_CN}", "Subject=CN%3DOTHER"))
    assert phone.management_certificate(NOW).found is None
    assert _name(phone.hub_certificate(NOW).found) == DEVICE_CN


def test_an_expired_certificate_is_not_offered() -> None:
    phone = enrolled()
    late = NOW + timedelta(days=365)
    assert "expired" in phone.management_certificate(late).problem
    assert "expired" in phone.hub_certificate(late).problem
    assert phone.management_certificate().found is not None
