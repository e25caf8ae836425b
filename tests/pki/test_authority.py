"""The authority's certificates, judged by the real openssl."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import ConfigError
from mdmcore.pki.asn1.name import PRINTABLE_ALPHABET
from mdmcore.pki.authority import (
    Authority,
    certificate_pem,
    create_authority,
    issue_device_certificate,
    load_authority,
    random_serial,
    to_pem,
)
from mdmcore.pki.certificate import parse_certificate, verify_issued_by
from mdmcore.pki.csr import parse_pkcs10
from tests.support.certificates import NOW, build_authority, forge_certificate
from tests.support.certification_requests import REAL_REQUESTS, build_request, real_request
from tests.support.keys import key_path, load_key, spki
from tests.support.openssl import asn1_elements, openssl, openssl_output

GUID = "3F2504E0-4F89-11D3-9A0C-0305E82C3301"
YEAR = timedelta(days=365)


def issue(
    request: bytes | None = None,
    *,
    authority: Authority | None = None,
    common_name: str = GUID,
    lifetime: timedelta = YEAR,
) -> bytes:
    return issue_device_certificate(
        parse_pkcs10(request or build_request()),
        authority=authority or build_authority(),
        common_name=common_name,
        now=NOW,
        serial=0x8123,
        lifetime=lifetime,
    )


def openssl_verify(der: bytes, folder: Path) -> str:
    (folder / "ca.pem").write_bytes(certificate_pem(build_authority().certificate))
    (folder / "leaf.pem").write_bytes(certificate_pem(der))
    when = str(int(NOW.timestamp()))
    result = openssl(
        "verify", "-x509_strict", "-purpose", "sslclient", "-attime", when,
        "-CAfile", str(folder / "ca.pem"), str(folder / "leaf.pem"),
    )  # fmt: skip
    return (result.stdout + result.stderr).decode()


@pytest.mark.parametrize("name", REAL_REQUESTS, ids=lambda name: name[1])
def test_real_request_gets_a_certificate_that_openssl_accepts(
    name: tuple[str, str], tmp_path: Path
) -> None:
    assert openssl_verify(issue(real_request(name)), tmp_path).endswith("leaf.pem: OK\n")


@pytest.mark.parametrize("name", REAL_REQUESTS, ids=lambda name: name[1])
def test_certificate_has_the_key_of_the_request(name: tuple[str, str]) -> None:
    data = real_request(name)
    wanted = openssl_output("req", "-inform", "DER", "-pubkey", "-noout", data=data)
    given_key = openssl_output("x509", "-inform", "DER", "-pubkey", "-noout", data=issue(data))
    assert given_key == wanted


@pytest.mark.parametrize("name", REAL_REQUESTS, ids=lambda name: name[1])
def test_subject_is_one_printable_common_name_without_nul(name: tuple[str, str]) -> None:
    der = issue(real_request(name))
    options = ("-nameopt", "RFC2253,show_type")
    subject = openssl_output("x509", "-inform", "DER", "-noout", "-subject", *options, data=der)
    assert subject.decode().strip() == f"subject=CN=PRINTABLESTRING:{GUID}"
    strings = [one for one in asn1_elements(der) if one[3] == "PRINTABLESTRING"]
    assert strings[1] == (5, 2, len(GUID), "PRINTABLESTRING")
    assert b"\0" not in parse_certificate(der).subject.attributes[0].raw


def test_text_of_the_certificate() -> None:
    text = openssl_output("x509", "-inform", "DER", "-noout", "-text", data=issue()).decode()
    flat = re.sub(r"\s+", " ", text)
    for expected in (
        "Version: 3",
        "Serial Number: 33059 (0x8123)",
        "Signature Algorithm: sha256WithRSAEncryption",
        "Issuer: CN = Test Enrollment CA",
        "Not Before: Jun 1 11:00:00 2026 GMT Not After : Jun 1 12:00:00 2027 GMT",
        "X509v3 Basic Constraints: critical CA:FALSE",
        "X509v3 Key Usage: critical Digital Signature, Key Encipherment X509v3",
        "X509v3 Extended Key Usage: TLS Web Client Authentication X509v3",
        "X509v3 Subject Key Identifier:",
        "X509v3 Authority Key Identifier:",
    ):
        assert expected in flat


def test_authority_certificate_says_what_it_may() -> None:
    der = build_authority().certificate
    text = openssl_output("x509", "-inform", "DER", "-noout", "-text", data=der).decode()
    flat = re.sub(r"\s+", " ", text)
    assert "X509v3 Basic Constraints: critical CA:TRUE, pathlen:0" in flat
    assert "X509v3 Key Usage: critical Certificate Sign, CRL Sign" in flat
    assert "Subject: CN = Test Enrollment CA" in flat


def test_openssl_refuses_a_certificate_of_another_authority(tmp_path: Path) -> None:
    other = build_authority(key="device2")
    assert "leaf.pem: verification failed" in openssl_verify(issue(authority=other), tmp_path)


def test_certificate_does_not_outlive_its_authority() -> None:
    certificate = parse_certificate(issue(lifetime=timedelta(days=9000)))
    assert certificate.not_after == build_authority().parsed.not_after


def test_ended_authority_issues_nothing() -> None:
    old = build_authority(now=NOW - timedelta(days=3651))
    with pytest.raises(ConfigError, match="ended on 2026-05-31"):
        issue(authority=old)


@pytest.mark.parametrize("character", ["@", "_", "!", "*", "&", "\0", "ë", "\uff21"])
def test_character_outside_printable_string_is_refused(character: str) -> None:
    with pytest.raises(ConfigError, match="cannot be a PrintableString: it has"):
        issue(common_name=f"DEVICE{character}")


@pytest.mark.parametrize("length", [0, 65])
def test_common_name_has_a_length(length: int) -> None:
    with pytest.raises(ConfigError, match="1 to 64 characters"):
        issue(common_name="A" * length)


@given(st.text(st.sampled_from(sorted(PRINTABLE_ALPHABET)), min_size=1, max_size=64))
def test_any_printable_common_name_reads_back(common_name: str) -> None:
    certificate = parse_certificate(issue(common_name=common_name))
    assert certificate.subject.common_name == common_name
    assert certificate.spki == spki("device")
    assert verify_issued_by(certificate, build_authority().parsed)


def test_authority_survives_its_pem_text() -> None:
    authority = build_authority()
    again = load_authority(to_pem(authority))
    assert again.certificate == authority.certificate
    assert again.private_key.private_numbers() == authority.private_key.private_numbers()
    assert openssl_output("x509", "-outform", "DER", data=to_pem(authority)) == (
        authority.certificate
    )


def test_pem_that_is_no_authority_is_told() -> None:
    key = key_path("authority").read_bytes()
    authority = build_authority()
    leaf = forge_certificate(spki("device"), authority=authority)
    with pytest.raises(ConfigError, match="no readable PEM private key"):
        load_authority(certificate_pem(authority.certificate))
    with pytest.raises(ConfigError, match="no certificate beside"):
        load_authority(key)
    with pytest.raises(ConfigError, match="does not belong"):
        load_authority(key_path("device2").read_bytes() + certificate_pem(authority.certificate))
    with pytest.raises(ConfigError, match="cannot be read: truncated"):
        load_authority(key + certificate_pem(authority.certificate[:99]))
    with pytest.raises(ConfigError, match="not that of a CA"):
        load_authority(key_path("device").read_bytes() + certificate_pem(leaf))


def test_private_key_does_not_show_in_a_repr() -> None:
    assert "private_key" not in repr(build_authority())


def test_name_of_a_new_authority_is_checked() -> None:
    with pytest.raises(ConfigError, match="cannot be a PrintableString"):
        create_authority(
            common_name="CA_1", private_key=load_key("device"), now=NOW, serial=1, lifetime=YEAR
        )


@pytest.mark.parametrize(
    ("octets", "serial"), [(b"\xff" * 20, 2**159 - 1), (b"\0" * 20, 1), (b"\0" * 19 + b"\x09", 4)]
)
def test_serial_is_positive_and_has_159_bits_at_most(octets: bytes, serial: int) -> None:
    asked: list[int] = []

    def rng(count: int) -> bytes:
        asked.append(count)
        return octets

    assert random_serial(rng) == serial
    assert asked == [20]


def test_pem_of_a_certificate_is_read_by_openssl() -> None:
    der = issue()
    assert openssl_output("x509", "-outform", "DER", data=certificate_pem(der)) == der
