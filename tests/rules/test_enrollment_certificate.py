"""Rules on the CSR and the issued certificate."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509

from mdmcore.http import TlsFacts
from mdmcore.namespaces import DEFAULT_CSR_COMMON_NAME
from mdmcore.pki.asn1.name import PRINTABLE_STRING, UTF8_STRING
from mdmcore.pki.certificate_builder import CertificateForm, encode_common_name, sign_certificate
from mdmcore.pki.criteria import ssl_client_criteria
from mdmcore.rules import Finding
from tests.support.keys import load_key, spki
from tests.support.story import (
    CERT_CN,
    NOW,
    Story,
    answer,
    authority,
    certificate,
    device_cred,
    document,
    package1,
    phone_csr,
    rules_of,
)

DEFAULT_CN = DEFAULT_CSR_COMMON_NAME.encode()


def enrolled_with(client: bytes, profile: str = "wp8", **settings: object) -> tuple[Finding, ...]:
    return Story(profile).enroll(document(client=client, **settings)).findings  # type: ignore[arg-type]


def test_a_right_certificate_has_no_finding() -> None:
    assert Story("wp8").enroll().findings == ()


# --- the CSR


def test_a_csr_whose_signature_does_not_verify() -> None:
    broken = phone_csr()[:-1] + bytes([phone_csr()[-1] ^ 1])
    found = Story("wp8").enroll(csr=broken)
    assert rules_of(found.findings) == {"csr-signature-invalid"}
    assert found.findings[0].severity == "error"
    assert found.findings[0].places[0].where["part"] == "csr"


def test_a_truncated_csr_is_found_with_its_offset() -> None:
    found = Story("wp8").enroll(csr=phone_csr()[:200])
    assert rules_of(found.findings) == {"csr-signature-invalid"}
    assert found.findings[0].places[0].where == {"part": "csr", "offset": "200"}
    assert "unreadable CSR" in found.summary


# --- the key


def test_another_key_than_that_of_the_csr() -> None:
    found = enrolled_with(certificate(key="device2"))
    assert rules_of(found) == {"cert-public-key-mismatch"}
    assert found[0].severity == "error"


def test_a_second_certificate_for_the_right_key_is_enough() -> None:
    first, second = certificate(key="device2"), certificate()
    one = document(client=first)
    two = document(client=second)
    start = two.index(b'<characteristic type="My">')
    end = two.index(b"</characteristic></characteristic></characteristic>", start)
    store = two[start:end] + b"</characteristic></characteristic>"
    merged = one.replace(b'<characteristic type="My">', store + b'<characteristic type="My">')
    assert "cert-public-key-mismatch" not in rules_of(Story("wp8").enroll(merged).findings)


# --- the subject


@pytest.mark.parametrize("name", [DEFAULT_CN, DEFAULT_CN.lower()])
def test_the_subject_of_every_phones_csr(name: bytes) -> None:
    criteria = ssl_client_criteria(name.decode())
    found = enrolled_with(certificate(name), criteria=criteria)
    assert rules_of(found) == {"cert-default-subject"}


def test_the_default_subject_with_its_nul_is_two_mistakes() -> None:
    found = enrolled_with(certificate(DEFAULT_CN + b"\0"))
    assert {"cert-default-subject", "cert-subject-has-nul"} <= rules_of(found)


def test_a_utf8_subject_is_not_found_by_wp8() -> None:
    found = enrolled_with(certificate(tag=UTF8_STRING))
    assert rules_of(found) == {"cert-subject-not-printable"}
    assert found[0].severity == "error"
    assert "UTF8String" in found[0].message
    assert found[0].places[0].evidence == f"CN={CERT_CN}"


def test_windows_10_does_not_mind_a_utf8_subject() -> None:
    assert enrolled_with(certificate(tag=UTF8_STRING), profile="win10") == ()


def test_a_nul_in_the_subject() -> None:
    found = enrolled_with(certificate(b"DEVICE-1\0", PRINTABLE_STRING))
    # The criteria name another subject here; a criteria text cannot name this one at all.
    assert rules_of(found) == {"cert-subject-has-nul", "criteria-subject-mismatch"}


@pytest.mark.parametrize(
    ("client", "rule"),
    [
        (certificate(tag=UTF8_STRING), "cert-subject-not-printable"),
        (certificate(b"DEVICE-1\0"), "cert-subject-has-nul"),
        (certificate(DEFAULT_CN), "cert-default-subject"),
    ],
)
def test_without_a_hub_branch_the_subject_is_a_warning(client: bytes, rule: str) -> None:
    by_rule = {f.rule: f.severity for f in enrolled_with(client, hub=None)}
    assert by_rule[rule] == "warning"
    by_rule = {f.rule: f.severity for f in enrolled_with(client)}
    assert by_rule[rule] == "error"


# --- cert-subject-illegal-printable


@pytest.mark.parametrize(
    ("name", "shown"), [(b"anna@example.test", "'@'"), (b"A_B*C!&", "'!' '&' '*' '_'")]
)
def test_characters_outside_the_alphabet(name: bytes, shown: str) -> None:
    found = enrolled_with(certificate(name), criteria=ssl_client_criteria(name.decode()))
    assert rules_of(found) == {"cert-subject-illegal-printable"}
    assert found[0].severity == "warning"
    assert found[0].message == f"a PrintableString of the certificate's subject holds {shown}"
    assert found[0].places[0].where == {"part": "certificate", "field": "subject"}


def test_other_string_types_may_hold_them() -> None:
    client = certificate(b"anna@example.test", UTF8_STRING)
    criteria = ssl_client_criteria("anna@example.test")
    assert enrolled_with(client, "win10", criteria=criteria) == ()


# --- cert-no-client-auth-eku


def leaf_for(*usages: str) -> bytes:
    """A certificate with those extended key usages; without any, without the extension."""
    listed = x509.ExtendedKeyUsage([x509.ObjectIdentifier(usage) for usage in usages])
    form = CertificateForm(
        serial=5,
        issuer=authority().parsed.subject.raw,
        subject=encode_common_name(CERT_CN.encode(), PRINTABLE_STRING),
        spki=spki("device"),
        not_before=NOW - timedelta(hours=1),
        not_after=NOW + timedelta(days=365),
        extensions=((listed, False),) if usages else (),
    )
    return sign_certificate(form, load_key("authority"))


SERVER_AUTH, CLIENT_AUTH, ANY = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0"


@pytest.mark.parametrize("profile", ["wp8", "win10"])
def test_a_certificate_that_is_not_for_clients(profile: str) -> None:
    (finding,) = enrolled_with(leaf_for(SERVER_AUTH), profile)
    assert (finding.rule, finding.severity) == ("cert-no-client-auth-eku", "error")
    assert finding.places[0].where == {"part": "certificate", "field": "ext_key_usages"}
    assert finding.places[0].evidence == SERVER_AUTH


@pytest.mark.parametrize("usages", [(SERVER_AUTH, CLIENT_AUTH), (ANY,), ()])
def test_a_certificate_that_is_for_clients_or_for_anything(usages: tuple[str, ...]) -> None:
    assert enrolled_with(leaf_for(*usages)) == ()


def test_a_host_that_asks_for_no_client_certificate_makes_it_a_warning() -> None:
    story = Story("wp8").enrolled(document(client=leaf_for(SERVER_AUTH)))
    tls = TlsFacts(version="TLSv1.2")
    story.sync(package1(cred=device_cred()), answer("2", "212"), tls=tls)
    found = {finding.rule: finding.severity for finding in story.inspector.findings()}
    assert found["cert-no-client-auth-eku"] == "warning"


# --- cert-leaf-is-root


def self_issued(*, is_ca: bool, key: str = "device", signer: str = "device") -> bytes:
    name = encode_common_name(CERT_CN.encode(), PRINTABLE_STRING)
    form = CertificateForm(
        serial=5,
        issuer=name,
        subject=name,
        spki=spki(key),
        not_before=NOW - timedelta(hours=1),
        not_after=NOW + timedelta(days=365),
        extensions=((x509.BasicConstraints(ca=is_ca, path_length=None), True),),
    )
    return sign_certificate(form, load_key(signer))


@pytest.mark.parametrize("is_ca", [False, True])
def test_a_certificate_that_is_its_own_issuer(is_ca: bool) -> None:
    found = enrolled_with(self_issued(is_ca=is_ca))
    finding = next(f for f in found if f.rule == "cert-leaf-is-root")
    assert (finding.severity, finding.message) == (
        "warning",
        "the issued certificate is self-signed",
    )
    assert finding.places[0].where == {"part": "certificate", "field": "issuer"}
    assert finding.places[0].evidence == f"CN={CERT_CN}"


def test_a_certificate_that_only_names_itself() -> None:
    found = enrolled_with(self_issued(is_ca=False, signer="authority"))
    finding = next(f for f in found if f.rule == "cert-leaf-is-root")
    assert finding.message == "the issued certificate names itself as its issuer"


def test_a_root_beside_the_certificate_is_not_the_issued_one() -> None:
    wap = document(client=self_issued(is_ca=True, key="enterprise", signer="enterprise"))
    assert "cert-leaf-is-root" not in rules_of(Story("wp8").enroll(wap).findings)
