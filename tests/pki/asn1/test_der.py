"""The TLV layer: offsets of everything that can be wrong, bounds, encoders."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import Asn1Error
from mdmcore.pki.asn1 import der
from tests.support.openssl import openssl_output

NESTED = der.encode_tlv(
    der.SEQUENCE,
    der.encode_integer(5),
    der.encode_tlv(der.SEQUENCE, der.encode_tlv(der.OCTET_STRING, b"x" * 200)),
    der.encode_tlv(der.NULL),
)


def refusal(data: bytes) -> Asn1Error:
    with pytest.raises(Asn1Error) as caught:
        der.check_der(data)
    return caught.value


def test_reads_tag_header_content_and_original_bytes() -> None:
    outer = der.check_der(NESTED)
    integer, sequence, null = outer.children()
    assert (outer.tag, outer.start, outer.header, outer.end) == (0x30, 0, 3, len(NESTED))
    assert (integer.start, integer.content, integer.raw) == (3, b"\x05", b"\x02\x01\x05")
    assert sequence.children()[0].content == b"x" * 200
    assert (null.raw, null.end) == (b"\x05\x00", len(NESTED))


def test_truncation_at_every_byte_names_the_end_of_the_input() -> None:
    for size in range(len(NESTED)):
        error = refusal(NESTED[:size])
        assert error.offset == size
        assert f"offset {size}" in str(error)


def test_trailing_bytes_are_refused_where_they_begin() -> None:
    error = refusal(NESTED + b"\0\0")
    assert error.offset == len(NESTED)
    assert "2 trailing bytes" in str(error)


def test_child_longer_than_its_parent_is_refused_at_the_child() -> None:
    error = refusal(bytes.fromhex("300730030202010500"))
    assert error.offset == 4
    assert "INTEGER at offset 4 ends at 8, behind its parent's end at 7" in error.message


@pytest.mark.parametrize(
    ("text", "offset", "reason"),
    [
        ("3080020105" + "0000", 1, "indefinite"),
        ("308103020105", 1, "shortest"),
        ("30820003020105", 1, "shortest"),
        ("30850000000003020105", 1, "too large"),
        ("30031f0100", 2, "above 30"),
        ("", 0, "missing"),
    ],
)
def test_encodings_that_are_not_der(text: str, offset: int, reason: str) -> None:
    error = refusal(bytes.fromhex(text))
    assert reason in error.message
    assert error.offset == offset


def test_depth_is_bounded() -> None:
    data = b""
    for _ in range(der.MAX_DEPTH + 1):
        data = der.encode_tlv(der.SEQUENCE, data)
    assert "nested deeper" in refusal(data).message
    assert der.check_der(der.read_tlv(data).content).end == 2 * der.MAX_DEPTH


def test_size_and_number_of_elements_are_bounded() -> None:
    assert "more than" in refusal(b"\x04" * (der.MAX_BYTES + 1)).message
    many = der.encode_tlv(der.SEQUENCE, b"\x05\x00" * der.MAX_ELEMENTS)
    assert "elements" in refusal(many).message


def test_oid_length_is_bounded() -> None:
    endless = der.encode_tlv(der.OBJECT_IDENTIFIER, b"\xff" * der.MAX_OID_OCTETS + b"\x01")
    assert "OID" in refusal(endless).message


def test_expect_names_what_should_be_there() -> None:
    with pytest.raises(Asn1Error, match=r"the key should be SEQUENCE, but is INTEGER"):
        der.expect(der.check_der(b"\x02\x01\x00"), der.SEQUENCE, "the key")


@pytest.mark.parametrize("tag", [(0xA0, "[0]"), (0x13, "PrintableString"), (0x1B, "tag 0x1b")])
def test_tags_have_names(tag: tuple[int, str]) -> None:
    assert der.tag_name(tag[0]) == tag[1]


@given(st.binary(max_size=70_000))
def test_encode_and_read_round_trip(content: bytes) -> None:
    element = der.check_der(der.encode_tlv(der.OCTET_STRING, content))
    assert element.content == content


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_an_error_with_an_offset_inside(data: bytes) -> None:
    offset: int | None = 0
    try:
        der.check_der(data)
    except Asn1Error as error:
        offset = error.offset
    assert offset is not None
    assert 0 <= offset <= len(data)


@given(st.integers(min_value=-(2**160), max_value=2**160))
def test_integers_round_trip_in_their_shortest_form(value: int) -> None:
    element = der.check_der(der.encode_integer(value))
    assert der.read_integer(element, "it", max_octets=30) == value
    first = element.content[:2]
    assert len(first) == 1 or not (first[0] == 0 and first[1] < 0x80)


def test_integer_has_a_bound() -> None:
    with pytest.raises(Asn1Error, match="9 octets"):
        der.read_integer(der.check_der(der.encode_integer(2**64)), "it", max_octets=8)


def test_openssl_reads_our_integers_and_oids() -> None:
    data = der.encode_tlv(
        der.SEQUENCE, der.encode_integer(-129), der.encode_oid("1.3.6.1.4.1.311.66.1.0")
    )
    text = openssl_output("asn1parse", "-inform", "DER", data=data).decode()
    assert ":-81" in text
    assert ":1.3.6.1.4.1.311.66.1.0" in text
