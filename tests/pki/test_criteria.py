"""Search criteria: written, taken apart, and compared with subjects."""

from __future__ import annotations

import string
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.pki.asn1.der import SEQUENCE, SET, encode_oid, encode_tlv
from mdmcore.pki.asn1.name import COMMON_NAME, DistinguishedName, parse_name
from mdmcore.pki.certificate import parse_certificate
from mdmcore.pki.certificate_builder import encode_common_name
from mdmcore.pki.criteria import (
    criteria_match,
    decode_hub_criteria,
    hub_criteria,
    hub_criteria_of,
    parse_ssl_client_criteria,
    percent_decode,
    percent_encode,
    ssl_client_criteria,
    ssl_client_criteria_of,
    subject_matches,
    subject_problems,
)
from tests.support.certificates import captured_certificates

GUID = "3F2504E0-4F89-11D3-9A0C-0305E82C3301"
RFC_2396_UNRESERVED = string.ascii_letters + string.digits + "-_.!~*'()"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def cn(text: str, *, tag: int = 0x0C) -> DistinguishedName:
    return parse_name(encode_common_name(text.encode(), tag))


def test_example_of_the_digest() -> None:
    text = ssl_client_criteria(GUID)
    assert text == f"Subject=CN%3D{GUID}&Stores=My%5CUser"
    assert hub_criteria(GUID) == f"CN%3D{GUID}"


@pytest.mark.parametrize("character", [chr(code) for code in range(1, 256)])
def test_exactly_what_rfc_2396_calls_unreserved_stays(character: str) -> None:
    encoded = percent_encode(character)
    if character in RFC_2396_UNRESERVED:
        assert encoded == character
    else:
        assert encoded == "".join(f"%{octet:02X}" for octet in character.encode())


@given(TEXTS)
def test_percent_encoding_round_trip(text: str) -> None:
    assert percent_decode(percent_encode(text)) == text
    assert unquote_to_bytes(percent_encode(text)).decode() == text


@given(TEXTS.filter(lambda text: "\0" not in text and "\uf000" not in text))
def test_criteria_for_a_common_name_match_it_and_nothing_else(text: str) -> None:
    criteria = parse_ssl_client_criteria(ssl_client_criteria(text))
    assert criteria.subject is not None
    assert subject_matches(criteria.subject, cn(text))
    assert subject_matches(decode_hub_criteria(hub_criteria(text)), cn(text))
    assert not subject_matches(criteria.subject, cn(text + "x"))
    assert (criteria.has_prefix, criteria.has_store, criteria.is_fully_encoded) == (True,) * 3
    assert criteria.stores == ("My\\User",)


@given(st.text(max_size=80))
def test_any_text_has_a_reading(text: str) -> None:
    criteria = parse_ssl_client_criteria(text)
    assert criteria.text == text
    assert isinstance(subject_matches(text, cn("x")), bool)


@pytest.mark.parametrize(
    ("text", "subject", "stores", "has_prefix", "has_store"),
    [
        ("Subject=CN%3DA&Stores=My%5CUser", "CN=A", ("My\\User",), True, True),
        ("Subject=CN%3dA&Stores=my%5cuser", "CN=A", ("my\\user",), True, True),
        ("Subject=CN=A&Stores=My\\User", "CN=A", ("My\\User",), True, True),
        ("Subject=CN%3DA", "CN=A", None, True, False),
        ("Subject=CN%3DA&Stores=My%5CSystem", "CN=A", ("My\\System",), True, False),
        (
            "Subject=CN%3DA&Stores=My%5CSystem%EF%80%80My%5CUser",
            "CN=A",
            ("My\\System", "My\\User"),
            True,
            True,
        ),
        ("Stores=My%5CUser&Subject=CN%3DA", "CN=A", ("My\\User",), False, False),
        ("subject=CN%3DA&stores=My%5CUser", None, None, False, False),
        ("Subject%3DCN%3DA&Stores=My%5CUser", None, ("My\\User",), False, True),
        ("CN%3DA", None, None, False, False),
        ("Subject=CN%3DA&Other=x&Stores=My%5CUser", "CN=A", ("My\\User",), True, True),
        ("Subject=CN%3DA&Stores=My%5CUser&Other=x", "CN=A", ("My\\User",), True, False),
        ("Subject=CN%3DA&Subject=CN%3DB", "CN=A", None, True, False),
        ("", None, None, False, False),
    ],
)
def test_forms_of_criteria(
    text: str,
    subject: str | None,
    stores: tuple[str, ...] | None,
    has_prefix: bool,
    has_store: bool,
) -> None:
    criteria = parse_ssl_client_criteria(text)
    assert (criteria.subject, criteria.stores) == (subject, stores)
    assert (criteria.has_prefix, criteria.has_store) == (has_prefix, has_store)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Subject=CN%3DA&amp;Stores=My%5CUser", True),
        ("Subject=CN%253DA&Stores=My%5CUser", True),
        ("Subject=CN%3DA&Stores=My%5CUser", False),
        ("Subject=CN%3D25%25&Stores=My%5CUser", False),
    ],
)
def test_double_escaping_is_seen(text: str, expected: bool) -> None:
    assert parse_ssl_client_criteria(text).is_double_escaped is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Subject=CN%3DA%2CO%3DB&Stores=My%5CUser", True),
        ("Subject=CN%3DA,O%3DB&Stores=My%5CUser", False),
        ("Subject=CN=A&Stores=My%5CUser", False),
        ("Subject=CN%3DA B", False),
        ("Subject=CN%3DA%2", False),
        ("Stores=My%5CUser", True),
    ],
)
def test_missing_encoding_is_seen(text: str, expected: bool) -> None:
    assert parse_ssl_client_criteria(text).is_fully_encoded is expected


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("CN%3DTestCN", "CN=TestCN"),
        ("CN=TestCN", "CN=TestCN"),
        ("CN=B1C43CD0%2D1624", "CN=B1C43CD0-1624"),
        ("CN%253DA", "CN%3DA"),
        ("CN=A%FF", "CN=A\ufffd"),
    ],
)
def test_hub_criteria_are_decoded_once(text: str, decoded: str) -> None:
    assert decode_hub_criteria(text) == decoded


def two_rdns() -> DistinguishedName:
    rdns = (("2.5.4.10", b"Org, Inc."), ("2.5.4.3", b"A"))
    sets = (
        encode_tlv(0x31, encode_tlv(0x30, encode_oid(oid), encode_tlv(0x13, value)))
        for oid, value in rdns
    )
    return parse_name(encode_tlv(0x30, *sets))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('O="Org, Inc.", CN=A', True),
        ('O="Org, Inc.",CN=A', True),
        ('2.5.4.10="Org, Inc.";CN=A', True),
        ('CN=A, O="Org, Inc."', False),
        ("O=Org, Inc., CN=A", False),
        ("CN=A", False),
        ('O="Org, Inc."+CN=A', False),
        ('O="org, inc.", CN=A', False),
    ],
)
def test_all_rdns_in_the_order_of_the_encoding(text: str, expected: bool) -> None:
    assert subject_matches(text, two_rdns()) is expected
    assert two_rdns().x500_text() == 'O="Org, Inc.", CN=A'


def test_values_compare_by_case() -> None:
    assert subject_matches("CN=Device", cn("Device"))
    assert not subject_matches("CN=DEVICE", cn("Device"))


def test_string_type_does_not_count_here() -> None:
    assert subject_matches("CN=A", cn("A", tag=0x13))
    assert subject_matches("CN=A", cn("A", tag=0x0C))


def test_text_ends_at_its_first_nul() -> None:
    assert subject_matches("CN=A\0B", cn("A"))
    assert not subject_matches("CN=A\0", cn("A\0", tag=0x13))
    assert not subject_matches("CN=A", cn("A\0", tag=0x13))
    assert not subject_matches("\0CN=A", cn("A"))


def test_order_of_attributes_inside_one_rdn_does_not_count() -> None:
    one = encode_tlv(0x30, encode_oid("2.5.4.3"), encode_tlv(0x13, b"a"))
    two = encode_tlv(0x30, encode_oid("2.5.4.10"), encode_tlv(0x13, b"b"))
    name = parse_name(encode_tlv(0x30, encode_tlv(0x31, one, two)))
    assert subject_matches("O=b + CN=a", name)
    assert subject_matches("CN=a+O=b", name)


def test_one_of_several_values_is_enough() -> None:
    assert subject_matches("CN=B\uf000CN=A", cn("A"))
    assert not subject_matches("CN=B\uf000CN=C", cn("A"))


def test_captured_subjects_match_criteria_made_for_them() -> None:
    """The captured document has no criteria of its own; these are made as a server would."""
    root, leaf = map(parse_certificate, captured_certificates())
    common_name = leaf.subject.common_name
    assert common_name == "1E08C6E95D8BB843B1278FF45BC60CC6"
    criteria = parse_ssl_client_criteria(ssl_client_criteria(common_name))
    assert criteria.subject is not None
    assert subject_matches(criteria.subject, leaf.subject)
    assert not subject_matches(criteria.subject, root.subject)
    text = "Subject=O%3DMattrax%20Identity%2CCN%3DWindows%20MDM%20Demo%20Identity&Stores=My%5CUser"
    two = parse_ssl_client_criteria(text).subject
    assert two is not None
    assert subject_matches(two, root.subject)
    assert subject_matches(root.subject.x500_text(), root.subject)


def _two_rdns() -> DistinguishedName:
    pairs = ((COMMON_NAME, b"A B"), ("2.5.4.10", b"Corp, Inc"))
    rdns = (
        encode_tlv(SET, encode_tlv(SEQUENCE, encode_oid(oid), encode_tlv(0x13, value)))
        for oid, value in pairs
    )
    return parse_name(encode_tlv(SEQUENCE, *rdns))


def test_criteria_of_a_name_with_several_rdns_names_it() -> None:
    name = _two_rdns()
    assert hub_criteria_of(name) == "CN%3DA%20B%2C%20O%3D%22Corp%2C%20Inc%22"
    assert criteria_match(hub_criteria_of(name), name)
    assert criteria_match(ssl_client_criteria_of(name), name)
    assert not criteria_match("CN%3DA%20B", name)
    assert subject_problems(name) == ()


def test_empty_subject_cannot_be_found() -> None:
    (problem,) = subject_problems(parse_name(encode_tlv(SEQUENCE)))
    assert "empty" in problem
