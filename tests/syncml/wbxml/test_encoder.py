"""Documents to bytes: vectors, the string table, pages, charsets, refusals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.errors import WbxmlError
from mdmcore.syncml.wbxml import (
    Extension,
    Opaque,
    Text,
    WbxmlAttribute,
    WbxmlDocument,
    WbxmlElement,
    WbxmlHeader,
    decode_document,
    encode_document,
)
from tests.syncml.wbxml.vectors import FORMAL_12, W1, W2, W3, W4, wbxml


def syncml(*content: object, **header: object) -> WbxmlDocument:
    tree = WbxmlElement(name="SyncML", page=0, content=content)  # type: ignore[arg-type]
    return WbxmlDocument(tree=tree, header=WbxmlHeader(**header))  # type: ignore[arg-type]


def element(name: str, page: int | None, *content: object) -> WbxmlElement:
    return WbxmlElement(name=name, page=page, content=content)  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [W1, W2, W3, W4], ids=["W1", "W2", "W3", "W4"])
def test_a_vector_is_written_as_it_was_read(data: bytes) -> None:
    assert encode_document(decode_document(data)) == data


def test_pages_are_switched_only_where_they_change() -> None:
    document = syncml(
        element("Meta", 0, element("Type", 1, Text(text="t")), element("Size", 1)),
        element("Size", 1),
        element("Data", 0),
    )
    assert encode_document(document) == wbxml(
        b"\x6d\x5a\x00\x01\x53\x03t\x00\x01\x12\x01\x12\x00\x00\x0f\x01"
    )


def test_names_go_into_the_string_table_once() -> None:
    inner = element("one", None)
    literal = replace(inner, attributes=(WbxmlAttribute(name="two"), WbxmlAttribute(name="one")))
    data = encode_document(syncml(inner, literal, inner))
    assert data == wbxml(
        b"\x6d\x04\x00\x84\x00\x04\x04\x04\x00\x01\x04\x00\x01", table=b"one\x00two\x00"
    )


def test_the_formal_identifier_comes_first_and_ends() -> None:
    data = encode_document(syncml(element("x", None), public_id=FORMAL_12, version=2))
    assert data.startswith(b"\x02\x00\x00\x6a\x20" + FORMAL_12.encode() + b"\x00x\x00")


def test_a_table_without_its_last_nul_is_used_and_ended() -> None:
    header = decode_document(W1).header
    tree = syncml(element("EN", None), element("x", None)).tree
    data = encode_document(WbxmlDocument(tree=tree, header=header))
    assert data[4 : 5 + 32] == b"\x20" + FORMAL_12.encode() + b"\x00x\x00"
    assert data[5 + 32 :] == b"\x6d\x04\x1b\x04\x1e\x01"
    assert decode_document(data).tree == tree


def test_wbxml_10_has_no_charset_and_no_opaque_data() -> None:
    assert encode_document(syncml(version=0)) == b"\x00\xa4\x01\x00\x2d"
    with pytest.raises(WbxmlError, match=r"1\.0 has no opaque data"):
        encode_document(syncml(Opaque(data=b"a"), version=0))
    with pytest.raises(WbxmlError, match=r"1\.0 cannot name a charset"):
        encode_document(syncml(version=0, charset=4))


def test_what_the_charset_lacks_becomes_entities() -> None:
    data = encode_document(syncml(Text(text="a\u20ac\U0001f600\u00e4"), charset=4))
    assert data == wbxml(
        b"\x6d\x03a\x00\x02\xc1\x2c\x02\x87\xec\x00\x03\xe4\x00\x01", charset=b"\x04"
    )
    assert decode_document(data).tree.text == "a\u20ac\U0001f600\u00e4"


def test_a_long_text_of_entities_is_written_in_linear_time() -> None:
    text = "\u20ac" * 20_000
    assert decode_document(encode_document(syncml(Text(text=text), charset=3))).tree.text == text


def test_text_with_a_nul_is_opaque() -> None:
    assert encode_document(syncml(Text(text="a\x00b"))) == wbxml(b"\x6d\xc3\x03a\x00b\x01")


def nested(depth: int) -> WbxmlElement:
    found = element("Data", 0)
    for _ in range(depth - 1):
        found = element("Data", 0, found)
    return found


REFUSED = {
    "version": (syncml(version=4), "no WBXML version"),
    "charset": (syncml(charset=9999), "MIBenum 9999"),
    "public id": (syncml(public_id=0), "no public identifier"),
    "name": (syncml(element("Bogus", 0)), "no token for element Bogus on code page 0"),
    "page": (syncml(element("Add", 1)), "no token for element Add on code page 1"),
    "placeholder": (syncml(element("Page01Token05", 0)), "no token for element"),
    "attribute": (
        syncml(WbxmlElement(name="x", attributes=(WbxmlAttribute(name="a", page=0),))),
        "no token for attribute a",
    ),
    "name with NUL": (syncml(element("a\x00", None)), "a NUL in it"),
    "name not in charset": (syncml(element("\u20ac", None), charset=3), "has no US-ASCII"),
    "surrogate": (syncml(Text(text="\ud800")), "lone surrogate"),
    "extension": (syncml(Extension(token=0x40, value="a\x00")), "text of an extension"),
    "depth": (syncml(nested(64)), "nested more than 64 deep"),
    "names": (syncml(*[element(str(n) * 2000, None) for n in range(300)]), "names fill"),
    "size": (syncml(Text(text="x" * 9_000_000)), "more than 8388608"),
}


@pytest.mark.parametrize(("document", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_written_is_refused(document: WbxmlDocument, message: str) -> None:
    with pytest.raises(WbxmlError, match=message):
        encode_document(document)
