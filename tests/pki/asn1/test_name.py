"""Names keep their bytes and string types, whatever a strict reader thinks of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.name import _ASN1Type
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import Asn1Error
from mdmcore.pki.asn1.der import encode_integer, encode_oid, encode_tlv
from mdmcore.pki.asn1.name import PRINTABLE_ALPHABET, NameAttribute, parse_name
from mdmcore.pki.certificate_builder import encode_common_name
from mdmcore.pki.csr import parse_pkcs10
from tests.support.keys import key_path
from tests.support.openssl import openssl_output

TYPES = [_ASN1Type.UTF8String, _ASN1Type.BMPString]


def attribute(tag: int, raw: bytes) -> NameAttribute:
    (only,) = parse_name(encode_common_name(raw, tag)).attributes
    return only


def test_nul_in_a_printable_string_is_kept_and_told() -> None:
    value = attribute(0x13, b"A\0")
    assert (value.text, value.raw, value.type_name) == ("A\0", b"A\0", "PrintableString")
    assert (value.has_nul, value.is_printable_alphabet) == (True, False)


def test_bmp_string_of_ascii_has_no_nul() -> None:
    value = attribute(0x1E, "AB".encode("utf-16-be"))
    assert (value.text, value.has_nul, value.type_name) == ("AB", False, "BMPString")


@pytest.mark.parametrize(
    ("tag", "raw", "text"),
    [
        (0x0C, "Zoë".encode(), "Zoë"),
        (0x0C, b"\xff", "\ufffd"),
        (0x14, b"Zo\xeb", "Zoë"),
        (0x1C, "Zoë".encode("utf-32-be"), "Zoë"),
        (0x1E, b"\xd8\x00", "\ufffd"),
        (0x13, b"\xeb", "ë"),
        (0x02, b"\x05", "#05"),
    ],
)
def test_string_types_decode(tag: int, raw: bytes, text: str) -> None:
    assert attribute(tag, raw).text == text


@pytest.mark.parametrize("character", "@_!*&\0")
def test_alphabet_leaves_out_what_x680_does(character: str) -> None:
    assert character not in PRINTABLE_ALPHABET


def test_openssl_calls_exactly_our_alphabet_printable(tmp_path: Path) -> None:
    """``string_mask = pkix`` makes openssl write PrintableString whenever the text allows it."""
    characters = [chr(code) for code in range(33, 127) if chr(code) not in "\\$\"'#`;"]
    lines = [f"{at}.CN = x{character}x" for at, character in enumerate(characters)]
    config = "[req]\nprompt=no\nstring_mask=pkix\ndistinguished_name=dn\n[dn]\n"
    (tmp_path / "cnf").write_text(config + "\n".join(lines) + "\n")
    request = openssl_output(
        "req", "-new", "-key", str(key_path("device")), "-config", str(tmp_path / "cnf"),
        "-outform", "DER",
    )  # fmt: skip
    attributes = parse_pkcs10(request).subject.attributes
    assert [one.text for one in attributes] == [f"x{character}x" for character in characters]
    for one in attributes:
        assert (one.type_name == "PrintableString") == one.is_printable_alphabet, one.text


@given(
    st.lists(
        st.tuples(
            st.sampled_from([x509.NameOID.COMMON_NAME, x509.NameOID.ORGANIZATION_NAME]),
            st.text(
                st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), min_size=1
            ).filter(lambda text: len(text.encode()) <= 60),
            st.sampled_from(TYPES),
        ),
        max_size=5,
    )
)
def test_names_written_by_cryptography_read_back(
    attributes: list[tuple[x509.ObjectIdentifier, str, _ASN1Type]],
) -> None:
    written = x509.Name([x509.NameAttribute(*one) for one in attributes])
    name = parse_name(written.public_bytes())
    assert name.raw == written.public_bytes()
    assert [(one.oid, one.text) for one in name.attributes] == [
        (oid.dotted_string, text) for oid, text, _ in attributes
    ]


def test_several_attributes_in_one_rdn() -> None:
    one = encode_tlv(0x30, encode_oid("2.5.4.3"), encode_tlv(0x13, b"a"))
    two = encode_tlv(0x30, encode_oid("2.5.4.10"), encode_tlv(0x0C, b"b"))
    name = parse_name(encode_tlv(0x30, encode_tlv(0x31, one, two), encode_tlv(0x31, one)))
    assert [len(rdn) for rdn in name.rdns] == [2, 1]
    assert (name.common_names, name.common_name) == (("a", "a"), "a")
    assert name.x500_text() == "CN=a + O=b, CN=a"
    assert name.rfc4514() == "CN=a,CN=a+O=b"


def test_name_without_common_name() -> None:
    assert parse_name(encode_tlv(0x30)).common_name is None


def test_rfc4514_shows_the_nul() -> None:
    assert parse_name(encode_common_name(b"A\0", 0x13)).rfc4514() == r"CN=A\00"


def test_not_a_name() -> None:
    with pytest.raises(Asn1Error, match="a name should be SEQUENCE"):
        parse_name(encode_integer(1))
    with pytest.raises(Asn1Error, match="no name"):
        parse_name(encode_tlv(0x30, encode_integer(1)))
