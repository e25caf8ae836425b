"""Loose CSRs and certificates."""

from __future__ import annotations

import pytest

from mdmcore.errors import Asn1Error, ConfigError
from mdmcore.inspector import inspect_artifact
from mdmcore.pki.asn1.name import UTF8_STRING
from mdmcore.pki.pem import encode_pem
from tests.support.keys import key_path
from tests.support.requirements import shared_file
from tests.support.story import CERT_CN, authority, certificate, phone_csr, rules_of

REAL = (
    ("wp81-lumia", "lumia630_csr.der"),
    ("csr", "win10_19043_csr.der"),
    ("csr", "poc_ngrok_win10_csr.der"),
    ("csr", "mdmtest_win11_csr.der"),
)


@pytest.mark.parametrize("name", REAL)
def test_the_real_csrs_have_facts_and_no_finding(name: tuple[str, str]) -> None:
    (found,) = inspect_artifact(shared_file("captures", *name).read_bytes(), name=name[1])
    assert (found.kind, found.findings) == ("csr", ())
    assert found.facts["self_signature"] == "valid"
    assert found.facts["key_bits"] == 2048


def test_what_is_odd_in_a_phones_csr_is_a_fact() -> None:
    (found,) = inspect_artifact(phone_csr(), name="x")
    assert found.findings == ()
    assert found.facts["subject"].endswith("\\00")
    assert found.facts["subject_types"] == ["PrintableString"]
    assert (found.facts["subject_has_nul"], found.facts["digest"]) == (True, "SHA-1")


def test_a_broken_self_signature() -> None:
    broken = phone_csr()[:-1] + bytes([phone_csr()[-1] ^ 1])
    (found,) = inspect_artifact(broken, name="broken.der")
    assert rules_of(found.findings) == {"csr-signature-invalid"}
    assert "NOT valid" in found.summary
    assert found.findings[0].places[0].exchange == "broken.der"


def test_every_truncation_is_refused_with_its_offset() -> None:
    for whole in (phone_csr(), certificate()):
        for end in range(len(whole)):
            with pytest.raises(Asn1Error) as caught:
                inspect_artifact(whole[:end], name="x")
            assert caught.value.offset is not None
            assert caught.value.offset <= end


@pytest.mark.parametrize(
    ("client", "rules"),
    [
        (certificate(), set()),
        (certificate(tag=UTF8_STRING), {"cert-subject-not-printable"}),
        (certificate(b"DEVICE\0"), {"cert-subject-has-nul"}),
        (certificate(b"B1C43CD0-1624-5FBB-8E54-34CF17DFD3A1"), {"cert-default-subject"}),
    ],
)
def test_a_certificate_is_judged(client: bytes, rules: set[str]) -> None:
    (found,) = inspect_artifact(client, name="x")
    assert found.kind == "certificate"
    assert rules_of(found.findings) == rules
    assert {finding.severity for finding in found.findings} <= {"error"}


def test_the_profile_counts() -> None:
    (found,) = inspect_artifact(certificate(tag=UTF8_STRING), name="x", profile="win10")
    assert found.findings == ()
    with pytest.raises(ConfigError):
        inspect_artifact(certificate(), name="x", profile="wp7")


def test_a_ca_is_not_judged_as_a_client_certificate() -> None:
    (found,) = inspect_artifact(authority().certificate, name="ca")
    assert (found.facts["is_ca"], found.findings) == (True, ())


def test_pem_with_several_blocks() -> None:
    data = (
        b"some words\n"
        + encode_pem("CERTIFICATE", certificate())
        + encode_pem("NEW CERTIFICATE REQUEST", phone_csr())
    )
    found = inspect_artifact(data, name="x.pem")
    assert [report.kind for report in found] == ["certificate", "csr"]
    assert CERT_CN in found[0].summary


@pytest.mark.parametrize("data", [b"", b"hello", b"\x30\x03\x02\x01\x00"])
def test_what_is_neither_is_refused(data: bytes) -> None:
    with pytest.raises(Asn1Error):
        inspect_artifact(data, name="x")


def test_a_private_key_is_refused_by_its_label() -> None:
    with pytest.raises(Asn1Error, match="PRIVATE KEY is neither"):
        inspect_artifact(key_path("device").read_bytes(), name="x")
