"""The requests of real devices, and what is wrong with broken ones."""

from __future__ import annotations

import hashlib

import pytest

from mdmcore.errors import Asn1Error
from mdmcore.pki.csr import parse_pkcs10, signature_problem
from tests.support.certification_requests import LUMIA, REAL_REQUESTS, build_request, real_request
from tests.support.openssl import openssl_output, request_verifies

EXPECTED = {
    "lumia630_csr.der": ("B1C43CD0-1624-5FBB-8E54-34CF17DFD3A1\0", 0x13, "1.3.14.3.2.29"),
    "win10_19043_csr.der": (
        "BA405A5D-B1C7-4737-81C8-8F379A!1E08C6E95D8BB843B1278FF45BC60CC6\0",
        0x13,
        "1.3.14.3.2.29",
    ),
    "poc_ngrok_win10_csr.der": (
        "562A7F9A-6CD8-40B0-9E7E-0DBDD8!B5B954E81FBCB94EB79BD08BE625F4EE\0",
        0x13,
        "1.3.14.3.2.29",
    ),
    "mdmtest_win11_csr.der": (
        "0F3B8E6C-A271-4556-9B72-A26CBD!8090C8B484A0E24EB5C56E806CB4EE5B",
        0x0C,
        "1.2.840.113549.1.1.11",
    ),
}


@pytest.mark.parametrize("name", REAL_REQUESTS, ids=lambda name: name[1])
def test_real_requests_are_read_as_they_are(name: tuple[str, str]) -> None:
    csr = parse_pkcs10(real_request(name))
    (attribute,) = csr.subject.attributes
    assert (attribute.text, attribute.tag, csr.signature_algorithm) == EXPECTED[name[1]]
    assert (csr.version, csr.key_bits) == (0, 2048)
    assert csr.digest_name == ("SHA-1" if csr.signature_algorithm.endswith("29") else "SHA-256")


@pytest.mark.parametrize("name", REAL_REQUESTS, ids=lambda name: name[1])
def test_real_requests_prove_their_key_to_us_and_to_openssl(name: tuple[str, str]) -> None:
    data = real_request(name)
    assert signature_problem(parse_pkcs10(data)) is None
    assert request_verifies(data)


@pytest.mark.parametrize("name", REAL_REQUESTS, ids=lambda name: name[1])
def test_key_digest_is_that_of_the_key_openssl_sees(name: tuple[str, str]) -> None:
    data = real_request(name)
    pem = openssl_output("req", "-inform", "DER", "-pubkey", "-noout", data=data)
    public = openssl_output("pkey", "-pubin", "-outform", "DER", data=pem)
    csr = parse_pkcs10(data)
    assert csr.spki == public
    assert csr.spki_sha256 == hashlib.sha256(public).hexdigest()


def test_lumia_has_an_empty_attributes_element() -> None:
    assert parse_pkcs10(real_request(LUMIA)).attributes_raw == b"\xa0\x00"


@pytest.mark.parametrize("name", REAL_REQUESTS, ids=lambda name: name[1])
def test_changed_subject_breaks_the_signature_for_us_and_for_openssl(
    name: tuple[str, str],
) -> None:
    data = real_request(name)
    edited = data.replace(b"-", b"+", 1)
    assert edited != data
    digest = parse_pkcs10(data).digest_name
    assert signature_problem(parse_pkcs10(edited)) == f"the signature does not verify ({digest})"
    assert not request_verifies(edited)


def test_signature_by_another_key_is_told() -> None:
    csr = parse_pkcs10(build_request(signing_key="device2"))
    assert signature_problem(csr) == "the signature does not verify (SHA-256)"


def test_signature_cut_short_is_told() -> None:
    data = build_request()
    csr = parse_pkcs10(data[:-1] + bytes((data[-1] ^ 1,)))
    assert signature_problem(csr) == "the signature does not verify (SHA-256)"


def test_truncated_request_names_the_offset() -> None:
    with pytest.raises(Asn1Error, match=r"needs 629 bytes, 400 are there \(offset 400\)"):
        parse_pkcs10(real_request(LUMIA)[:400])
