"""Documents as XML: vectors, namespaces, opaque data, and what XML has no word for."""

from __future__ import annotations

import pytest
from hypothesis import given
from lxml import etree

from mdmcore.errors import WbxmlError
from mdmcore.syncml.wbxml import WbxmlDocument, decode_document, document_element
from tests.syncml.wbxml.strategies import documents
from tests.syncml.wbxml.vectors import NOKIA, W1, W2, W2_XML, W3, W4, W4_XML, wbxml


def xml(data: bytes, *, strict: bool = True) -> str:
    root, _ = document_element(decode_document(data, strict=strict), strict=strict)
    return etree.tostring(root).decode()


def inside(content: bytes, *, table: bytes = b"", strict: bool = True) -> str:
    """What stands in a SyncML root with this content."""
    text = xml(wbxml(b"\x6d" + content + b"\x01", table=table), strict=strict)
    before, after = '<SyncML xmlns="SYNCML:SYNCML1.2">', "</SyncML>"
    assert text.startswith(before)
    assert text.endswith(after)
    return text[len(before) : -len(after)]


def notes(data: bytes) -> list[str]:
    document = decode_document(data, strict=False)
    _, problems = document_element(document, strict=False)
    return [problem.message for problem in problems]


@pytest.mark.parametrize(
    ("data", "expected"), [(W1, W2_XML), (W2, W2_XML), (W3, W2_XML), (W4, W4_XML)]
)
def test_the_vectors_are_the_xml_printed_beside_them(data: bytes, expected: str) -> None:
    assert xml(data) == expected
    assert notes(data) == []


def test_nokias_attribute_is_the_namespace() -> None:
    assert xml(NOKIA) == '<SyncML xmlns="SYNCML:SYNCML1.2"><SyncBody><Final/></SyncBody></SyncML>'
    other = NOKIA.replace(b"1.2\x00\x01", b"1.1\x00\x01")
    assert xml(other).startswith('<SyncML xmlns="SYNCML:SYNCML1.1"><SyncBody>')


@pytest.mark.parametrize(
    ("public_id", "version", "namespace"),
    [
        (b"\xa4\x01", b"1.2", "SYNCML:SYNCML1.2"),
        (b"\x9f\x53", b"1.1", "SYNCML:SYNCML1.1"),
        (b"\x01", b"1.1", "SYNCML:SYNCML1.1"),
        (b"\x01", b"1.2", "SYNCML:SYNCML1.2"),
        (b"\x01", b"7", "SYNCML:SYNCML1.2"),
    ],
)
def test_the_namespace_is_that_of_the_identifier_else_of_verdtd(
    public_id: bytes, version: bytes, namespace: str
) -> None:
    data = wbxml(b"\x6d\x6c\x71\x03" + version + b"\x00\x01\x01\x01", public_id=public_id)
    assert xml(data).startswith(f'<SyncML xmlns="{namespace}">')
    assert (notes(data) == []) == (version != b"7")


def test_an_identifier_against_verdtd_is_noted() -> None:
    data = wbxml(b"\x6d\x6c\x71\x031.2\x00\x01\x01\x01", public_id=b"\x9f\x53")
    assert notes(data) == ["the public identifier says SyncML 1.1, VerDTD says 1.2"]


def test_pages_are_namespaces() -> None:
    assert inside(b"\x5a\x00\x01\x53\x03t\x00\x01\x01\x00\x00\x4f\x00\x02\x60\x24\x25\x01\x01") == (
        '<Meta><Type xmlns="syncml:metinf">t</Type></Meta><Data>'
        '<MgmtTree xmlns="syncml:dmddf1.2"><Node/><node/></MgmtTree></Data>'
    )


@pytest.mark.parametrize(
    ("opaque", "expected"),
    [
        (b"a<b", "<Data>a&lt;b</Data>"),
        ("\u00e4".encode(), "<Data>&#228;</Data>"),
        (
            b"\x00\x01",
            '<Data xmlns:wbxml="urn:mdmproxy:wbxml" wbxml:opaque="base64">AAE=</Data>',
        ),
        (
            b"\xff",
            '<Data xmlns:wbxml="urn:mdmproxy:wbxml" wbxml:opaque="base64">/w==</Data>',
        ),
        (
            b"a\x1b",
            '<Data xmlns:wbxml="urn:mdmproxy:wbxml" wbxml:opaque="base64">YRs=</Data>',
        ),
        (b"", "<Data/>"),
    ],
)
def test_opaque_data_are_text_where_they_are_text(opaque: bytes, expected: str) -> None:
    found = inside(b"\x4f\xc3" + bytes([len(opaque)]) + opaque + b"\x01")
    assert found.replace("<Data></Data>", "<Data/>") == expected


def test_bytes_around_text_are_one_value() -> None:
    assert ">YQDvYg==</Data>" in inside(b"\x4f\x03a\x00\xc3\x02\x00\xef\x03b\x00\x01")


def test_bytes_without_format_bin_are_noted() -> None:
    data = b"\x4f\xc3\x01\x00\x01"
    plain = wbxml(b"\x6d\x45\x54" + data + b"\x01\x01\x01")
    assert notes(plain) == ["Data hold bytes, but Format is not bin"]
    format_bin = b"\x5a\x00\x01\x47\x03bin\x00\x01\x01\x00\x00"
    for body in (
        b"\x6d\x45\x54" + format_bin + data + b"\x01\x01\x01",
        b"\x6d\x45" + format_bin + b"\x54" + data + b"\x01\x01\x01",
    ):
        assert notes(wbxml(body)) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xc3\x10" + b"0123456789abcdef", "MDEyMzQ1Njc4OWFiY2RlZg=="),
        (b"\xc3\x18" + b"h0ymOKkz/d8zfICpEX+pFg==", "h0ymOKkz/d8zfICpEX+pFg=="),
        (b"\x03h0ymOKkz/d8zfICpEX+pFg==\x00", "h0ymOKkz/d8zfICpEX+pFg=="),
    ],
)
def test_a_digest_is_base64_however_it_came(content: bytes, expected: str) -> None:
    assert inside(b"\x4e\x4f" + content + b"\x01\x01") == f"<Cred><Data>{expected}</Data></Cred>"


def test_a_nonce_as_bytes_is_base64_even_if_it_is_text() -> None:
    found = inside(b"\x00\x01\x50\xc3\x05Nonce\x01")
    assert found == '<NextNonce xmlns="syncml:metinf">Tm9uY2U=</NextNonce>'


def test_literals_take_the_namespace_around_them_or_their_own() -> None:
    table = b"x\x00xmlns\x00urn:a\x00xmlns:p\x00p:y\x00p:z\x00"
    x, xmlns, urn, declares, y, z = (
        bytes([table.index(t + b"\x00")]) for t in table.split(b"\x00")[:-1]
    )
    assert inside(b"\x44" + x + b"\x0f\x01", table=table) == "<x><Data/></x>"
    own = b"\xc4" + x + b"\x04" + xmlns + b"\x83" + urn + b"\x01\x04" + x + b"\x0f\x01"
    assert inside(own, table=table) == ('<x xmlns="urn:a"><x/><Data xmlns="SYNCML:SYNCML1.2"/></x>')
    prefixed = b"\xc4" + y + b"\x04" + declares + b"\x83" + urn + b"\x04" + z + b"\x031\x00\x01"
    assert inside(prefixed + b"\x04" + y + b"\x01", table=table) == (
        '<y xmlns="urn:a" xmlns:p="urn:a" p:z="1"><y/></y>'
    )


def test_what_xml_has_no_word_for_has_a_name() -> None:
    content = b"\x70\x03t\x00\x01\x00\x07\x05\x00\x00\x4f\x40a\x00\x81\x07\xc2\x01\x8f\x05\x85\x01"
    assert inside(content) == (
        "<Page00Token30>t</Page00Token30>"
        '<Page07Token05 xmlns=""/>'
        '<Data><ExtensionI0 xmlns="">a</ExtensionI0><ExtensionT1 xmlns="">7</ExtensionT1>'
        '<Extension2 xmlns=""/></Data>'
        '<Data Page00Attribute05="[0x85]"/>'
    ).replace('<Extension2 xmlns=""/>', '<Extension2 xmlns=""/>')


def test_a_page_that_was_not_restored_is_told() -> None:
    body = b"\x6d\x54\x5a\x00\x01\x53\x01\x01\x4f\x03x\x00\x01\x01\x01"
    assert notes(wbxml(body)) == [
        "Next of code page 1 stands in Item: code page 0 was not restored"
    ]


def test_a_page_that_was_not_selected_is_told() -> None:
    assert notes(wbxml(b"\x6d\x5a\x53\x01\x01\x01")) == [
        "Get of code page 0 stands in Meta: code page 1 was not selected"
    ]


def test_the_type_of_a_nested_document_is_that_of_xml() -> None:
    devinf = b"\x03\xa4\x03\x6a\x00\x4a\x11\x01"
    meta = b"\x5a\x00\x01\x53\x03application/vnd.syncml-devinf+wbxml\x00\x01\x01\x00\x00"
    data = b"\x4f\xc3" + bytes([len(devinf)]) + devinf + b"\x01"
    expected = '<Meta><Type xmlns="syncml:metinf">application/vnd.syncml-devinf+xml</Type></Meta>'
    nested = '<Data><DevInf xmlns="syncml:devinf"><Man/></DevInf></Data>'
    assert inside(b"\x54" + meta + data + b"\x01") == f"<Item>{expected}{nested}</Item>"
    found = inside(b"\x62" + meta + b"\x54" + data + b"\x01\x01")
    assert found == f"<Results>{expected}<Item>{nested}</Item></Results>"
    bare = inside(b"\x54" + meta + b"\x4f\x03x\x00\x01\x01")
    assert "devinf+wbxml</Type>" in bare


BAD = {
    "control": (
        b"\x4f\x03a\x1bb\x00\x01",
        b"",
        "U\\+001B cannot stand in XML",
        "<Data>a\ufffdb</Data>",
    ),
    "entity": (b"\x4f\x02\x00\x01", b"", "U\\+0000 cannot", "<Data>\ufffd</Data>"),
    "name": (b"\x04\x00", b"a b", "'a b' is no name in XML", "<_a_b/>"),
    "empty name": (b"\x04\x00", b"\x00", "'' is no name", "<_/>"),
    "attribute": (b"\x8f\x04\x00\x01", b"1", "'1' is no name", '<Data _1=""/>'),
    "value": (b"\x8f\x04\x00\x03\x1b\x00\x01", b"a", "U\\+001B", '<Data a="\ufffd"/>'),
}


@pytest.mark.parametrize(("content", "table", "message", "shown"), BAD.values(), ids=BAD)
def test_what_xml_cannot_carry_is_refused_or_replaced(
    content: bytes, table: bytes, message: str, shown: str
) -> None:
    with pytest.raises(WbxmlError, match=message):
        inside(content, table=table)
    root, problems = document_element(
        decode_document(wbxml(b"\x6d" + content + b"\x01", table=table)), strict=False
    )
    assert shown in etree.tostring(root, encoding="unicode")
    assert len(problems) >= 1


@pytest.mark.parametrize(
    ("attributes", "kept", "message"),
    [
        (b"\x04\x00\x031\x00\x04\x00\x032\x00", 'a="1"', "stands twice"),
        (b"\x04\x02\x031\x00", 'c="1"', "prefix 'b' is not declared"),
    ],
)
def test_attributes_that_xml_refuses_are_left_out(
    attributes: bytes, kept: str, message: str
) -> None:
    data = wbxml(b"\x6d\x8f" + attributes + b"\x01\x01", table=b"a\x00b:c\x00")
    assert f"<Data {kept}/>" in xml(data)
    assert message in " ".join(notes(data))


def test_a_namespace_that_is_no_uri_is_refused_or_repaired() -> None:
    data = NOKIA.replace(b"SYNCML:SYNCML1.2", b" SYNCML:SYNCML1.")
    with pytest.raises(WbxmlError, match="cannot become XML"):
        xml(data)
    assert "SyncBody" in xml(data, strict=False)


@given(documents())
def test_any_document_becomes_xml_when_lenient(document: WbxmlDocument) -> None:
    root, _ = document_element(document, strict=False)
    assert etree.fromstring(etree.tostring(root, encoding="unicode")).tag == root.tag
