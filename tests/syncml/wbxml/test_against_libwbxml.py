"""Messages through libwbxml, in both directions, and where the two differ on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from mdmcore.syncml.model import Alert, Command, Container, Item, Meta, Results, SyncML
from mdmcore.syncml.wbxml import (
    Opaque,
    Text,
    WbxmlElement,
    WbxmlHeader,
    decode_document,
    decode_wbxml,
    encode_wbxml,
)
from mdmcore.syncml.xml import parse_syncml, serialize_syncml
from tests.support.requirements import require_program
from tests.support.wbxml_tools import WbxmlToolError, wbxml_to_xml, xml_to_wbxml
from tests.syncml.changes import with_texts, without_attributes
from tests.syncml.messages import EVERYTHING, HEADER, PACKAGE_2
from tests.syncml.strategies import valid_message
from tests.syncml.wbxml.vectors import FORMAL_12, W1, W2, W2_XML, W3, W4, W4_XML

# A process for each example, so few of them, and no hundreds more to make a failure small.
few = settings(
    max_examples=25, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow]
)

DOCTYPE = (
    b'<?xml version="1.0"?><!DOCTYPE SyncML PUBLIC "-//SYNCML//DTD SyncML 1.2//EN" '
    b'"http://www.openmobilealliance.org/tech/DTD/OMA-TS-SyncML_RepPro_DTD-V1_2.dtd">'
)
"""By which libwbxml knows the language; without it the root's namespace does not do."""


@pytest.fixture(scope="module", autouse=True)
def folder() -> Iterator[Path]:
    """Where the programs' files are; skips where there are no programs."""
    require_program("libwbxml")
    with TemporaryDirectory() as name:
        yield Path(name)


def their_xml(data: bytes, folder: Path) -> bytes:
    """What their decoder makes of ours, without declaration and DOCTYPE."""
    return wbxml_to_xml(data, folder).removeprefix(DOCTYPE)


def their_wbxml(message: SyncML, folder: Path, *options: str) -> bytes:
    return xml_to_wbxml(DOCTYPE + serialize_syncml(message), folder, "-k", *options)


def with_items(*items: Item) -> SyncML:
    return SyncML(header=HEADER, commands=(Command(name="Replace", cmd_id="1", items=items),))


# --- the same both ways -------------------------------------------------------------------------


@pytest.mark.parametrize(("data", "xml"), [(W1, W2_XML), (W2, W2_XML), (W3, W2_XML)])
def test_the_vectors_are_read_alike(data: bytes, xml: str, folder: Path) -> None:
    assert their_xml(data, folder).decode() == xml


@few
@given(message=valid_message)
def test_what_we_write_they_read(message: SyncML, folder: Path) -> None:
    message = without_attributes(message)
    # They print a carriage return as it is, which an XML parser takes for a line feed.
    expected = with_texts(message, lambda text: text.replace("\r\n", "\n").replace("\r", "\n"))
    assert parse_syncml(their_xml(encode_wbxml(message), folder)) == expected


@few
@given(message=valid_message)
def test_what_they_write_we_read(message: SyncML, folder: Path) -> None:
    """With a string table, which they fill with the texts that repeat."""
    message = in_one_line(without_attributes(message))
    assert decode_wbxml(their_wbxml(message, folder)) == message


@few
@given(message=valid_message)
def test_both_write_the_same_elements(message: SyncML, folder: Path) -> None:
    message = in_one_line(without_attributes(message))
    theirs = decode_document(their_wbxml(message, folder, "-n"))
    ours = decode_document(encode_wbxml(message))
    assert as_text(theirs.tree) == ours.tree
    assert theirs.header == ours.header


def in_one_line(message: SyncML) -> SyncML:
    """The message without line feeds, before which they put a carriage return."""
    return with_texts(message, lambda text: text.replace("\n", "_"))


def as_text(element: WbxmlElement) -> WbxmlElement:
    """The element with opaque text as text: they write Data of Add and Replace so."""
    content = tuple(
        as_text(part)
        if isinstance(part, WbxmlElement)
        else Text(text=part.data.decode())
        if isinstance(part, Opaque)
        else part
        for part in element.content
    )
    return replace(element, content=content)


@pytest.mark.parametrize(
    "message",
    [PACKAGE_2, replace(PACKAGE_2, commands=EVERYTHING.commands[:2])],
    ids=["package-2", "alert-and-results"],
)
def test_both_write_the_same_bytes(message: SyncML, folder: Path) -> None:
    assert their_wbxml(message, folder, "-n") == encode_wbxml(message)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (
            "application/vnd.syncml-devinf+xml",
            '<DevInf xmlns="syncml:devinf"><VerDTD>1.2</VerDTD><Man>x</Man></DevInf>',
        ),
        (
            "application/vnd.syncml.dmtnds+xml",
            '<MgmtTree xmlns="syncml:dmddf1.2"><VerDTD>1.2</VerDTD><Node><NodeName>n</NodeName>'
            "</Node></MgmtTree>",
        ),
    ],
)
def test_documents_within_data_are_written_and_read_alike(
    kind: str, data: str, folder: Path
) -> None:
    item = Item(meta=Meta(type=kind), data_xml=data)
    message = SyncML(header=HEADER, commands=(Results(cmd_id="1", cmd_ref="1", items=(item,)),))
    ours = encode_wbxml(message)
    assert their_wbxml(message, folder, "-n") == ours
    assert their_xml(ours, folder) == serialize_syncml(message)
    assert decode_wbxml(ours) == message


@pytest.mark.parametrize(
    "header",
    [WbxmlHeader(version=version) for version in (1, 2, 3)]
    + [WbxmlHeader(version=2, public_id=FORMAL_12)],
)
def test_each_of_our_headers_is_read(header: WbxmlHeader, folder: Path) -> None:
    data = encode_wbxml(PACKAGE_2, header=header)
    assert their_xml(data, folder) == serialize_syncml(PACKAGE_2)


# --- where they differ --------------------------------------------------------------------------


def test_they_drop_attributes(folder: Path) -> None:
    """Ours keeps them, as literals: msft:originalerror is the only one that is known."""
    ours = encode_wbxml(EVERYTHING)
    assert decode_wbxml(ours) == EVERYTHING
    assert parse_syncml(their_xml(ours, folder)) == parse_syncml(
        serialize_syncml(without_attributes(EVERYTHING)).replace(b"&#13;\n", b"\n")
    )
    assert decode_wbxml(their_wbxml(EVERYTHING, folder)) == without_attributes(EVERYTHING)


def test_they_write_data_of_add_and_replace_as_opaque(folder: Path) -> None:
    """Ours writes text as text; a CDATA section is the same as escaped text to it."""
    message = with_items(Item(data="abc"))
    assert b"\x4f\xc3\x03abc\x01" in their_wbxml(message, folder)
    assert b"\x4f\x03abc\x00\x01" in encode_wbxml(message)


def test_they_write_a_line_feed_in_such_data_as_two_characters(folder: Path) -> None:
    message = with_items(Item(data="a\nb"))
    assert b"\xc3\x04a\r\nb" in their_wbxml(message, folder)
    assert b"\x03a\nb\x00" in encode_wbxml(message)


def test_they_trim_texts_unless_told_otherwise(folder: Path) -> None:
    """Ours trims nothing: Data is kept to the last blank."""
    alert = Alert(cmd_id="1", code="1224", items=(Item(data=" a "),))
    message = SyncML(header=HEADER, commands=(alert,))
    trimmed = xml_to_wbxml(DOCTYPE + serialize_syncml(message), folder, "-n")
    assert b"\x03a\x00" in trimmed
    assert b"\x03 a \x00" in encode_wbxml(message)


def test_they_print_opaque_text_as_cdata(folder: Path) -> None:
    assert their_xml(W4, folder).decode() == W4_XML.replace("a&lt;b&amp;c", "<![CDATA[a<b&c]]>")


def test_they_print_bytes_as_they_are(folder: Path) -> None:
    """Which is no XML; ours makes base64 of them (wbxml.md section 8)."""
    message = with_items(Item(meta=Meta(format="bin"), data="AAH/", is_binary=True))
    assert b"<![CDATA[\x00\x01\xff]]>" in their_xml(encode_wbxml(message), folder)


def test_they_refuse_text_around_cdata_in_data(folder: Path) -> None:
    """Their parser makes opaque data of the one and text of the other."""
    xml = serialize_syncml(with_items(Item(data="a<b"))).replace(b"a&lt;b", b"a<![CDATA[<]]>b")
    with pytest.raises(WbxmlToolError, match="Internal Error"):
        xml_to_wbxml(DOCTYPE + xml, folder)
    assert decode_wbxml(encode_wbxml(parse_syncml(xml))) == with_items(Item(data="a<b"))


def test_they_ignore_namespaces_of_known_names(folder: Path) -> None:
    """A Type outside syncml:metinf, as servers write it, is to them that of MetInf. Ours keeps the
    mistake, since it is what is to be seen."""
    xml = serialize_syncml(with_items(Item(meta=Meta(type="t")))).replace(
        b'<Type xmlns="syncml:metinf">t', b"<Type>t"
    )
    assert b"\x00\x01\x53\x03t\x00" in xml_to_wbxml(DOCTYPE + xml, folder, "-n")
    ours = decode_wbxml(encode_wbxml(with_items(Item(meta=Meta(type="t")))))
    assert ours.foreign == ()
    message = parse_syncml(xml)
    assert message.foreign[0].name == "Type"


def test_they_know_a_nested_document_by_its_type_only(folder: Path) -> None:
    """Ours looks at the bytes: the Type may stand elsewhere or not at all."""
    item = Item(data_xml='<DevInf xmlns="syncml:devinf"><Man>x</Man></DevInf>')
    message = SyncML(header=HEADER, commands=(Results(cmd_id="1", cmd_ref="1", items=(item,)),))
    data = encode_wbxml(message)
    assert b"<Data>\x03\xa4\x03j\x00JQ\x03x\x00\x01\x01</Data>" in their_xml(data, folder)
    assert decode_wbxml(data) == message


def test_they_refuse_what_is_cut(folder: Path) -> None:
    with pytest.raises(WbxmlToolError):
        wbxml_to_xml(W2[:-2], folder)


def test_a_container_is_the_same_to_both(folder: Path) -> None:
    inner = Command(name="Exec", cmd_id="3", items=(Item(target="./a", more_data=True),))
    atomic = Container(name="Atomic", cmd_id="2", no_resp=True, commands=(inner,))
    message = SyncML(
        header=HEADER,
        commands=(Container(name="Sequence", cmd_id="1", commands=(atomic,)),),
        is_final=False,
    )
    assert their_wbxml(message, folder, "-n") == encode_wbxml(message)
    assert their_xml(encode_wbxml(message), folder) == serialize_syncml(message)
