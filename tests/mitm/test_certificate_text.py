"""Readable lines about certificates and requests, real ones among them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mdmcore.mitm.certificate_text import describe_der, describe_pem
from mdmcore.pki.authority import certificate_pem
from tests.support.certification_requests import REAL_REQUESTS, build_request, real_request
from tests.support.keys import key_path
from tests.support.renewal import renewal_pkcs7
from tests.support.requirements import require_program
from tests.support.server import make_authority

CERTIFICATE = make_authority().certificate


def test_a_certificate() -> None:
    text = describe_der(CERTIFICATE)
    value = "    CN=Test enrollment CA (PrintableString, tag 13, 18 bytes without NUL)"
    assert text.splitlines()[:6] == [
        "X.509 certificate",
        "  subject: CN=Test enrollment CA",
        value,
        "  issuer: CN=Test enrollment CA",
        value,
        "  serial: 1",
    ]
    assert "  CA: yes" in text


def test_a_request_with_a_bad_signature() -> None:
    text = describe_der(build_request(signing_key="device2"))
    assert "self-signature: valid" not in text


@pytest.mark.parametrize("name", REAL_REQUESTS, ids=lambda name: name[1])
def test_the_requests_of_real_devices(name: tuple[str, str]) -> None:
    text = describe_der(real_request(name))
    assert text.startswith("PKCS#10 certificate request")
    assert "self-signature: valid" in text


def test_every_block_of_a_pem_text() -> None:
    text = describe_pem(b"words\n" + certificate_pem(CERTIFICATE) * 2)
    assert text.count("X.509 certificate") == 2


def test_a_private_key_is_not_shown() -> None:
    pem = key_path("device").read_bytes()
    text = describe_pem(pem)
    assert text.endswith("PRIVATE KEY: not shown")
    assert pem.splitlines()[1].decode() not in text


def test_an_unfinished_block() -> None:
    assert "without a complete block" in describe_pem(b"-----BEGIN CERTIFICATE-----\nMII")


def test_a_block_that_is_no_base64() -> None:
    pem = b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----"
    assert describe_pem(pem) == "CERTIFICATE: not base64"


def test_neither() -> None:
    assert describe_der(b"\x30\x00").startswith("neither a certificate (")


def test_a_pkcs7_with_its_signer_and_the_request_inside() -> None:
    text = describe_der(renewal_pkcs7())
    assert text.startswith("PKCS#7 SignedData\n")
    assert "  signature: valid" in text
    assert "\n    PKCS#10 certificate request\n" in text
    assert "  certificate 1:\n    X.509 certificate\n" in text


def test_a_pkcs7_that_is_cut_off_says_so() -> None:
    whole = renewal_pkcs7()
    for length in range(40, len(whole), 31):
        assert describe_der(whole[:length]).startswith("PKCS#7 SignedData\n  bytes: ")


def test_a_bundle_lists_its_certificates(tmp_path: Path) -> None:
    path, bundle = tmp_path / "ca.pem", tmp_path / "ca.p7b"
    path.write_bytes(certificate_pem(CERTIFICATE))
    command = [
        require_program("openssl"),
        "crl2pkcs7",
        "-nocrl",
        "-certfile",
        str(path),
        "-out",
        str(bundle),
    ]
    subprocess.run(command, check=True)
    text = describe_pem(bundle.read_bytes())
    assert "  certificates: 1" in text
    assert "subject: CN=Test enrollment CA" in text
    assert "  signature: none" in text
