"""Mistakes in the issued certificate: one thing is wrong in it, our CA has signed it all the same,
and nothing else in the document differs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from mdmcore.base64_text import decode_base64, encode_base64
from mdmcore.enrollment.provisioning import Characteristic, ProvisioningDocument
from mdmcore.namespaces import DEFAULT_CSR_COMMON_NAME
from mdmcore.pki.asn1.name import PRINTABLE_STRING, UTF8_STRING
from mdmcore.pki.certificate import SERVER_AUTH, Certificate, parse_certificate
from mdmcore.server.faults import FAULTS, Answered, Step
from mdmcore.server.faults import certificates as c
from mdmcore.server.faults.documents import ANY, change_branch, set_parm, with_branch
from mdmcore.server.faults.texts import with_body, without_element
from tests.server.faults.conftest import RightAnswers
from tests.server.faults.test_documents import document_of
from tests.support.server import NOW

PATH = ("CertificateStore", "My", ANY, ANY)
CRITERIA = {
    "SSLCLIENTCERTSEARCHCRITERIA": ("APPLICATION",),
    "CertificateSearchCriteria": ("EnterpriseAppManagement", ANY),
}
"""Parms that name the certificate's subject, and where they stand."""

CHANGED: Mapping[str, set[str]] = {
    "cert-public-key-mismatch": {"spki", "subject_key_id"},
    "cert-default-subject": {"subject"},
    "cert-subject-not-unique": {"subject"},
    "cert-subject-not-printable": {"subject"},
    "cert-subject-has-nul": {"subject"},
    "cert-subject-illegal-printable": {"subject"},
    "cert-no-client-auth-eku": {"ext_key_usages"},
    "cert-not-yet-valid": {"not_before", "not_after"},
    "cert-backdated-by-renewal": {"not_before", "not_after"},
    "cert-lifetime-shorter-than-renew-period": {"not_before", "not_after"},
    "cert-expired": {"not_before", "not_after"},
    "cert-leaf-is-root": {"issuer"},
}
"""What each mistake changes of the certificate's fields."""

RENAMED = {"cert-default-subject", "cert-subject-not-unique", "cert-subject-illegal-printable"}
"""Those whose search criteria go with the new name."""

FIELDS = (
    *("serial", "issuer", "subject", "not_before", "not_after", "spki", "signature_algorithm"),
    *("ext_key_usages", "is_ca", "subject_key_id", "authority_key_id", "crl_urls", "dns_names"),
    *("policies", "extension_oids"),
)

each_fault = pytest.mark.parametrize("fault", CHANGED)


@pytest.fixture
def answered(right: RightAnswers) -> Answered:
    """The answer with the certificate that was issued."""
    return right[Step.ENROLL]


def certificate_in(answered: Answered) -> Certificate:
    der = c.client_certificate(answered)
    assert der is not None
    return parse_certificate(der)


def spoilt(answered: Answered, fault: str) -> Answered:
    """The answer with that mistake."""
    response = FAULTS[fault].change(answered)
    assert response is not None
    return replace(answered, response=response)


def branch_of(document: ProvisioningDocument) -> Characteristic:
    """The branch with the device's certificate."""
    (found,) = (
        branch
        for path, branch in document.walk()
        if len(path) == 4 and path[:2] == PATH[:2] and branch.value("EncodedCertificate")
    )
    return found


def without_certificate(document: ProvisioningDocument) -> ProvisioningDocument:
    """The document with nothing of the device's certificate in it."""
    blank = Characteristic(type="its thumbprint")
    found = branch_of(document)
    return change_branch(document, PATH, lambda one: blank if one == found else one)


def without_criteria(document: ProvisioningDocument) -> ProvisioningDocument:
    for name, path in CRITERIA.items():
        document = change_branch(document, path, set_parm(name, "criteria"))
    return document


def test_every_mistake_of_the_module_is_here() -> None:
    assert CHANGED.keys() == {
        one.id for one in FAULTS.values() if one.change.__module__ == c.__name__
    }


@each_fault
def test_only_what_is_meant_differs_in_the_certificate(answered: Answered, fault: str) -> None:
    old, new = certificate_in(answered), certificate_in(spoilt(answered, fault))
    differs = {name for name in FIELDS if getattr(old, name) != getattr(new, name)}
    assert differs == CHANGED[fault]


@each_fault
def test_our_ca_has_signed_it(answered: Answered, fault: str) -> None:
    new = certificate_in(spoilt(answered, fault))
    key = answered.tools.authority.private_key.public_key()
    key.verify(new.signature, new.info_raw, padding.PKCS1v15(), hashes.SHA256())


@each_fault
def test_it_stands_under_its_own_thumbprint(answered: Answered, fault: str) -> None:
    branch = branch_of(document_of(spoilt(answered, fault).response))
    der = decode_base64(branch.value("EncodedCertificate") or "")
    assert der is not None
    assert branch.type == hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()
    old = branch_of(document_of(answered.response))
    restored = set_parm("EncodedCertificate", old.value("EncodedCertificate"))(branch)
    assert restored == replace(old, type=branch.type)


@each_fault
def test_the_rest_of_the_document_stays(answered: Answered, fault: str) -> None:
    before = without_certificate(document_of(answered.response))
    after = without_certificate(document_of(spoilt(answered, fault).response))
    if fault in RENAMED:
        assert after != before
        before, after = without_criteria(before), without_criteria(after)
    assert after == before


@each_fault
def test_the_server_remembers_what_it_issued(answered: Answered, fault: str) -> None:
    new = certificate_in(spoilt(answered, fault))
    known = answered.tools.store.certificate(new.serial)
    assert known is not None
    assert known.der == new.der
    assert known.thumbprint == new.thumbprint
    assert known.spki_sha256 == new.spki_sha256
    assert known.not_after == new.not_after


@each_fault
def test_there_is_no_room_where_nothing_is_issued(right: RightAnswers, fault: str) -> None:
    change = FAULTS[fault].change
    issuing = {step for step, answered in right.items() if change(answered) is not None}
    assert issuing == {Step.ENROLL}


@each_fault
def test_there_is_no_room_without_a_certificate(answered: Answered, fault: str) -> None:
    no_store = with_branch(answered, ("CertificateStore", "My"), lambda _: None)
    no_token = with_body(answered.response, without_element(answered.body, "BinarySecurityToken"))
    unreadable = with_branch(answered, PATH, set_parm("EncodedCertificate", "AAAA"))
    for response in (no_store, no_token, unreadable):
        assert response is not None
        other = replace(answered, response=response)
        assert c.client_certificate(other) is None
        assert FAULTS[fault].change(other) is None


def test_the_root_stays_where_a_certificate_is_made_anew(answered: Answered) -> None:
    ca = answered.tools.authority.parsed
    change = set_parm("EncodedCertificate", encode_base64(ca.der))
    response = with_branch(answered, PATH, change)
    assert response is not None
    assert c.reissued(replace(answered, response=response), lambda form, _: form) is None


# --- what is wrong ---


def test_the_key_is_that_of_the_ca(answered: Answered) -> None:
    new = certificate_in(spoilt(answered, "cert-public-key-mismatch"))
    ca = answered.tools.authority.parsed
    assert (new.spki, new.subject_key_id) == (ca.spki, ca.subject_key_id)


@pytest.mark.parametrize(
    ("fault", "tag", "end"),
    [
        ("cert-subject-not-printable", UTF8_STRING, b""),
        ("cert-subject-has-nul", PRINTABLE_STRING, b"\0"),
        ("cert-subject-illegal-printable", PRINTABLE_STRING, b"!"),
    ],
)
def test_the_name_is_written_otherwise(
    answered: Answered, fault: str, tag: int, end: bytes
) -> None:
    name = (certificate_in(answered).subject.common_name or "").encode() + end
    new = certificate_in(spoilt(answered, fault)).subject.raw
    # X.690 8.1: tag, length in one octet, content; the CN is the last of it.
    assert new.endswith(bytes([tag, len(name)]) + name)


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ("cert-default-subject", DEFAULT_CSR_COMMON_NAME),
        ("cert-subject-not-unique", "MDM Device"),
    ],
)
def test_the_criteria_go_with_a_name_that_is_not_its_own(
    answered: Answered, fault: str, name: str
) -> None:
    found = spoilt(answered, fault)
    assert certificate_in(found).subject.common_name == name
    own = certificate_in(answered).subject.common_name or ""
    document = document_of(found.response)
    for parm in CRITERIA:
        (value,) = (one.value(parm) for _, one in document.walk() if one.parm(parm))
        assert value is not None
        assert own not in value
        assert name.partition(" ")[0] in value


def test_it_is_for_servers_only(answered: Answered) -> None:
    new = certificate_in(spoilt(answered, "cert-no-client-auth-eku"))
    assert new.ext_key_usages == (SERVER_AUTH,)


def test_its_dates_are_not_those_of_now(answered: Answered) -> None:
    early = certificate_in(spoilt(answered, "cert-not-yet-valid"))
    assert NOW < early.not_before < early.not_after
    late = certificate_in(spoilt(answered, "cert-expired"))
    assert late.not_before < late.not_after < NOW


def test_its_dates_do_not_go_with_the_renewal_period(answered: Answered) -> None:
    period = timedelta(days=answered.tools.settings.renewal_period_days)
    now = answered.tools.clock()
    early = certificate_in(spoilt(answered, "cert-backdated-by-renewal"))
    assert early.not_before == now - period
    short = certificate_in(spoilt(answered, "cert-lifetime-shorter-than-renew-period"))
    assert short.not_before < now < short.not_after < now + period


def test_its_issuer_is_itself(answered: Answered) -> None:
    new = certificate_in(spoilt(answered, "cert-leaf-is-root"))
    assert new.is_self_issued
    assert new.subject == certificate_in(answered).subject
