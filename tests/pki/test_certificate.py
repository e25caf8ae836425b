"""Certificates load whatever a strict reader thinks of them."""

from __future__ import annotations

import hashlib

import pytest
from cryptography import x509

from mdmcore.errors import Asn1Error
from mdmcore.pki.certificate import parse_certificate, verify_issued_by
from tests.support.certificates import build_authority, captured_certificates, forge_certificate
from tests.support.keys import spki
from tests.support.openssl import openssl_output


def forged(value: bytes = b"DEVICE-0001", tag: int = 0x13, *, client_auth: bool = True) -> bytes:
    return forge_certificate(
        spki("device"),
        authority=build_authority(),
        subject_value=value,
        subject_tag=tag,
        eku_client_auth=client_auth,
    )


@pytest.mark.parametrize("value", [b"DEVICE\0", b"A!B"])
def test_what_cryptography_refuses_loads(value: bytes) -> None:
    der = forged(value)
    with pytest.raises(ValueError, match=r"PrintableString|error parsing"):
        _ = x509.load_der_x509_certificate(der).subject
    certificate = parse_certificate(der)
    assert certificate.subject.common_name == value.decode()
    assert certificate.subject.attributes[0].raw == value
    assert verify_issued_by(certificate, build_authority().parsed)


def test_string_type_of_the_subject_is_kept() -> None:
    (attribute,) = parse_certificate(forged("Zoë".encode(), 0x0C)).subject.attributes
    assert (attribute.type_name, attribute.text) == ("UTF8String", "Zoë")


def test_thumbprint_is_the_one_openssl_prints() -> None:
    der = forged()
    text = openssl_output("x509", "-inform", "DER", "-noout", "-fingerprint", "-sha1", data=der)
    printed = text.decode().split("=")[1].strip().replace(":", "")
    assert parse_certificate(der).thumbprint == printed


def test_the_same_certificate_is_read_once_and_a_huge_one_is_not_kept() -> None:
    der = forged()
    assert parse_certificate(der) is parse_certificate(bytes(bytearray(der)))
    huge = forged(b"A" * 20_000)
    assert parse_certificate(huge) is not parse_certificate(huge)
    assert parse_certificate(huge) == parse_certificate(huge)


def test_facts_of_a_leaf_and_of_its_authority() -> None:
    leaf, root = parse_certificate(forged()), build_authority().parsed
    assert (leaf.is_ca, root.is_ca) == (False, True)
    assert (leaf.is_self_issued, root.is_self_issued) == (False, True)
    assert leaf.authority_key_id == root.subject_key_id
    assert (leaf.key_bits, leaf.digest_name) == (2048, "SHA-256")
    assert leaf.spki_sha256 == hashlib.sha256(spki("device")).hexdigest()
    assert leaf.has_client_auth
    assert not parse_certificate(forged(client_auth=False)).has_client_auth
    assert parse_certificate(forged(client_auth=False)).ext_key_usages is None


def test_issuer_is_told_by_name_and_by_signature() -> None:
    leaf = parse_certificate(forged())
    assert verify_issued_by(leaf, build_authority().parsed)
    other_key = build_authority(key="device2")
    other_name = build_authority(common_name="Another CA")
    assert not verify_issued_by(leaf, other_key.parsed)
    assert not verify_issued_by(leaf, other_name.parsed)
    changed = parse_certificate(forged().replace(b"DEVICE-0001", b"DEVICE-0002"))
    assert not verify_issued_by(changed, build_authority().parsed)


def test_truncated_certificate_names_the_offset() -> None:
    with pytest.raises(Asn1Error) as caught:
        parse_certificate(forged()[:300])
    assert caught.value.offset == 300


def test_captured_chain_of_windows_10_is_read_and_verifies() -> None:
    root, leaf = map(parse_certificate, captured_certificates())
    assert root.thumbprint == "D9A88E04AF18A4D399CEE62F2C71469C3AE1E675"
    assert leaf.thumbprint == "ADA7B35A30F986465CE4C176D527D4B80848EEF4"
    assert (leaf.digest_name, leaf.has_client_auth, leaf.is_ca) == ("SHA-1", True, False)
    assert leaf.subject.attributes[0].type_name == "PrintableString"
    assert root.subject.x500_text() == "O=Mattrax Identity, CN=Windows MDM Demo Identity"
    assert (root.key_bits, root.is_ca, root.is_self_issued) == (4096, True, True)
    assert verify_issued_by(leaf, root)
    assert verify_issued_by(root, root)
