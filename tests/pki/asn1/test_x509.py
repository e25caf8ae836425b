"""Certificates are taken apart tolerantly, and refused with a place."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import Asn1Error
from mdmcore.pki.asn1.der import encode_integer, encode_oid, encode_tlv
from mdmcore.pki.asn1.x509 import decode_certificate
from tests.support.certificates import build_authority, forge_certificate
from tests.support.keys import spki

NAME = encode_tlv(0x30)
ALGORITHM = encode_tlv(0x30, encode_oid("1.2.840.113549.1.1.11"))
KEY = encode_tlv(0x30, ALGORITHM, b"\x03\x02\x00\x00")
EARLY, LATE = b"\x17\x0d260101000000Z", b"\x17\x0d270101000000Z"


def build(
    *extensions: bytes,
    serial: bytes = b"\x02\x01\x05",
    version: bytes = b"\xa0\x03\x02\x01\x02",
    not_before: bytes = EARLY,
) -> bytes:
    listed = encode_tlv(0xA3, encode_tlv(0x30, *extensions)) if extensions else b""
    validity = encode_tlv(0x30, not_before, LATE)
    info = encode_tlv(
        0x30, version, serial, ALGORITHM, NAME, validity, NAME, KEY, listed
    )  # fmt: skip
    return encode_tlv(0x30, info, ALGORITHM, b"\x03\x02\x00\x00")


def extension(oid: str, value: bytes) -> bytes:
    return encode_tlv(0x30, encode_oid(oid), encode_tlv(0x04, value))


def test_fields_agree_with_cryptography() -> None:
    data = forge_certificate(spki("device"), authority=build_authority())
    parts = decode_certificate(data)
    other = x509.load_der_x509_certificate(data)
    assert parts.info == other.tbs_certificate_bytes
    assert parts.signature == other.signature
    assert parts.serial == other.serial_number
    assert parts.not_before == other.not_valid_before_utc
    assert parts.not_after == other.not_valid_after_utc
    assert parts.subject.raw == other.subject.public_bytes()
    assert parts.issuer.raw == other.issuer.public_bytes()
    assert parts.signature_algorithm == other.signature_algorithm_oid.dotted_string
    key_id = other.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    issuer = other.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert parts.extensions.subject_key_id == key_id
    assert parts.extensions.authority_key_id == issuer.key_identifier
    assert parts.extensions.ext_key_usages == ("1.3.6.1.5.5.7.3.2",)
    assert parts.extensions.is_ca is False


def test_version_1_without_extensions() -> None:
    parts = decode_certificate(build(version=b""))
    assert parts.extensions.ext_key_usages is None
    assert parts.extensions.subject_key_id is None


@pytest.mark.parametrize(
    ("encoded", "moment"),
    [
        (b"\x17\x0d491231235959Z", datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (b"\x17\x0d500101000000Z", datetime(1950, 1, 1, tzinfo=UTC)),
        (b"\x17\x0b2601010000Z", datetime(2026, 1, 1, tzinfo=UTC)),
        (b"\x17\x11260101000000+0130", datetime(2025, 12, 31, 22, 30, tzinfo=UTC)),
        (b"\x17\x11260101000000-0130", datetime(2026, 1, 1, 1, 30, tzinfo=UTC)),
        (b"\x18\x0f20260101000000Z", datetime(2026, 1, 1, tzinfo=UTC)),
        (b"\x18\x1120260101000000.5Z", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_times(encoded: bytes, moment: datetime) -> None:
    parsed = decode_certificate(build(not_before=encoded)).not_before
    assert (parsed, parsed.utcoffset()) == (moment, timedelta(0))


@pytest.mark.parametrize(
    ("encoded", "reason"),
    [
        (b"\x17\x0d261301000000Z", "impossible time"),
        (b"\x18\x1300010101000000+0130", "impossible time"),
        (b"\x18\x0f00000101000000Z", "impossible time"),
        (b"\x17\x0c260101000000", "unreadable time"),
        (b"\x17\x0f20260101000000Z", "unreadable time"),
        (b"\x18\x0d260101000000Z", "unreadable time"),
        (b"\x05\x00", "a time was expected, not NULL"),
    ],
)
def test_bad_times_are_told_with_their_place(encoded: bytes, reason: str) -> None:
    data = build(not_before=encoded)
    with pytest.raises(Asn1Error, match=reason) as caught:
        decode_certificate(data)
    assert caught.value.offset == data.index(encoded + LATE)


def test_broken_extension_is_told_with_its_place() -> None:
    good = extension("2.5.29.15", b"\x03\x02\x07\x80")
    data = build(good, extension("2.5.29.37", b"\x30\x05\x06"))
    with pytest.raises(Asn1Error, match="extended key usage: truncated") as caught:
        decode_certificate(data)
    assert caught.value.offset == data.index(b"\x30\x05\x06") + 3


def test_extension_of_another_type_is_told_with_its_place() -> None:
    data = build(extension("2.5.29.19", encode_integer(77)))
    with pytest.raises(Asn1Error, match="no basic constraints") as caught:
        decode_certificate(data)
    assert caught.value.offset == data.index(encode_integer(77))


def test_authority_key_identifier_without_key_id() -> None:
    parts = decode_certificate(build(extension("2.5.29.35", b"\x30\x00")))
    assert parts.extensions.authority_key_id is None


def crl_points(*names: x509.GeneralName, issuer: bool = False) -> x509.DistributionPoint:
    directory = x509.DirectoryName(x509.Name([]))
    return x509.DistributionPoint(
        full_name=list(names) or None,
        relative_name=None,
        reasons=None,
        crl_issuer=[directory] if issuer else None,
    )


def test_where_the_revocation_list_is() -> None:
    first = crl_points(
        x509.UniformResourceIdentifier("ldap:///CN=ca"),
        x509.UniformResourceIdentifier("http://a.test/1.crl"),
    )
    second = crl_points(x509.DNSName("b.test"), x509.UniformResourceIdentifier("http://b.test/2"))
    value = x509.CRLDistributionPoints([first, crl_points(issuer=True), second]).public_bytes()
    parts = decode_certificate(build(extension("2.5.29.31", value)))
    assert parts.extensions.crl_urls == (
        "ldap:///CN=ca",
        "http://a.test/1.crl",
        "http://b.test/2",
    )
    assert decode_certificate(build()).extensions.crl_urls == ()


def test_a_relative_name_is_no_url() -> None:
    # [0] distributionPoint, in it [1] nameRelativeToCRLIssuer
    value = bytes.fromhex("30123010a00ea10c300a06035504030c0358595a")
    assert decode_certificate(build(extension("2.5.29.31", value))).extensions.crl_urls == ()


def test_broken_distribution_points_are_told_with_their_place() -> None:
    data = build(extension("2.5.29.31", b"\x30\x05\x30"))
    with pytest.raises(Asn1Error, match="CRL distribution points: truncated") as caught:
        decode_certificate(data)
    assert caught.value.offset == data.index(b"\x30\x05\x30") + 3


def test_serial_number_has_a_bound() -> None:
    assert decode_certificate(build(serial=encode_integer(2**300))).serial == 2**300
    with pytest.raises(Asn1Error, match="the serial number has"):
        decode_certificate(build(serial=encode_integer(2**600)))


def test_no_certificate() -> None:
    with pytest.raises(Asn1Error, match="a certificate has 0 elements"):
        decode_certificate(b"\x30\x00")
    short = encode_tlv(0x30, encode_tlv(0x30), ALGORITHM, b"\x03\x02\x00\x00")
    with pytest.raises(Asn1Error, match="0 fields, at least 6"):
        decode_certificate(short)


def test_truncation_at_every_byte_is_an_error_at_that_byte() -> None:
    data = forge_certificate(spki("device"), authority=build_authority())
    for size in range(len(data)):
        with pytest.raises(Asn1Error) as caught:
            decode_certificate(data[:size])
        assert caught.value.offset == size


@given(position=st.integers(min_value=0, max_value=10_000), value=st.integers(0, 255))
def test_a_changed_byte_never_gives_another_exception(position: int, value: int) -> None:
    data = bytearray(forge_certificate(spki("device"), authority=build_authority()))
    data[position % len(data)] = value
    try:
        parts = decode_certificate(bytes(data))
    except Asn1Error:
        return
    assert parts.subject.rfc4514() is not None


def test_names_and_policies_agree_with_cryptography() -> None:
    names = (
        x509.DNSName("mdm.example.test"),
        x509.RFC822Name("a@example.test"),
        x509.DNSName("*.example.test"),
        x509.IPAddress(ipaddress.ip_address("192.0.2.1")),
    )
    notice = x509.UserNotice(None, "read this")
    policies = (
        x509.PolicyInformation(x509.ObjectIdentifier("2.23.140.1.2.1"), [notice]),
        x509.PolicyInformation(x509.ObjectIdentifier("1.2.3"), None),
    )
    values = (x509.SubjectAlternativeName(names), x509.CertificatePolicies(policies))
    built = (extension(each.oid.dotted_string, each.public_bytes()) for each in values)
    found = decode_certificate(build(*built)).extensions
    assert found.dns_names == ("mdm.example.test", "*.example.test")
    assert found.policies == ("2.23.140.1.2.1", "1.2.3")
    assert found.oids == ("2.5.29.17", "2.5.29.32")


@pytest.mark.parametrize("oid", ["2.5.29.17", "2.5.29.32"])
@pytest.mark.parametrize("value", [b"\x31\x00", b"\x30\x05\x00", b"\x04\x01a", b"\x30\x80"])
def test_unreadable_names_and_policies_have_a_place(oid: str, value: bytes) -> None:
    data = build(extension(oid, value))
    with pytest.raises(Asn1Error, match=r"subject alt|certificate pol") as caught:
        decode_certificate(data)
    assert caught.value.offset is not None
    assert caught.value.offset >= data.index(value)


def test_a_policy_that_is_no_sequence() -> None:
    with pytest.raises(Asn1Error, match="certificate policies: "):
        decode_certificate(build(extension("2.5.29.32", b"\x30\x03\x02\x01\x05")))
