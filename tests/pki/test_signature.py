"""Signatures over the original bytes, made by openssl and checked by us."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes

from mdmcore.pki.asn1.der import encode_oid, encode_tlv
from mdmcore.pki.csr import parse_pkcs10, signature_problem
from mdmcore.pki.signature import (
    RSASSA_PSS,
    SHA1_WITH_RSA_OIW,
    Signed,
    digest_name,
    key_bits,
    load_public_key,
    verification_problem,
)
from tests.support.certification_requests import build_request
from tests.support.keys import key_path, spki
from tests.support.openssl import openssl_output

PSS = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:20")


def openssl_request(*options: str, key: Path | None = None) -> bytes:
    path = str(key or key_path("device"))
    return openssl_output(
        "req", "-new", "-key", path, "-subj", "/CN=x", *options, "-outform", "DER"
    )


@pytest.mark.parametrize(
    ("options", "digest"),
    [
        (("-md5",), "MD5"),
        (("-sha1",), "SHA-1"),
        (("-sha256",), "SHA-256"),
        (("-sha384",), "SHA-384"),
        (("-sha512",), "SHA-512"),
        (("-sha1", *PSS), "SHA-1"),
        (("-sha256", *PSS), "SHA-256"),
        (("-sha256", *PSS, "-sigopt", "rsa_mgf1_md:sha512"), "SHA-256"),
    ],
)
def test_rsa_signatures_by_openssl_verify(options: tuple[str, ...], digest: str) -> None:
    csr = parse_pkcs10(openssl_request(*options))
    assert signature_problem(csr) is None
    assert csr.digest_name == digest


@pytest.mark.parametrize("digest", ["sha1", "sha256", "sha384", "sha512"])
def test_ecdsa_signatures_by_openssl_verify(digest: str, tmp_path: Path) -> None:
    key = tmp_path / "ec.pem"
    curve = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    openssl_output("genpkey", *curve, "-out", str(key))
    csr = parse_pkcs10(openssl_request(f"-{digest}", key=key))
    assert signature_problem(csr) is None
    assert csr.key_bits == 256


def test_oid_of_oiw_is_sha1_with_rsa() -> None:
    csr = parse_pkcs10(build_request(oid=SHA1_WITH_RSA_OIW, digest=hashes.SHA1()))
    assert signature_problem(csr) is None
    assert csr.digest_name == "SHA-1"


def test_wrong_digest_name_in_the_algorithm_does_not_verify() -> None:
    csr = parse_pkcs10(build_request(digest=hashes.SHA1()))
    assert signature_problem(csr) == "the signature does not verify (SHA-256)"


def problem(
    oid: str = "1.2.840.113549.1.1.11", *, key: bytes | None = None, algorithm: bytes = b""
) -> str | None:
    signed = Signed(data=b"x", algorithm=algorithm, oid=oid, signature=b"\0" * 256)
    return verification_problem(signed, spki("device") if key is None else key)


def test_what_cannot_be_verified_says_why() -> None:
    assert problem() == "the signature does not verify (SHA-256)"
    assert problem("1.2.3") == "the signature algorithm 1.2.3 is not one we know"
    assert problem(key=b"\x30\x00") == "the public key cannot be read"
    ecdsa = "1.2.840.10045.4.3.2"
    assert problem(ecdsa) == f"the signature algorithm {ecdsa} does not fit the key"


def test_pss_that_cannot_be_verified_says_why(tmp_path: Path) -> None:
    broken = problem(RSASSA_PSS, algorithm=b"\x30")
    assert broken is not None
    assert broken.startswith("the signature cannot be verified: truncated")
    odd = encode_tlv(0x30, encode_oid("1.2.3"))
    parameters = encode_tlv(0x30, encode_tlv(0xA0, odd))
    algorithm = encode_tlv(0x30, encode_oid(RSASSA_PSS), parameters)
    assert problem(RSASSA_PSS, algorithm=algorithm) == "the digest 1.2.3 is not one we know"
    assert digest_name(RSASSA_PSS, algorithm) == "1.2.3"
    assert digest_name(RSASSA_PSS, b"\x30") == RSASSA_PSS
    key = tmp_path / "ec.pem"
    openssl_output("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(key))
    public = openssl_output("pkey", "-in", str(key), "-pubout", "-outform", "DER")
    fit = f"the signature algorithm {RSASSA_PSS} does not fit the key"
    assert problem(RSASSA_PSS, key=public, algorithm=algorithm) == fit


def test_sizes_of_keys(tmp_path: Path) -> None:
    key = tmp_path / "ed.pem"
    openssl_output("genpkey", "-algorithm", "ED25519", "-out", str(key))
    public = openssl_output("pkey", "-in", str(key), "-pubout", "-outform", "DER")
    assert key_bits(spki("device")) == 2048
    assert load_public_key(public) is not None
    assert key_bits(public) is None
    assert key_bits(b"") is None


def test_unknown_digest_is_named_by_its_oid() -> None:
    assert digest_name("1.2.3", b"") == "1.2.3"
