"""A document as values."""

from __future__ import annotations

import pytest

from mdmcore.syncml.wbxml import (
    Text,
    WbxmlElement,
    WbxmlHeader,
    decode_document,
)
from tests.syncml.wbxml.vectors import FORMAL_12, W1, W2, wbxml

FORMAL = FORMAL_12.encode()


def test_offsets_do_not_make_trees_differ() -> None:
    assert decode_document(W1).tree == decode_document(W2).tree
    assert decode_document(W1).tree.offset != decode_document(W2).tree.offset


def test_children_are_found_by_name() -> None:
    tree = decode_document(W2).tree
    header = tree.child("SyncHdr")
    assert header is not None
    assert [element.name for element in header.elements][:3] == ["VerDTD", "VerProto", "SessionID"]
    assert header.child("SessionID") == WbxmlElement(
        name="SessionID", page=0, content=(Text(text="7"),)
    )
    assert header.child("Nothing") is None


@pytest.mark.parametrize(("version", "text"), [(0, "1.0"), (1, "1.1"), (3, "1.3")])
def test_a_version_is_written_as_people_do(version: int, text: str) -> None:
    assert WbxmlHeader(version=version).version_text == text


@pytest.mark.parametrize(
    ("table", "kept"),
    [
        (FORMAL, FORMAL),
        (FORMAL + b"\x00", FORMAL + b"\x00"),
        (FORMAL + b"\x00secret\x00", FORMAL + b"\x00"),
        (b"secret\x00" + FORMAL, FORMAL),
    ],
)
def test_an_answer_has_the_identifier_as_it_was_written(table: bytes, kept: bytes) -> None:
    index = table.index(FORMAL)
    data = wbxml(b"\x2d", public_id=bytes([0, index]), table=table, version=2)
    header = decode_document(data).header.for_answer()
    assert header == WbxmlHeader(version=2, public_id=FORMAL_12, string_table=kept)


def test_an_answer_to_a_number_has_no_table() -> None:
    header = WbxmlHeader(public_id=0x0FD3, string_table=b"secret")
    assert header.for_answer() == WbxmlHeader(public_id=0x0FD3)
