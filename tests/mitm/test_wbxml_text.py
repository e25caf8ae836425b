"""WBXML as text: header line, oddities, XML; bytes where it cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.mitm.wbxml_text import MAX_LAID_OUT, describe_wbxml, starts_like_wbxml
from tests.syncml.wbxml.vectors import NOKIA, W1, W4, W5, wbxml


def test_the_header_tells_a_formal_identifier_and_the_table() -> None:
    assert describe_wbxml(W1).splitlines()[0] == (
        "<!-- WBXML 1.2, public identifier -//SYNCML//DTD SyncML 1.2//EN, "
        "charset UTF-8 (106), string table 29 bytes -->"
    )


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (W4 + b"\x00", "<!-- offset 61: 1 bytes stand behind the document -->"),
        (NOKIA, "<!-- offset 5: SyncML has attributes, which SyncML does not use -->"),
        (wbxml(b"\x2d", public_id=b"\x04"), "<!-- offset 0: public identifier 0x0004 is not"),
        (
            wbxml(b"\x6d\x4f\x03\xff\x00\x01\x01"),
            "<!-- offset 8: text is not UTF-8: invalid start byte -->",
        ),
        (
            wbxml(b"\x6d\x4f\x03\x1b\x00\x01\x01"),
            "<!-- offset 7: character U+001B cannot stand in XML -->",
        ),
    ],
)
def test_what_is_odd_stands_before_the_xml(data: bytes, line: str) -> None:
    assert line in describe_wbxml(data)


def test_what_cannot_be_read_is_shown_as_bytes() -> None:
    text = describe_wbxml(W5)
    assert text.startswith("<!-- not WBXML: unexpected end: a token is missing (offset 186) -->\n")
    assert "000000  03 a4 01 6a 00 6d 6c 71 03 31 2e 32 00 01 72 03\n" in text


def test_what_is_too_large_is_not_laid_out() -> None:
    data = wbxml(b"\x6d\x4f\x03" + b"x" * MAX_LAID_OUT + b"\x00\x01\x01")
    text = describe_wbxml(data)
    assert text.startswith(f"<!-- WBXML of {len(data)} bytes, too large to be shown -->")
    assert text.endswith(f"... {len(data) - 4096} bytes not shown")


SAMSUNG = bytes.fromhex(
    "0200006a1d2d2f2f53594e434d4c2f2f4454442053796e634d4c20312e322f2f454e6d6c71"
) + (
    b"\x031.2\x00\x01\x72\x03DM/1.2\x00\x01\x65\x03ABCD\x00\x01\x5b\x031\x00\x01"
    b"\x6e\x57\x03https://dms.example/v1/device/magicsync/mdm\x00\x01\x01"
    b"\x67\x57\x03IMEI:000000000000000\x00\x01\x56\x03IMEI:000000000000000\x00\x01\x01"
    b"\x4e\x5a\x00\x01\x47\x03b64\x00\x01\x53\x03syncml:auth-md5\x00\x01\x01\x00\x00"
    b"\x4f\x03h0ymOKkz/d8zfICpEX+pFg==\x00\x01\x01"
    b"\x5a\x00\x01\x4c\x035120\x00\x01\x55\x031048576\x00\x01\x01\x01\x00\x00\x6b"
    b"\x46\x4b\x031\x00\x01\x4f\x031201\x00\x01\x01"
    b"\x46\x4b\x032\x00\x01\x4f\x031226\x00\x01\x54\x67\x57\x03./FUMO/DownloadAndUpdate\x00\x01\x01"
    b"\x5a\x00\x01\x53\x03org.openmobilealliance.dm.firmwareupdate.devicerequest\x00\x01"
    b"\x47\x03chr\x00\x01\x01\x00\x00\x4f\x030\x00\x01\x01\x01\x12\x01\x01"
)
"""The first message of a firmware update client, put together from its source's description."""


def test_a_firmware_update_client_is_shown_too() -> None:
    text = describe_wbxml(SAMSUNG)
    assert "string table 29 bytes" in text.splitlines()[0]
    assert "<LocURI>./FUMO/DownloadAndUpdate</LocURI>" in text
    assert '<MaxObjSize xmlns="syncml:metinf">1048576</MaxObjSize>' in text


@pytest.mark.parametrize(
    ("data", "expected"), [(b"", False), (b"\x03", True), (b"\x00x", True), (b"<", False)]
)
def test_no_text_begins_like_wbxml(data: bytes, expected: bool) -> None:
    assert starts_like_wbxml(data) is expected


@given(st.binary(max_size=60))
def test_nothing_makes_it_raise(body: bytes) -> None:
    for data in (body, wbxml(body), wbxml(b"\x6d" + body)):
        assert describe_wbxml(data)
