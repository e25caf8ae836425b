"""What the document of a renewal changes, what it leaves, and what it must not say."""

from __future__ import annotations

import pytest

from mdmcore.phone import EnrolledPhone, Refusal
from mdmcore.phone.keyring import key_sha256
from mdmcore.phone.renewal_document import apply_renewal
from mdmcore.phone.schedule import RetrySet
from mdmcore.profiles import PROFILES
from tests.phone.generations import DOCUMENTS, POLL
from tests.phone.renewing import (
    EXPIRES,
    MINIMAL_ACCOUNT,
    enrolled_for,
    new_certificate,
    renewal_document,
)
from tests.phone.scripted import (
    AET,
    DEVICE_CN,
    DEVICE_NONCE,
    DEVICE_SECRET,
    DM_URL,
    PROVIDER,
    SERVER_NONCE,
    assert_refusal,
    b64,
    client_certificate,
    provisioning_document,
    thumbprint,
)
from tests.support.certificates import build_authority
from tests.support.keys import load_key

NEW_KEY = key_sha256(load_key("device2"))
OTHER_CN = "00000000-0000-4000-8000-000000000001"
ROOT = build_authority().certificate
OTHER_ROOT = build_authority(key="enterprise", common_name="Another CA").certificate


def applied(
    document: str, profile: str = "wp81", phone: EnrolledPhone | None = None
) -> EnrolledPhone:
    before = enrolled_for(profile).phone if phone is None else phone
    return apply_renewal(document.encode(), before, key_sha256=NEW_KEY, now=EXPIRES)


def stored(certificate: bytes, store: str = "Root", scope: str = "System") -> str:
    """A CertificateStore branch of one certificate."""
    return (
        f'<characteristic type="CertificateStore"><characteristic type="{store}">'
        f'<characteristic type="{scope}"><characteristic type="{thumbprint(certificate)}">'
        f'<parm name="EncodedCertificate" value="{b64(certificate)}"/></characteristic>'
        "</characteristic></characteristic></characteristic>"
    )


@pytest.mark.parametrize("account", [MINIMAL_ACCOUNT, ""], ids=["L-Renew", "MS-MDE"])
@pytest.mark.parametrize("profile", list(PROFILES))
def test_a_minimal_document_leaves_everything_else(profile: str, account: str) -> None:
    before = enrolled_for(profile).phone
    after = applied(renewal_document(account=account), profile, before)
    assert after.account == before.account
    assert (after.nonce_c2s, after.nonce_s2c) == (DEVICE_NONCE, SERVER_NONCE)
    assert (after.schedule, after.renewal, after.hub) == (
        before.schedule,
        before.renewal,
        before.hub,
    )
    assert (after.ent_dmid, after.upn) == (before.ent_dmid, before.upn)
    assert after.enrolled == before.enrolled
    assert [one.certificate.der for one in after.certificates] == [ROOT, new_certificate()]
    assert after.certificates[1].has_key


def test_a_full_document_sets_credentials_and_nonces_anew() -> None:
    old, new = client_certificate(), new_certificate()
    document = (
        provisioning_document()
        .replace(thumbprint(old), thumbprint(new))
        .replace(b64(old), b64(new))
        .replace(DEVICE_SECRET, "n3w-secret")
        .replace(b64(DEVICE_NONCE), b64(bytes(16)))
    )
    after = applied(document, "wp8")
    entry = after.account.auth("APPSRV")
    assert entry is not None
    assert entry.secret == "n3w-secret"
    assert (after.nonce_c2s, after.nonce_s2c) == (bytes(16), SERVER_NONCE)


def test_another_subject_is_found_only_with_criteria_for_it() -> None:
    certificate = new_certificate(OTHER_CN)
    lost = applied(renewal_document(certificate)).management_certificate(EXPIRES)
    assert lost.found is None
    assert DEVICE_CN in lost.problem
    account = MINIMAL_ACCOUNT.replace(
        "</characteristic>",
        f'<parm name="SSLCLIENTCERTSEARCHCRITERIA" '
        f'value="Subject=CN%3D{OTHER_CN}&amp;Stores=My%5CUser"/></characteristic>',
    )
    after = applied(renewal_document(certificate, account=account))
    assert after.management_certificate(EXPIRES).found is not None
    assert after.account.addr == DM_URL
    assert after.nonce_c2s == DEVICE_NONCE


def test_a_certificate_for_another_key_is_taken_and_useless() -> None:
    """As at enrolment: the device reports success."""
    after = applied(renewal_document(client_certificate("enterprise")))
    assert not any(one.has_key for one in after.certificates)
    assert "no private key" in after.management_certificate().problem


def test_roots_are_added_and_not_doubled() -> None:
    after = applied(renewal_document(rest=stored(ROOT) + stored(OTHER_ROOT)))
    roots = [one.certificate.der for one in after.certificates if one.store == "Root"]
    assert roots == [ROOT, OTHER_ROOT]


def test_other_certificates_of_the_user_stay() -> None:
    other = client_certificate("enterprise", serial=5000)
    before = applied(renewal_document(client_certificate(), rest=stored(other, "My", "User")))
    ders = [one.certificate.der for one in before.certificates]
    assert ders == [ROOT, client_certificate(), other]


def test_the_schedule_can_be_corrected() -> None:
    changed = POLL.replace('value="8"', 'value="3"')
    poll = (
        f'<characteristic type="DMClient"><characteristic type="Provider">'
        f'<characteristic type="{PROVIDER}">{changed}'
        '<parm name="EntDMID" value="NEW-ID" datatype="string"/>'
        "</characteristic></characteristic></characteristic>"
    )
    after = applied(renewal_document(rest=poll), "win10")
    assert after.schedule.first == RetrySet(count=3, interval=15)
    assert after.ent_dmid == "NEW-ID"
    assert after.ent_device_name == "Example PC"


def test_the_registry_of_a_first_phone_can_be_corrected() -> None:
    document = DOCUMENTS["wp8"]()
    start = document.index('  <characteristic type="Registry">')
    end = document.index('  <characteristic type="DMClient">')
    registry = document[start:end].replace('value="480"', 'value="720"').replace('"42"', '"30"')
    after = applied(renewal_document(rest=registry), "wp8")
    assert after.schedule.remaining == RetrySet(count=0, interval=720)
    assert after.renewal.period_days == 30


REFUSED = [
    (
        renewal_document(account=MINIMAL_ACCOUNT.replace(PROVIDER, "Other")),
        "PROVIDER-ID",
        "not for the provider 'ExampleMDM'",
    ),
    (
        renewal_document(account='<characteristic type="APPLICATION"/>'),
        "PROVIDER-ID",
        "not for the provider",
    ),
    (
        renewal_document(
            account=MINIMAL_ACCOUNT.replace(
                "</characteristic>", '<characteristic type="APPAUTH"/></characteristic>'
            )
        ),
        "APPLICATION",
        "no APPLICATION with APPID w7",
    ),
    (
        renewal_document().replace(thumbprint(new_certificate()), "0" * 40),
        "'My'",
        "not the certificate's thumbprint",
    ),
    (renewal_document().replace('type="My"', 'type="CA"').replace("User", "System"), "My", "bind"),
    (renewal_document().replace("</wap", "</x"), "line", "not well-formed"),
    (renewal_document().replace("wap-provisioningdoc", "doc"), "/doc", "root element"),
    (
        renewal_document(
            rest='<characteristic type="EnterpriseAppManagement"><characteristic type="1">'
            "</characteristic></characteristic>"
        ),
        "EnrollmentToken",
        "no application enrolment token",
    ),
]


@pytest.mark.parametrize(("document", "place", "reason"), REFUSED)
def test_what_fails(document: str, place: str, reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        applied(document)
    assert_refusal(caught.value, "provisioning", place, reason)
    assert AET not in str(caught.value)


def test_a_document_cut_anywhere_is_refused_not_worse() -> None:
    document = renewal_document()
    phone = enrolled_for("win10").phone
    for end in range(0, len(document) - 1, 13):
        with pytest.raises(Refusal):
            applied(document[:end], "win10", phone)
