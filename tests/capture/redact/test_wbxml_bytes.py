"""WBXML is changed where it stands: tokens, pages, tables and oddities stay."""

from __future__ import annotations

from mdmcore.capture.redact.scrubber import Scrubber
from mdmcore.syncml.wbxml import decode_document, document_element
from mdmcore.xml import iter_elements, local_name, text_of
from tests.capture.redact.keys import KEY, FixedKeys

DEVICE = b"IMEI:490154203237518"
SYNCML = bytes((0x6D,))


def rewritten(data: bytes) -> bytes:
    run = Scrubber(KEY, FixedKeys())
    run.wbxml(data)
    run.is_learning = False
    new = run.wbxml(data)
    assert new is not None
    return new


def document(body: bytes, table: bytes = b"") -> bytes:
    """WBXML 1.3, SyncML 1.2 by number, UTF-8; SyncML/SyncHdr/Source/LocURI around the body."""
    head = bytes((3, 0xA4, 0x01, 0x6A, len(table))) + table
    return head + b"\x6d\x6c\x67\x57" + body + b"\x01\x01\x01\x01"


def text(data: bytes) -> str:
    root, _ = document_element(decode_document(data))
    return next(text_of(one) or "" for one in iter_elements(root) if local_name(one) == "LocURI")


def test_an_inline_string_is_changed_in_its_place() -> None:
    data = document(b"\x03" + DEVICE + b"\x00")
    new = rewritten(data)
    assert len(new) == len(data)
    assert DEVICE not in new
    assert text(new).startswith("IMEI:")
    start = data.index(DEVICE)
    assert new[:start] == data[:start]
    assert new[start + len(DEVICE) :] == data[start + len(DEVICE) :]


def test_a_string_of_the_table_goes_from_the_table_too() -> None:
    table = b"other\x00" + DEVICE + b"\x00"
    data = document(b"\x83\x06", table)
    new = rewritten(data)
    assert DEVICE not in new
    assert b"other" in new
    assert text(new).startswith("IMEI:")


def test_a_public_identifier_in_the_table_stays() -> None:
    formal = b"-//SYNCML//DTD SyncML 1.2//EN\x00"
    head = bytes((3, 0, 0, 0x6A, len(formal))) + formal
    data = head + b"\x6d\x6c\x67\x57\x03" + DEVICE + b"\x00\x01\x01\x01\x01"
    new = rewritten(data)
    assert new.startswith(head)
    assert DEVICE not in new


def test_opaque_data_keep_a_right_length() -> None:
    data = document(b"\xc3" + bytes((len(DEVICE),)) + DEVICE)
    new = rewritten(data)
    assert DEVICE not in new
    assert text(new).startswith("IMEI:")


def test_bytes_behind_the_document_stay() -> None:
    data = document(b"\x03" + DEVICE + b"\x00") + b"\r\n\r\n"
    assert rewritten(data).endswith(b"\x01\r\n\r\n")


def test_a_cut_document_is_not_understood() -> None:
    run = Scrubber(KEY, FixedKeys())
    run.is_learning = False
    assert run.wbxml(document(b"\x03" + DEVICE + b"\x00")[:14]) is None
