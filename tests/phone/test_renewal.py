"""Renewal: when and in which way, what the answer does, and every failure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from mdmcore.errors import ConfigError
from mdmcore.http import Request, Response
from mdmcore.phone import (
    EnrolledPhone,
    Keyring,
    NoAnswer,
    RenewalState,
    RenewalStatus,
    identity_of,
    next_renewal,
    renewal_plan,
    run,
    sync,
)
from mdmcore.phone.keyring import key_sha256
from mdmcore.phone.state import NodeValue
from mdmcore.phone.tree import DeviceTree
from mdmcore.profiles import PROFILES, RenewalWay
from tests.phone.dm_script import FIRST, LAST, script
from tests.phone.generations import RENEW
from tests.phone.renewing import (
    CASES,
    EXPIRES,
    Renewing,
    enrolled_for,
    never,
    new_certificate,
    refused,
    renewal_document,
    renewal_script,
)
from tests.phone.scripted import (
    DEVICE_CN,
    PROVIDER,
    SOAP_TYPE,
    Edit,
    answer,
    assert_refusal,
    b64,
    client_certificate,
    edited,
    thumbprint,
    with_status,
)
from tests.support.certificates import self_issued_certificate
from tests.support.keys import load_key
from tests.support.server import counted_random

MANUAL, ROBO = RenewalWay.MANUAL, RenewalWay.ROBO
ROBO_TRUE = '"ROBOSupport" value="true"'
ROBO_FALSE = '"ROBOSupport" value="false"'
ENT_DMID = '<parm name="EntDMID" value="DEVICE-0001" datatype="string"/>'


@pytest.mark.parametrize(
    ("profile", "federated", "robo", "way"),
    [
        ("wp8", False, None, MANUAL),
        ("wp81", False, None, MANUAL),
        ("wp81", False, False, MANUAL),
        ("wp81", False, True, ROBO),
        ("wp81", True, False, ROBO),
        ("win81", True, None, ROBO),
        ("win10", False, False, ROBO),
        ("win10", True, False, ROBO),
        ("win10", True, None, ROBO),
    ],
)
def test_the_way(profile: str, federated: bool, robo: bool | None, way: RenewalWay) -> None:
    changes = []
    if robo is False:
        changes = [(ROBO_TRUE, ROBO_FALSE)]
    elif robo is None and profile in {"wp81", "win10"}:
        changes = [(RENEW, "")]
    renewing = enrolled_for(profile, *changes, federated=federated)
    assert renewal_plan(renewing.phone).way is way


@pytest.mark.parametrize(
    ("profile", "days"), [("wp8", 42), ("wp81", 60), ("win81", 363), ("win10", 60)]
)
def test_the_window_opens_so_many_days_before_the_end(profile: str, days: int) -> None:
    renewing = enrolled_for(profile)
    plan = renewal_plan(renewing.phone)
    assert plan.certificate.certificate.der == client_certificate()
    assert (plan.opens, plan.closes) == (EXPIRES - timedelta(days=days), EXPIRES)
    assert next_renewal(renewing.phone) == plan.opens


def test_before_the_window_nothing_is_sent_unless_somebody_asks() -> None:
    renewing = enrolled_for("wp81", days_left=61)
    early = refused(renewing)
    assert "does not ask for renewal before 2027-04-02 12:00 UTC" in early.reason
    assert early.phone is None
    assert renewing.renew(renewal_script(), is_asked=True).key_sha256 == key_sha256(
        load_key("device2")
    )


def test_after_the_end_nothing_is_sent_at_all() -> None:
    for profile in PROFILES:
        late = refused(enrolled_for(profile, days_left=-1), is_asked=True)
        assert_refusal(late, "renewal", "NotAfter", "expired")
        assert late.phone is None


@pytest.mark.parametrize("profile", list(PROFILES))
def test_without_ent_dmid_the_request_is_never_sent(profile: str) -> None:
    renewing = enrolled_for(profile, (ENT_DMID, ""))
    missing = refused(renewing)
    assert_refusal(missing, "renewal", f"DMClient/Provider/{PROVIDER}/EntDMID", "never set")
    uri = f"Vendor/MSFT/DMClient/Provider/{PROVIDER}/EntDMID"
    renewing.phone = replace(renewing.phone, written=(NodeValue(uri=uri, value="later"),))
    assert renewing.renew(renewal_script()).enterprise_device_id == "later"


def test_a_certificate_for_another_key_cannot_be_renewed() -> None:
    renewing = enrolled_for("win10")
    renewing.phone = replace(renewing.phone, key_sha256="0" * 64)
    assert_refusal(refused(renewing), "renewal", "CertificateStore/My", "private key of no")


@pytest.mark.parametrize(
    ("profile", "usage", "reason"),
    [
        ("win10", ExtendedKeyUsageOID.SERVER_AUTH, "no clientAuth"),
        ("win81", ExtendedKeyUsageOID.SERVER_AUTH, "no clientAuth"),
        ("win10", ExtendedKeyUsageOID.CLIENT_AUTH, "its own issuer"),
        ("win81", ExtendedKeyUsageOID.CLIENT_AUTH, None),
        ("wp8", ExtendedKeyUsageOID.SERVER_AUTH, None),
    ],
)
def test_a_silent_renewal_needs_a_certificate_that_can_be_offered(
    profile: str, usage: x509.ObjectIdentifier, reason: str | None
) -> None:
    bad = self_issued_certificate(DEVICE_CN, usage)
    old = client_certificate()
    renewing = enrolled_for(profile, (thumbprint(old), thumbprint(bad)), (b64(old), b64(bad)))
    if reason is None:
        assert renewing.renew(renewal_script()).key_sha256 == key_sha256(load_key("device2"))
    else:
        failed = refused(renewing)
        assert_refusal(failed, "renewal", "CertificateStore/My", reason)
        assert failed.phone is None


def test_the_present_key_must_be_at_hand() -> None:
    renewing = enrolled_for("wp81")
    renewing.keys = Keyring(lambda _bits: load_key("device2"))
    with pytest.raises(ConfigError, match="lacks the private key"):
        renewing.renew(never)


# --- what the answer does -----------------------------------------------------------------------


@pytest.mark.parametrize(("profile", "federated", "way"), CASES)
def test_the_new_certificate_takes_the_old_ones_place(
    profile: str, federated: bool, way: RenewalWay
) -> None:
    renewing = enrolled_for(profile, federated=federated)
    before = renewing.phone
    after = renewing.renew(renewal_script())
    found = after.management_certificate(renewing.clock()).found
    assert found is not None
    assert found.certificate.der == new_certificate()
    assert [one.store for one in after.certificates] == ["Root", "My"]
    assert after.key_sha256 == key_sha256(load_key("device2"))
    for kept in ("account", "nonce_c2s", "nonce_s2c", "schedule", "renewal", "ent_dmid", "hub"):
        assert getattr(after, kept) == getattr(before, kept)
    assert after.renewal_state == RenewalState(
        status=RenewalStatus.RENEWED, last_attempt=renewing.clock()
    )
    ends = found.certificate.not_after
    assert next_renewal(after) == ends - timedelta(days=after.renewal.period_days)


def test_the_renewed_phone_goes_on_with_its_sessions() -> None:
    after = enrolled_for("wp8").renew(renewal_script())
    server = script(FIRST, LAST)
    assert run(sync(after, random=counted_random()), server).is_server_authenticated
    identity = identity_of(server.requests[0])
    assert identity is not None
    assert identity.certificate == new_certificate()


def test_it_can_be_renewed_again() -> None:
    renewing = enrolled_for("win10")
    renewing.phone = renewing.renew(renewal_script())
    renewing.clock.advance(days=320)
    third = new_certificate(serial=3000, now=EXPIRES + timedelta(days=300))
    server = renewal_script(renewal_document(third))
    found = renewing.renew(server).management_certificate(renewing.clock()).found
    assert found is not None
    assert found.certificate.der == third
    identity = identity_of(server.requests[0])
    assert identity is not None
    assert identity.certificate == new_certificate()


# --- failures -----------------------------------------------------------------------------------


def _fault(error_type: str) -> Edit:
    body = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code>'
        "<s:Value>s:Receiver</s:Value><s:Subcode><s:Value>s:Authorization</s:Value></s:Subcode>"
        '</s:Code><s:Reason><s:Text xml:lang="en-US">no</s:Text></s:Reason><s:Detail>'
        '<DeviceEnrollmentServiceError xmlns="http://schemas.microsoft.com/windows/pki/2009/01/'
        f'enrollment"><ErrorType>{error_type}</ErrorType></DeviceEnrollmentServiceError>'
        "</s:Detail></s:Fault></s:Body></s:Envelope>"
    )
    return lambda _response: answer(body, SOAP_TYPE, 500)


FAILURES = [
    ("win10", _fault("NotEligibleToRenew"), 0x80180016, "NotEligibleToRenew"),
    ("wp81", _fault("NotEligibleToRenew"), 0x80180003, "Authorization"),
    ("win10", with_status(404), 0x80190194, "HTTP 404"),
    ("win10", lambda response: _fault("x")(response), 0x80180003, "Authorization"),
    ("wp8", edited("RSTRC/wstep", "RST/wstep"), 0x80180008, "is not"),
    ("win10", lambda _response: answer(b"", SOAP_TYPE), 0x80180029, "empty message"),
    ("win10", lambda _response: answer("<html/>", "text/html"), 0x80180001, "HTML page"),
]


@pytest.mark.parametrize(("profile", "edit", "code", "reason"), FAILURES)
def test_a_failed_attempt_leaves_the_phone_enrolled(
    profile: str, edit: Edit, code: int, reason: str
) -> None:
    renewing = enrolled_for(profile)
    failed = refused(renewing, renewal_script(rst=edit))
    assert reason in failed.reason
    assert str(failed).startswith("renewal: ")
    phone = failed.phone
    assert phone is not None
    assert phone.renewal_state == RenewalState(
        status=RenewalStatus.FAILED, error_code=code, last_attempt=renewing.clock()
    )
    assert replace(phone, renewal_state=RenewalState()) == renewing.phone
    found = phone.management_certificate(renewing.clock()).found
    assert found is not None


def test_no_answer_is_a_failed_attempt() -> None:
    def silent(_request: Request) -> Response:
        raise NoAnswer("the client certificate was refused")

    failed = refused(enrolled_for("win10"), silent)
    assert "the client certificate was refused" in failed.reason
    assert failed.phone is not None
    assert failed.phone.renewal_state.error_code == 0x80180008


def _failed(profile: str, days_left: float = 10) -> Renewing:
    renewing = enrolled_for(profile, days_left=days_left)
    phone = refused(renewing, renewal_script(rst=with_status(500))).phone
    assert isinstance(phone, EnrolledPhone)
    renewing.phone = phone
    return renewing


@pytest.mark.parametrize("profile", ["wp81", "win81", "win10"])
def test_the_next_attempt_comes_after_the_interval_until_the_end(profile: str) -> None:
    renewing = _failed(profile)
    days = renewing.phone.renewal.retry_days
    assert next_renewal(renewing.phone) == renewing.clock() + timedelta(days=days)
    assert "does not ask for renewal before" in refused(renewing).reason
    renewing.clock.advance(days=days)
    assert renewing.renew(renewal_script()).renewal_state.status is RenewalStatus.RENEWED
    assert next_renewal(_failed(profile, days_left=days - 1).phone) is None


def test_windows_phone_8_asks_its_user_once() -> None:
    renewing = _failed("wp8")
    assert next_renewal(renewing.phone) is None
    renewing.clock.advance(days=7)
    assert "does not ask for renewal again" in refused(renewing).reason
    renewed = renewing.renew(renewal_script(), is_asked=True)
    assert renewed.renewal_state.status is RenewalStatus.RENEWED


def test_windows_phone_8_1_asks_its_user_until_the_end() -> None:
    renewing = enrolled_for("wp81", (RENEW, ""))
    assert renewal_plan(renewing.phone).way is MANUAL
    phone = refused(renewing, renewal_script(rst=with_status(500))).phone
    assert phone is not None
    assert next_renewal(phone) == renewing.clock() + timedelta(days=7)


def test_an_unenrolled_device_does_not_renew() -> None:
    renewing = enrolled_for("wp8")
    renewing.phone = replace(renewing.phone, is_unenrolled=True)
    assert_refusal(refused(renewing), "renewal", "device", "not enrolled")


def test_the_state_of_renewal_can_be_asked_for() -> None:
    uri = "./Vendor/MSFT/CertificateStore/MY/WSTEP/Renew"
    tree = DeviceTree(_failed("win10").phone)
    assert (tree.value(f"{uri}/Status"), tree.value(f"{uri}/ErrorCode")) == ("3", str(0x801901F4))
    assert (tree.value(f"{uri}/RenewPeriod"), tree.value(f"{uri}/RetryInterval")) == ("60", "4")
    assert tree.value(f"{uri}/ROBOSupport") == "true"
    assert DeviceTree(enrolled_for("wp8").phone).get(uri).code == 404
