"""PEM as openssl writes and reads it."""

from __future__ import annotations

import pytest

from mdmcore.errors import Asn1Error
from mdmcore.pki.pem import encode_pem, pem_blocks
from tests.support.certification_requests import build_request
from tests.support.openssl import openssl_output


def test_reads_what_openssl_writes_and_writes_what_openssl_reads() -> None:
    der = build_request()
    pem = openssl_output("req", "-inform", "DER", "-outform", "PEM", data=der)
    (block,) = pem_blocks(b"some text\n" + pem)
    assert (block.label, block.offset, block.der) == ("CERTIFICATE REQUEST", 10, der)
    assert encode_pem("CERTIFICATE REQUEST", der) == pem


def test_several_blocks_in_order_and_with_crlf() -> None:
    text = (encode_pem("A", b"1") + b"between" + encode_pem("B", b"2")).replace(b"\n", b"\r\n")
    assert [(block.label, block.der) for block in pem_blocks(text)] == [("A", b"1"), ("B", b"2")]


def test_what_is_no_pem_has_no_blocks() -> None:
    assert pem_blocks(build_request()) == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"xx-----BEGIN A-----\nAAAA", "no end line"),
        (b"xx-----BEGIN A-----\nAAAA-----END B-----", "no end line"),
        (b"xx-----BEGIN A-----\nA*AA\n-----END A-----", "not base64"),
        (b"xx-----BEGIN A-----\nAAA\n-----END A-----", "not base64"),
    ],
)
def test_broken_blocks_are_told_with_their_place(text: bytes, reason: str) -> None:
    with pytest.raises(Asn1Error, match=reason) as caught:
        pem_blocks(text)
    assert caught.value.offset == 2
