"""XML as documents, and back: nothing that XML says is lost on the way."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from mdmcore.errors import WbxmlError
from mdmcore.syncml.wbxml import (
    Opaque,
    WbxmlHeader,
    decode_document,
    document_element,
    element_document,
    encode_document,
)
from mdmcore.xml import parse_strict
from tests.syncml.wbxml.strategies import xml_messages
from tests.syncml.wbxml.vectors import FORMAL_12, W2, W2_XML, W4_XML, wbxml


def encoded(xml: str, **header: object) -> bytes:
    chosen = WbxmlHeader(**header) if header else None  # type: ignore[arg-type]
    return encode_document(element_document(parse_strict(xml.encode()), header=chosen))


def message(content: str, namespace: str = "SYNCML:SYNCML1.2") -> str:
    return f'<SyncML xmlns="{namespace}">{content}</SyncML>'


def body(xml: str) -> bytes:
    """What is written between the tags of SyncML 1.2 with an empty string table."""
    data = encoded(message(xml))
    assert data.startswith(b"\x03\xa4\x01\x6a\x00\x6d")
    return data[6:-1]


def described(element: ElementTree.Element) -> tuple[object, ...]:
    """All that XML says: names, attributes, texts."""
    children = tuple((described(sub), sub.tail or "") for sub in element)
    return element.tag, dict(element.attrib), element.text or "", children


def through_wbxml(xml: bytes, *, strict: bool = True) -> bytes:
    data = encode_document(element_document(parse_strict(xml)))
    return etree.tostring(
        document_element(decode_document(data, strict=strict))[0], encoding="utf-8"
    )


def test_the_vector_is_written_byte_for_byte() -> None:
    assert encoded(W2_XML) == W2
    assert encoded(W4_XML) == wbxml(
        b"\x6d\x6b\x45\x4b\x033\x00\x01\x54\x6e\x57\x03./Vendor/MSFT/X\x00\x01\x01\x5a\x00\x01"
        b"\x47\x03b64\x00\x01\x01\x00\x00\x4f\x03a<b&c\x00\x01\x01\x01\x01\x01"
    )


@pytest.mark.parametrize(
    ("namespace", "public_id"),
    [
        ("SYNCML:SYNCML1.2", "a401"),
        ("SYNCML:SYNCML1.1", "9f53"),
        ("SYNCML:SYNCML1.0", "9f51"),
    ],
)
def test_the_identifier_is_that_of_the_namespace(namespace: str, public_id: str) -> None:
    assert encoded(message("", namespace)) == bytes.fromhex(f"03{public_id}6a002d")


@pytest.mark.parametrize(
    ("xml", "public_id"),
    [
        ('<DevInf xmlns="syncml:devinf"><VerDTD>1.1</VerDTD></DevInf>', "9f54"),
        ('<DevInf xmlns="syncml:devinf"><VerDTD>1.2</VerDTD></DevInf>', "a403"),
        ('<MetInf xmlns="syncml:metinf"/>', "a402"),
        ("<other/>", "01"),
    ],
)
def test_other_documents_have_their_own(xml: str, public_id: str) -> None:
    assert encoded(xml).startswith(bytes.fromhex(f"03{public_id}6a"))


def test_a_tree_description_has_a_formal_identifier_only() -> None:
    data = encoded('<MgmtTree xmlns="syncml:dmddf1.2"><Node/></MgmtTree>')
    assert data == (b"\x03\x00\x00\x6a\x1b-//OMA//DTD-DM-DDF 1.2//EN\x00\x00\x02\x60\x24\x01")


def test_a_namespace_that_the_header_does_not_tell_is_an_attribute() -> None:
    data = encoded(message("<Final/>", "urn:mine"))
    assert data.startswith(b"\x03\xa4\x01\x6a\x06xmlns\x00\xed\x04\x00\x03urn:mine\x00\x01\x12")
    other = encoded(message("<Final/>", "SYNCML:SYNCML1.1"), version=2, public_id=FORMAL_12)
    assert b"xmlns\x00\xed" in other


def test_blanks_between_elements_are_left_out_but_not_those_below_data() -> None:
    assert body(" <SyncBody>\n <Final/>\t</SyncBody> ") == b"\x6b\x12\x01"
    assert body("<Data> </Data>") == b"\x4f\x03 \x00\x01"
    assert body("<Data> <Final/>\n</Data>") == b"\x4f\x03 \x00\x12\x03\n\x00\x01"


def test_an_unknown_name_is_a_literal_of_the_namespace_around_it() -> None:
    data = encoded(message('<Foo><Final/></Foo><Format/><Foo xmlns="urn:x"/>'))
    table = b"Foo\x00Format\x00xmlns\x00"
    assert data == wbxml(
        b"\x6d\x44\x00\x12\x01\x04\x04\x84\x00\x04\x0b\x03urn:x\x00\x01\x01", table=table
    )


def test_documents_below_data_are_opaque_and_named_by_their_type() -> None:
    inner = b"\x03\xa4\x03\x6a\x00\x4a\x51\x03x\x00\x01\x01"
    xml = (
        '<Item><Meta><Type xmlns="syncml:metinf">application/vnd.syncml-devinf+xml</Type></Meta>'
        '<Data><DevInf xmlns="syncml:devinf"><Man>x</Man></DevInf></Data></Item>'
    )
    assert body(xml) == (
        b"\x54\x5a\x00\x01\x53\x03application/vnd.syncml-devinf+wbxml\x00\x01\x01\x00\x00\x4f\xc3"
        + bytes([len(inner)])
        + inner
        + b"\x01\x01"
    )
    said = xml.replace("+xml", "+wbxml")
    assert b"\xc3" not in encoded(message(said))
    assert through_wbxml(message(said).encode()).decode() == message(said)


def test_wbxml_10_has_them_as_elements() -> None:
    xml = message('<Data><DevInf xmlns="syncml:devinf"/></Data>')
    assert b"\xc3" not in encoded(xml, version=0)


def test_marked_base64_becomes_bytes_again() -> None:
    xml = message(
        '<Data xmlns:w="urn:mdmproxy:wbxml" w:opaque="base64">AAEC</Data>'
        '<Data xmlns:w="urn:mdmproxy:wbxml" w:opaque="base64">no base64!</Data>'
    )
    tree = element_document(parse_strict(xml.encode())).tree
    assert tree.elements[0].content == (Opaque(data=b"\x00\x01\x02"),)
    assert tree.elements[0].attributes == ()
    assert tree.elements[1].text == "no base64!"
    assert described(ElementTree.fromstring(through_wbxml(xml.encode()))) == described(
        ElementTree.fromstring(xml)
    )


def test_the_attribute_of_windows_survives() -> None:
    xml = message(
        '<Data xmlns:msft="http://schemas.microsoft.com/MobileDevice/MDM" '
        'msft:originalerror="0x86000002">500</Data>'
    )
    assert through_wbxml(xml.encode()).decode() == xml


def test_elements_nested_too_deep_are_refused() -> None:
    with pytest.raises(WbxmlError, match="nested more than 64 deep"):
        encoded(message("<Data>" * 64 + "</Data>" * 64))
    encoded(message("<Data>" * 63 + "</Data>" * 63))


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(xml_messages())
def test_xml_loses_nothing_in_wbxml(xml: bytes) -> None:
    found = through_wbxml(xml)
    assert described(ElementTree.fromstring(found)) == described(ElementTree.fromstring(xml))
