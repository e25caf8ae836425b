"""Single layers: taken off when they are there, left alone when not."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.inspector.artifact.text_layers import (
    base64_before,
    behind_http_headers,
    broken_base64,
    from_base64,
    from_hex,
    from_hex_dump,
    from_utf16,
    without_backslashes,
    without_entities,
)
from tests.support.story import certificate

HEXDUMP_C = """00000000  30 82 02 bf 30 82 01 a7  a0 03 02 01 02 02 01 02  |0...0...........|
00000010  30 0d 06                                          |0..|
00000013
"""
XXD = """00000000: 3082 02bf 3082 01a7 a003 0201 0202 0102  0...0...........
00000010: 300d 06                                  0..
"""
ENCODEHEX = """0000\t30 82 02 bf 30 82 01 a7  a0 03 02 01 02 02 01 02   0...0...........
0010\t30 0d 06                                           0..
CertUtil: -encodehex command completed successfully.
"""
BYTES = bytes.fromhex("308202bf308201a7a003020102020102300d06")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_of_a_redirected_command(codec: str) -> None:
    mark = "\ufeff".encode(codec)
    assert from_utf16(mark + "größe".encode(codec)) == "größe".encode()
    assert from_utf16("x".encode(codec)) is None
    assert from_utf16(mark + b"\xd8") is not None


def test_xml_that_means_its_utf16_is_left() -> None:
    assert from_utf16('<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16")) is None


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n",
        b"POST /EnrollmentServer/Discovery.svc HTTP/1.1\nHost: a\n\n",
        b" POST / HTTP/2.0\n  Host: a\n\n",
        b"HTTP/2 500\n\n",
        b"Content-Type: application/soap+xml\r\nX-Own: y\r\n\r\n",
        b"X-Own: y\ncontent-length: 3\n \n",
    ],
)
def test_the_body_behind_headers(head: bytes) -> None:
    assert behind_http_headers(head + b"<a>\n\n</a>") == b"<a>\n\n</a>"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n<a/>",
        b"<a/>\n\n",
        b"Content-Type: text/xml",
        b"Subject: nothing of HTTP\n\nbody",
        b"https://example.test/\n\nx",
        b"Content-Type: a\nno field\n\nx",
        b"A: b\n" * 300 + b"Host: x\n\ny",
    ],
)
def test_what_has_no_headers(text: bytes) -> None:
    assert behind_http_headers(text) is None


def test_entities_are_decoded_once() -> None:
    assert without_entities(b"&lt;a b=&quot;&amp;amp;&apos;&#x41;&#66;&gt;&other;") == (
        b"<a b=\"&amp;'AB>&other;"
    )
    assert without_entities(b"&#0;&#xd800;&#1114112;&#228;") == b"\0&#xd800;&#1114112;\xc3\xa4"


@given(st.text(max_size=50))
def test_the_string_of_a_json_log_comes_back(text: str) -> None:
    quoted = json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "replace")
    assert without_backslashes(quoted) == text.encode("utf-8", "replace")


@pytest.mark.parametrize("text", [base64.b64encode(BYTES), base64.encodebytes(BYTES * 9)])
def test_base64_in_lines_and_quotes(text: bytes) -> None:
    wanted = base64.b64decode(text)
    for each in (text, b"\n  " + text + b"\r\n", b'"' + text.strip() + b'"'):
        assert from_base64(each) == wanted


@pytest.mark.parametrize("text", [b"", b"YWJj", b"not base64 at all!", b"A" * 17, b"\xff" * 20])
def test_what_is_no_base64(text: bytes) -> None:
    assert from_base64(text) is None


def test_why_base64_is_broken() -> None:
    text = base64.b64encode(certificate())
    cut = broken_base64(text[:101])
    assert cut == (
        "base64 that is cut off: 101 characters are no whole groups of four",
        101,
    )
    wrong = broken_base64(b"  " + text[:50] + b"#" + text[51:])
    assert wrong == ("base64 with a '#' in it", 52)
    padded = broken_base64(text[:40] + b"==" + text[40:])
    assert padded == ("base64 that goes on behind its padding", 40)
    assert broken_base64(b"nothing of ours, cut off") is None
    assert broken_base64(b"MII is a short word, and more") is None


@given(st.binary(min_size=30, max_size=90), st.integers(0, 120))
def test_what_stands_before_the_break_is_the_beginning(data: bytes, offset: int) -> None:
    text = base64.encodebytes(data)
    found = base64_before(text, offset)
    assert data.startswith(found)
    assert len(found) >= len(text[:offset].replace(b"\n", b"").rstrip(b"=")) // 4 * 3 - 3


@pytest.mark.parametrize("separator", ["", " ", ":", "\n"])
def test_hex(separator: str) -> None:
    assert from_hex(BYTES.hex(separator or "x").replace("x", separator).encode()) == BYTES
    assert from_hex(b"30 82 0") is None
    assert from_hex(b"no hex, but long enough") is None


@pytest.mark.parametrize("text", [HEXDUMP_C, XXD, ENCODEHEX])
def test_hex_dumps(text: str) -> None:
    assert from_hex_dump(text.encode()) == BYTES


def test_a_hex_dump_with_a_gap_is_none() -> None:
    lines = HEXDUMP_C.splitlines()
    assert from_hex_dump("\n".join(lines[1:]).encode()) is None
    assert from_hex_dump(b"") is None
    assert from_hex_dump(b"0000 zz") is None


@given(st.binary(max_size=200))
def test_any_bytes_are_answered(data: bytes) -> None:
    for layer in (
        from_utf16,
        behind_http_headers,
        without_entities,
        without_backslashes,
        from_base64,
        broken_base64,
        from_hex,
        from_hex_dump,
    ):
        layer(data)
