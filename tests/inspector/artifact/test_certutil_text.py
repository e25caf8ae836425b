"""The descriptions that certutil prints of certificates and requests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.inspector.artifact.certutil_text import is_certutil_text, read_certutil_text

CERTIFICATE = """X509 Certificate:
Version: 3
Serial Number: 610d9f2c000000000002
Signature Algorithm:
    Algorithm ObjectId: 1.2.840.113549.1.1.11 sha256RSA
    Algorithm Parameters:
    05 00
Issuer:
    CN=Example CA
    DC=example
    DC=test
  Name Hash(sha1): 5a1c
 NotBefore: 2/1/2021 6:18 PM
 NotAfter: 2/1/2022 6:18 PM

Subject:
    CN=B1C43CD0-1624-5FBB-8E54-34CF17DFD3A1
  Name Hash(sha1): aa00

Public Key Algorithm:
    Algorithm ObjectId: 1.2.840.113549.1.1.1 RSA (RSA_SIGN)
    Algorithm Parameters:
    05 00
Public Key Length: 2048 bits
Public Key: UnusedBits = 0
    0000  30 82 01 0a 02 82 01 01  00 a1
Cert Hash(sha1): 01 23 45 67 89 ab cd ef 01 23 45 67 89 ab cd ef 01 23 45 67
CertUtil: -dump command completed successfully.
"""
REQUEST = """PKCS10 Certificate Request:
Version: 1
Subject:
    CN=DEVICE
  Name Hash(sha1): bb
Public Key Algorithm:
    Algorithm ObjectId: 1.2.840.113549.1.1.1 RSA
Public Key Length: 2048 bits
Signature Algorithm:
    Algorithm ObjectId: 1.3.14.3.2.29 sha1RSA
"""


def test_the_values_of_a_certificate() -> None:
    is_request, facts = read_certutil_text(CERTIFICATE.encode())
    assert not is_request
    assert facts == {
        "serial": "610d9f2c000000000002",
        "signature_algorithm": "1.2.840.113549.1.1.11 sha256RSA",
        "issuer": "CN=Example CA, DC=example, DC=test",
        "not_before": "2/1/2021 6:18 PM",
        "not_after": "2/1/2022 6:18 PM",
        "subject": "CN=B1C43CD0-1624-5FBB-8E54-34CF17DFD3A1",
        "public_key": "2048 bits",
        "thumbprint": "0123456789ABCDEF0123456789ABCDEF01234567",
    }


def test_the_values_of_a_request() -> None:
    is_request, facts = read_certutil_text(REQUEST.encode())
    assert is_request
    assert facts == {
        "subject": "CN=DEVICE",
        "public_key": "2048 bits",
        "signature_algorithm": "1.3.14.3.2.29 sha1RSA",
    }


@pytest.mark.parametrize("text", [CERTIFICATE, REQUEST])
def test_it_is_recognised_also_with_the_blanks_of_web_pages(text: str) -> None:
    for each in (text, "C:\\>certutil x.cer\n" + text, text.replace("    ", "\xa0\xa0\xa0 ")):
        assert is_certutil_text(each.encode())
    assert read_certutil_text(text.replace("  ", "\xa0 ").encode())[1]["subject"]


def test_a_word_in_a_sentence_is_no_description() -> None:
    assert not is_certutil_text(b"I have an X509 Certificate: what now?")


@given(st.text(max_size=300))
def test_any_text_behind_the_title_is_answered(text: str) -> None:
    read_certutil_text(f"X509 Certificate:\n{text}".encode())
