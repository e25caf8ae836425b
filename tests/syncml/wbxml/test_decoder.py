"""Headers and whole documents: vectors, variants, and what is refused."""

from __future__ import annotations

import pytest

from mdmcore.errors import WbxmlError
from mdmcore.syncml.wbxml import decode_document, looks_like_wbxml
from tests.syncml.wbxml.vectors import FORMAL_12, NOKIA, VALID, W1, W2, W3, W4, W5, wbxml

SYNCML_11 = b"-//SYNCML//DTD SyncML 1.1//EN"
FINAL = b"\x6d\x6b\x12\x01\x01"


def messages(data: bytes, *, strict: bool = True) -> list[str]:
    return [problem.message for problem in decode_document(data, strict=strict).problems]


@pytest.mark.parametrize("data", [W1, W2, W3, W4], ids=["W1", "W2", "W3", "W4"])
def test_nothing_is_odd_about_the_vectors(data: bytes) -> None:
    document = decode_document(data)
    assert document.problems == ()
    assert document.raw == data
    assert (document.tree.name, document.tree.page) == ("SyncML", 0)


def test_w1_and_w2_differ_in_their_headers_only() -> None:
    first, second = decode_document(W1), decode_document(W2)
    assert first.tree == second.tree
    assert (first.version, first.public_id, first.charset, first.string_table) == (
        2,
        FORMAL_12,
        106,
        FORMAL_12.encode(),
    )
    assert (second.version, second.public_id, second.charset, second.string_table) == (
        3,
        0x1201,
        106,
        b"",
    )
    assert (first.header.version_text, second.header.version_text) == ("1.2", "1.3")


@pytest.mark.parametrize(
    ("public_id", "table", "found"),
    [
        (b"\xa4\x01", b"", 0x1201),
        (b"\x9f\x53", b"", 0x0FD3),
        (b"\x00\x00", SYNCML_11, SYNCML_11.decode()),
        (b"\x00\x00", SYNCML_11 + b"\x00", SYNCML_11.decode()),
        (b"\x00\x02", b"x\x00" + SYNCML_11 + b"\x00y", SYNCML_11.decode()),
        (b"\x00\x00", b"-//syncml//dtd SYNCML 1.2//EN", "-//syncml//dtd SYNCML 1.2//EN"),
        (b"\x01", b"", 1),
    ],
)
def test_each_form_of_the_public_identifier(
    public_id: bytes, table: bytes, found: int | str
) -> None:
    document = decode_document(wbxml(FINAL, public_id=public_id, table=table))
    assert document.public_id == found
    assert document.problems == ()
    assert document.tree.elements[0].child("Final") is not None


@pytest.mark.parametrize("public_id", [b"\x04", b"\x00\x00"])
def test_another_public_identifier_is_noted_and_the_root_decides(public_id: bytes) -> None:
    data = wbxml(FINAL, public_id=public_id, table=b"-//WAPFORUM//DTD WML 1.1//EN")
    document = decode_document(data)
    assert document.tree.name == "SyncML"
    assert "is not known" in document.problems[0].message


def test_wbxml_10_has_no_charset() -> None:
    document = decode_document(b"\x00\x9f\x53\x00" + FINAL)
    assert (document.header.version_text, document.charset) == ("1.0", 106)


def test_another_charset_is_noted() -> None:
    data = wbxml(b"\x6d\x6b\x53\x4b\x03\xe4\x00\x01\x01\x01\x01", charset=b"\x04")
    document = decode_document(data)
    get = document.tree.elements[0].child("Get")
    assert get is not None
    assert get.elements[0].text == "\u00e4"
    assert messages(data) == ["charset is ISO-8859-1 (4), not UTF-8"]


def test_bytes_behind_the_document_are_noted() -> None:
    (problem,) = decode_document(W2 + b"\r\n").problems
    assert (problem.message, problem.offset) == ("2 bytes stand behind the document", len(W2))


def test_nokias_root_is_read() -> None:
    document = decode_document(NOKIA)
    (attribute,) = document.tree.attributes
    assert (attribute.name, attribute.page, attribute.text) == ("xmlns", None, "SYNCML:SYNCML1.2")
    assert "empty string table" in " ".join(problem.message for problem in document.problems)


REFUSED = {
    "empty": (b"", "unexpected end", 0),
    "version": (b"\x04\x01\x6a\x00\x6d", "version byte 0x04", 0),
    "xml": (b"<SyncML/>", "XML or text, not WBXML", 0),
    "xml behind blanks": (b"\r\n<SyncML/>", "XML or text, not WBXML", 0),
    "xml behind a mark": (b"\xef\xbb\xbf<SyncML/>", "XML or text, not WBXML", 0),
    "charset": (b"\x03\xa4\x01\x8f\x50\x00\x6d", "MIBenum 2000 is not known", 3),
    "long number": (b"\x03\x80\x80\x80\x80\x80\x01\x6a", "more than 5 bytes", 1),
    "large number": (b"\x03\x90\x80\x80\x80\x00\x6a", "more than 32 bits", 1),
    "table": (b"\x03\xa4\x01\x6a\x05abc", "string table of 5 bytes, 3 are left", 8),
    "index": (b"\x03\x00\x09\x6a\x03abc" + FINAL, "index 9 is beyond", 2),
    "no root": (b"\x03\xa4\x01\x6a\x00", "unexpected end: a token", 5),
    "cut": (W5, "unexpected end: a token", len(W5)),
}


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(("data", "message", "offset"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_document_is_refused_with_its_offset(
    data: bytes, message: str, offset: int, strict: bool
) -> None:
    with pytest.raises(WbxmlError, match=message) as caught:
        decode_document(data, strict=strict)
    assert caught.value.offset == offset


def test_text_of_another_charset_is_refused_or_noted() -> None:
    data = wbxml(b"\x6d\x4b\x03ab\xe4\x00\x01\x01")
    with pytest.raises(WbxmlError, match="not UTF-8") as caught:
        decode_document(data)
    assert caught.value.offset == 10
    document = decode_document(data, strict=False)
    assert document.tree.elements[0].text == "ab\ufffd"
    assert [problem.offset for problem in document.problems] == [10]


def test_a_large_document_is_refused_unread() -> None:
    with pytest.raises(WbxmlError, match="are not read"):
        decode_document(W2 + bytes(8 * 1024 * 1024))


@pytest.mark.parametrize("data", VALID.values(), ids=VALID)
def test_its_beginning_tells_wbxml(data: bytes) -> None:
    assert looks_like_wbxml(data)
    assert looks_like_wbxml(data[:40])


@pytest.mark.parametrize(
    "data", [b"", b"\x03", b"<a/>", b"\x03\x01\x6a\x00\x45", b"\x03\x04\x6a\x00", bytes(64)]
)
def test_nothing_else_looks_like_it(data: bytes) -> None:
    assert not looks_like_wbxml(data)


# --- documents within Data ----------------------------------------------------------------------

DEVINF = b"\x03\xa4\x03\x6a\x00\x4a\x65\x031.2\x00\x01\x01"


def item(data: bytes) -> bytes:
    length = (
        bytes([len(data)]) if len(data) < 0x80 else bytes([0x80 | len(data) >> 7, len(data) & 0x7F])
    )
    return b"\x6d\x6b\x45\x54\x4f\xc3" + length + data + b"\x01" * 5


def test_a_document_within_data_is_decoded() -> None:
    tree = decode_document(wbxml(item(DEVINF))).tree
    data = tree.elements[0].elements[0].elements[0].elements[0]
    (content,) = data.content
    assert content.document.tree.name == "DevInf"  # type: ignore[union-attr]
    assert content.document.tree.elements[0].name == "VerDTD"  # type: ignore[union-attr]
    assert content.document.tree.elements[0].offset == 5 + 7 + 6  # type: ignore[union-attr]


def test_opaque_data_that_only_begin_like_one_are_bytes() -> None:
    document = decode_document(wbxml(item(DEVINF[:-1])))
    data = document.tree.elements[0].elements[0].elements[0].elements[0]
    (content,) = data.content
    assert content.document is None  # type: ignore[union-attr]
    (problem,) = document.problems
    assert problem.message.startswith("opaque data that begins like DevInf 1.2 is none")


def test_documents_nested_too_deep_are_refused() -> None:
    data = wbxml(b"\x6d\x6b\x12\x01\x01")
    for _ in range(3):
        data = wbxml(item(data))
    decode_document(data)
    with pytest.raises(WbxmlError, match="documents nested more than 4 deep"):
        decode_document(wbxml(item(data)))
