"""Rules on the CSR and the issued certificate."""

from __future__ import annotations

import pytest

from mdmcore.namespaces import DEFAULT_CSR_COMMON_NAME
from mdmcore.pki.asn1.name import PRINTABLE_STRING, UTF8_STRING
from mdmcore.pki.criteria import ssl_client_criteria
from mdmcore.rules import Finding
from tests.support.story import (
    CERT_CN,
    Story,
    certificate,
    document,
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
