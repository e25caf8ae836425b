"""AlgorithmIdentifier and the parameters of RSASSA-PSS, as openssl writes them."""

from __future__ import annotations

import pytest

from mdmcore.errors import Asn1Error
from mdmcore.pki.asn1.algorithm import PssParameters, algorithm_oid, pss_parameters
from mdmcore.pki.asn1.der import check_der, encode_integer, encode_oid, encode_tlv
from mdmcore.pki.csr import parse_pkcs10
from tests.support.keys import key_path
from tests.support.openssl import openssl_output

PSS = encode_oid("1.2.840.113549.1.1.10")
SHA256 = "2.16.840.1.101.3.4.2.1"


def test_oid() -> None:
    assert algorithm_oid(check_der(encode_tlv(0x30, encode_oid("1.3.14.3.2.29")))) == (
        "1.3.14.3.2.29"
    )


def test_parameters_that_openssl_writes() -> None:
    options = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"]
    request = openssl_output(
        "req", "-new", "-key", str(key_path("device")), "-subj", "/CN=x", "-sha256", *options,
        "-outform", "DER",
    )  # fmt: skip
    parameters = pss_parameters(parse_pkcs10(request).algorithm_raw)
    assert parameters == PssParameters(digest=SHA256, mask_digest=SHA256, salt_length=32)


@pytest.mark.parametrize("algorithm", [encode_tlv(0x30, PSS), encode_tlv(0x30, PSS, b"\x30\x00")])
def test_defaults_of_rfc_4055(algorithm: bytes) -> None:
    sha1 = "1.3.14.3.2.26"
    expected = PssParameters(digest=sha1, mask_digest=sha1, salt_length=20)
    assert pss_parameters(algorithm) == expected


@pytest.mark.parametrize("salt_length", [-1, 1025, 2**2000])
def test_impossible_salt_length(salt_length: int) -> None:
    salt = encode_tlv(0xA2, encode_integer(salt_length))
    with pytest.raises(Asn1Error, match="impossible salt length"):
        pss_parameters(encode_tlv(0x30, PSS, encode_tlv(0x30, salt)))


def test_parameters_of_another_type() -> None:
    with pytest.raises(Asn1Error, match="no RSASSA-PSS parameters"):
        pss_parameters(encode_tlv(0x30, PSS, encode_integer(1)))
