"""Tokens to elements: every kind of token, where it may stand and where not."""

from __future__ import annotations

import pytest
from hypothesis import given

from mdmcore.errors import WbxmlError
from mdmcore.syncml.wbxml import (
    Extension,
    Instruction,
    Opaque,
    Text,
    WbxmlAttribute,
    WbxmlDocument,
    WbxmlElement,
    decode_document,
    encode_document,
)
from tests.syncml.wbxml.strategies import documents
from tests.syncml.wbxml.vectors import wbxml


def root(content: bytes, *, table: bytes = b"") -> WbxmlElement:
    """SyncML with this content."""
    return decode_document(wbxml(b"\x6d" + content + b"\x01", table=table)).tree


def notes(content: bytes, *, table: bytes = b"") -> list[str]:
    document = decode_document(wbxml(b"\x6d" + content + b"\x01", table=table))
    return [problem.message for problem in document.problems]


def element(name: str, page: int | None = 0, *content: object) -> WbxmlElement:
    return WbxmlElement(name=name, page=page, content=content)  # type: ignore[arg-type]


def test_text_comes_from_strings_entities_and_the_table() -> None:
    found = root(b"\x4f\x03ab\x00\x02\x81\x64\x83\x02\x03c\x00\x01", table=b"x\x00tab\x00")
    assert found.content == (element("Data", 0, Text(text="ab\u00e4tabc")),)


def test_an_empty_element_may_have_content_or_not() -> None:
    assert root(b"\x0f\x4f\x01\x4f\x03\x00\x01").content == (element("Data"),) * 3


def test_pages_stay_until_the_next_switch() -> None:
    found = root(b"\x5a\x00\x01\x53\x03t\x00\x01\x07\x01\x52\x01\x00\x00\x0f\x00\x02\x24\x25")
    assert found.content == (
        element("Meta", 0, element("Type", 1, Text(text="t")), element("Format", 1)),
        element("Size", 1),
        element("Data"),
        element("Node", 2),
        element("node", 2),
    )


def test_a_literal_has_the_name_of_its_entry_and_no_page() -> None:
    found = root(b"\x04\x00\x44\x04\x03t\x00\x01", table=b"one\x00two")
    assert found.content == (element("one", None), element("two", None, Text(text="t")))


def test_unknown_tokens_and_pages_become_placeholders() -> None:
    content = b"\x30\x70\x03t\x00\x01\x00\x07\x45\x01\x00\x00\x0f"
    assert root(content).content == (
        element("Page00Token30"),
        element("Page00Token30", 0, Text(text="t")),
        element("Page07Token05", 7),
        element("Data"),
    )
    assert notes(content) == [
        "token 0x30 of code page 0 is not known",
        "token 0x30 of code page 0 is not known",
        "code page 7, with token 0x05, is not known",
    ]


def test_extensions_are_kept_and_noted() -> None:
    content = b"\x4f\x40a\x00\x81\x81\x00\xc2\x01"
    (data,) = root(content).elements
    assert data.content == (
        Extension(token=0x40, value="a"),
        Extension(token=0x81, value=128),
        Extension(token=0xC2),
    )
    assert [note.split(" has ")[0] for note in notes(content)] == [
        "extension token 0x40",
        "extension token 0x81",
        "extension token 0xC2",
    ]


def test_attributes_of_tags_and_literals() -> None:
    content = b"\x8f\x04\x00\x03v\x00\x05\x85\xc3\x01z\x00\x02\x45\x01\x84\x00\x04\x00\x01"
    data, literal = root(content, table=b"a").elements
    assert data.attributes == (
        WbxmlAttribute(name="a", value=(Text(text="v"),)),
        WbxmlAttribute(
            name="Page00Attribute05",
            page=0,
            value=(Extension(token=0x85, page=0), Opaque(data=b"z")),
        ),
        WbxmlAttribute(name="Page02Attribute45", page=2),
    )
    assert (literal.name, literal.attributes) == ("a", (WbxmlAttribute(name="a"),))
    assert notes(content, table=b"a")[0] == "Data has attributes, which SyncML does not use"


def test_attributes_have_a_page_of_their_own() -> None:
    (data, size) = root(b"\x8f\x00\x01\x05\x01\x12").elements
    assert data.attributes[0].name == "Page01Attribute05"
    assert (size.name, size.page) == ("Final", 0)


def test_instructions_stand_around_and_within_the_root() -> None:
    pi = b"\x43\x04\x00\x03v\x00\x01"
    data = wbxml(pi + b"\x6d" + pi + b"\x01" + pi + pi, table=b"a")
    document = decode_document(data)
    found = Instruction(content=WbxmlAttribute(name="a", value=(Text(text="v"),)))
    assert (document.before, document.after) == ((found,), (found, found))
    assert document.tree.content == (found,)


REFUSED = {
    "END as root": (b"\x01", "stands where the root must be"),
    "text as root": (b"\x03a\x00", "stands where the root must be"),
    "nothing": (b"", "unexpected end"),
    "a page without root": (b"\x00", "a code page is missing"),
    "no END": (b"\x6d\x4f\x01", "unexpected end: a token"),
    "no END of attributes": (b"\xad\x05", "unexpected end: a token"),
    "tag among attributes": (b"\xad\x44\x01", "starts no attribute"),
    "value without attribute": (b"\xad\x85\x01", "starts no attribute"),
    "instruction among attributes": (b"\xad\x43\x05\x01\x01", "starts no attribute"),
    "two names in an instruction": (b"\x43\x05\x06\x01\x6d\x01", "more than one name"),
    "literal without table": (b"\x6d\x04\x00\x01", "beyond the string table"),
    "literal attribute": (b"\xad\x04\x01\x01", "beyond the string table"),
    "table string": (b"\x6d\x83\x05\x01", "beyond the string table"),
    "cut opaque data": (b"\x6d\x4f\xc3\x05ab", "opaque data of 5 bytes, 2 are left"),
    "cut extension": (b"\x6d\x4f\x40ab", "NUL behind a string"),
}


@pytest.mark.parametrize(("body", "message"), REFUSED.values(), ids=REFUSED)
def test_what_may_not_stand_there_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(WbxmlError, match=message) as caught:
        decode_document(wbxml(body))
    assert caught.value.offset is not None


@given(documents())
def test_any_document_survives_writing_and_reading(document: WbxmlDocument) -> None:
    data = encode_document(document)
    found = decode_document(data)
    assert found.tree == document.tree
    assert (found.before, found.after) == (document.before, document.after)
    assert (found.version, found.public_id, found.charset) == (
        document.version,
        document.public_id,
        document.charset,
    )
    assert encode_document(found) == data
