"""Names, certificates and tokens in words."""

from __future__ import annotations

from mdmcore.inspector.artifact.pki_facts import (
    certificate_facts,
    certificate_summary,
    csr_facts,
    csr_summary,
    renewal_facts,
    renewal_summary,
    value_lines,
)
from mdmcore.inspector.decode import read_csr
from mdmcore.inspector.renewal_part import read_renewal
from mdmcore.pki.asn1.name import UTF8_STRING
from mdmcore.pki.certificate import parse_certificate
from tests.support.artifacts import renewal_token
from tests.support.story import CERT_CN, authority, certificate, phone_csr


def test_string_types_lengths_and_nuls_can_be_seen() -> None:
    def line(*arguments: object) -> str:
        (found,) = value_lines(parse_certificate(certificate(*arguments)).subject)
        return found

    assert line(b"AB") == "CN=AB (PrintableString, tag 13, 2 bytes without NUL)"
    assert line("ä".encode(), UTF8_STRING) == "CN=ä (UTF8String, tag 0c, 2 bytes without NUL)"
    assert line(b"AB\0") == (
        "CN=AB\\x00 (PrintableString, tag 13, 3 bytes with NUL, the last byte is 00)"
    )
    assert line(b"A\0B") == "CN=A\\x00B (PrintableString, tag 13, 3 bytes with NUL)"
    assert len(line(b"A" * 5000)) < 300


def test_a_certificate_in_words() -> None:
    facts = certificate_facts(parse_certificate(certificate()))
    assert list(facts)[:2] == ["subject", "subject_values"]
    assert facts["subject"] == f"CN={CERT_CN}"
    assert certificate_summary(parse_certificate(authority().certificate)) == (
        "CA certificate CN=Story CA, issued by CN=Story CA, 2048 bits, until 2036-11-20"
    )


def test_a_csr_in_words() -> None:
    part = read_csr(phone_csr())
    assert csr_facts(part)["subject_values"][0].endswith("the last byte is 00)")
    assert csr_summary(part).endswith("2048 bits, SHA-1, self-signature valid")
    cut = read_csr(phone_csr()[:30])
    assert csr_facts(cut) == {"bytes": 30, "problem": str(cut.problem)}
    assert csr_summary(cut).startswith("a CSR that cannot be read: truncated")


def test_a_renewal_token_in_words() -> None:
    part = read_renewal(renewal_token())
    assert renewal_facts(part)["signers"] == 1
    assert renewal_summary(part) == (
        f"PKCS#7 of a renewal, signed by CN={CERT_CN}, signature valid"
    )
    cut = read_renewal(renewal_token()[:50])
    assert renewal_facts(cut)["bytes"] == 50
    assert renewal_summary(cut).startswith("a PKCS#7 that cannot be read")
