"""Requests are taken apart without losing a byte, and refused with a place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import Asn1Error
from mdmcore.pki.asn1.der import check_der, encode_integer, encode_tlv
from mdmcore.pki.asn1.pkcs10 import RequestParts, bit_string_octets, decode_request
from tests.support.certification_requests import LUMIA, REAL_REQUESTS, build_request, real_request


@pytest.mark.parametrize("name", REAL_REQUESTS, ids=lambda name: name[1])
def test_pieces_are_the_original_bytes(name: tuple[str, str]) -> None:
    data = real_request(name)
    parts = decode_request(data)
    info = data[4 : 4 + len(parts.info)]
    assert parts.info == info
    pieces = b"\x02\x01\x00" + parts.subject.raw + parts.spki + parts.attributes
    assert info.endswith(pieces)
    assert data.endswith(parts.algorithm + b"\x03\x82\x01\x01\x00" + parts.signature)
    assert len(parts.signature) == 256


@pytest.mark.parametrize("name", REAL_REQUESTS, ids=lambda name: name[1])
def test_truncation_at_every_byte_is_an_error_at_that_byte(name: tuple[str, str]) -> None:
    data = real_request(name)
    for size in range(len(data)):
        with pytest.raises(Asn1Error) as caught:
            decode_request(data[:size])
        assert caught.value.offset == size


def test_trailing_byte() -> None:
    data = real_request(LUMIA)
    with pytest.raises(Asn1Error) as caught:
        decode_request(data + b"\0")
    assert caught.value.offset == len(data)


def test_missing_attributes_element_is_read() -> None:
    parts = decode_request(build_request(attributes=b""))
    assert parts.attributes == b""


def wrong(*fields: bytes, algorithm: bytes = b"", signature: bytes = b"\x03\x02\x00\x00") -> bytes:
    info = encode_tlv(0x30, *fields)
    return encode_tlv(0x30, info, algorithm or encode_tlv(0x30, b"\x06\x01\x2a"), signature)


ZERO, NAME, KEY = encode_integer(0), encode_tlv(0x30), encode_tlv(0x30)


@pytest.mark.parametrize(
    ("data", "offset", "reason"),
    [
        (encode_integer(1), 0, "a certification request should be SEQUENCE"),
        (encode_tlv(0x30, ZERO), 0, "1 elements instead of 3"),
        (wrong(ZERO), 2, "1 elements instead of 3 or 4"),
        (wrong(NAME, NAME, KEY), 4, "the version should be INTEGER"),
        (wrong(encode_integer(2**40), NAME, KEY), 4, "the version has 6 octets"),
        (wrong(ZERO, ZERO, KEY), 7, "a name should be SEQUENCE"),
        (wrong(ZERO, NAME, ZERO), 9, "SubjectPublicKeyInfo should be SEQUENCE"),
        (wrong(ZERO, NAME, KEY, b"\x31\x00"), 11, "the attributes should be [0]"),
        (wrong(ZERO, NAME, KEY, b"\xa0\x02\x05\x00"), 0, "no certification request"),
        (wrong(ZERO, NAME, KEY, algorithm=b"\x30\x00"), 11, "no algorithm identifier"),
        (wrong(ZERO, NAME, KEY, signature=ZERO), 16, "the signature should be BIT STRING"),
        (wrong(ZERO, NAME, KEY, signature=b"\x03\x02\x04\xf0"), 16, "whole octets"),
        (wrong(ZERO, NAME, KEY, signature=b"\x03\x00"), 16, "whole octets"),
    ],
)
def test_wrong_structure_is_told_with_its_place(data: bytes, offset: int, reason: str) -> None:
    with pytest.raises(Asn1Error) as caught:
        decode_request(data)
    assert reason in caught.value.message
    assert caught.value.offset == offset


@given(position=st.integers(min_value=0, max_value=10_000), value=st.integers(0, 255))
def test_a_changed_byte_never_gives_another_exception(position: int, value: int) -> None:
    data = bytearray(build_request())
    data[position % len(data)] = value
    try:
        parts = decode_request(bytes(data))
    except Asn1Error:
        return
    assert isinstance(parts, RequestParts)
    assert parts.subject.rfc4514() is not None


def test_bit_string_octets() -> None:
    assert bit_string_octets(check_der(b"\x03\x03\x00ab")) == b"ab"
