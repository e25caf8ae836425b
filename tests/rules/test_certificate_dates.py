"""Rules on the dates of the issued certificate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mdmcore.inspector import inspect_artifact
from mdmcore.pki.asn1.name import PRINTABLE_STRING
from mdmcore.pki.certificate_builder import CertificateForm, encode_common_name, sign_certificate
from mdmcore.rules import Finding
from tests.support.keys import load_key, spki
from tests.support.renewal import renew, renewed_document
from tests.support.story import CERT_CN, NOW, Story, authority, certificate, document, rules_of

PERIOD = b'<parm name="RenewalPeriod" value="42" datatype="integer"/>'


def dated(begins: timedelta, ends: timedelta, key: str = "device") -> bytes:
    """A certificate whose dates are that far from the story's time."""
    form = CertificateForm(
        serial=5,
        issuer=authority().parsed.subject.raw,
        subject=encode_common_name(CERT_CN.encode(), PRINTABLE_STRING),
        spki=spki(key),
        not_before=NOW + begins,
        not_after=NOW + ends,
        extensions=(),
    )
    return sign_certificate(form, load_key("authority"))


def enrolled(
    begins: timedelta, ends: timedelta = timedelta(days=365), *, period: int = 42
) -> tuple[Finding, ...]:
    wap = document(client=dated(begins, ends))
    assert PERIOD in wap
    wap = wap.replace(PERIOD, PERIOD.replace(b"42", str(period).encode()))
    return Story("win10").enroll(wap).findings


def only(found: tuple[Finding, ...], rule: str) -> Finding:
    assert rules_of(found) == {rule}
    assert found[0].severity == "warning"
    return found[0]


@pytest.mark.parametrize("begins", [timedelta(0), timedelta(hours=-2), timedelta(days=-1)])
def test_right_dates_have_no_finding(begins: timedelta) -> None:
    assert enrolled(begins) == ()


# --- cert-not-yet-valid


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(timedelta(days=2, hours=1), "2 days"), (timedelta(minutes=10), "9 minutes")],
)
def test_a_certificate_of_tomorrow(ahead: timedelta, words: str) -> None:
    finding = only(enrolled(ahead), "cert-not-yet-valid")
    assert finding.message == f"the certificate begins {words} after its request"
    assert finding.places[0].where == {"part": "certificate", "field": "not_before"}
    assert datetime.fromisoformat(finding.places[0].evidence) == NOW + ahead


# --- cert-backdated-by-renewal


@pytest.mark.parametrize(
    ("age", "life", "period"),
    [
        (180, 185, 180),  # by the renewal period: 365 days of which 185 are left
        (42, 323, 42),
        (100, 300, 1000),  # a quarter of its life
    ],
)
def test_a_certificate_dated_back(age: int, life: int, period: int) -> None:
    found = enrolled(timedelta(days=-age), timedelta(days=life), period=period)
    finding = next(f for f in found if f.rule == "cert-backdated-by-renewal")
    assert finding.severity == "warning"
    assert finding.message == (
        f"the certificate began {age} days before its request, of {age + life} days in all"
    )
    assert finding.places[0].where == {"part": "certificate", "field": "not_before"}


def test_some_days_back_are_for_slow_clocks() -> None:
    assert enrolled(timedelta(days=-10)) == ()
    assert enrolled(timedelta(hours=-47), timedelta(days=5), period=1) == ()


def test_a_renewal_is_measured_by_the_period_of_the_enrolment() -> None:
    client = dated(timedelta(days=-42), timedelta(days=400), key="device2")
    found = renew(Story("wp8").enrolled(), wap=renewed_document(client))
    only(found.findings, "cert-backdated-by-renewal")


# --- cert-lifetime-shorter-than-renew-period


@pytest.mark.parametrize(("days", "is_found"), [(41, True), (42, True), (43, False)])
def test_a_life_as_short_as_the_renewal_period(days: int, is_found: bool) -> None:
    found = Story("wp8").enroll(document(client=certificate(days=days))).findings
    assert bool(found) == is_found
    if is_found:
        finding = only(found, "cert-lifetime-shorter-than-renew-period")
        assert finding.message == (
            f"the certificate lives {days} days, the renewal period is 42 days"
        )
        assert finding.places[0].where == {"part": "certificate", "field": "not_after"}


def test_the_period_has_a_default() -> None:
    wap = document(client=certificate(days=41)).replace(PERIOD, b"")
    assert PERIOD not in wap
    only(Story("wp8").enroll(wap).findings, "cert-lifetime-shorter-than-renew-period")


@pytest.mark.parametrize("begins", [timedelta(days=2), timedelta(days=-180)])
def test_without_a_time_and_a_document_nothing_is_judged(begins: timedelta) -> None:
    (report,) = inspect_artifact(dated(begins, timedelta(days=10)), name="loose")
    assert report.findings == ()


def test_a_certificate_that_has_ended_was_not_issued_at_that_time() -> None:
    found = enrolled(timedelta(days=-400), timedelta(days=-35))
    assert "cert-backdated-by-renewal" not in {one.rule for one in found}
    assert "cert-expired" in {one.rule for one in found}


def test_a_clock_at_the_end_of_all_dates_breaks_nothing() -> None:
    story = Story("wp8")
    story.now = datetime.max.replace(tzinfo=UTC) - timedelta(minutes=1, seconds=30)
    assert "cert-not-yet-valid" not in rules_of(story.enroll().findings)
