"""Handshake messages and their fields, truncated at every byte."""

from __future__ import annotations

import pytest

from mdmcore.errors import ParseError
from mdmcore.tls_wire.messages import (
    MAX_ITEMS,
    MessageReader,
    parse_certificate_request,
    parse_certificates,
    parse_client_hello,
    parse_server_hello,
)

HELLO = (
    b"\x03\x03" + bytes(32) + b"\x01s" + b"\x13\x01\0" + b"\x00\x06" + b"\x00\x2b\x00\x02\x03\x04"
)
CHAIN = b"\x00\x00\x09" + b"\x00\x00\x01a" + b"\x00\x00\x02bc"
ASKED = b"\x01\x01" + b"\x00\x02\x04\x01" + b"\x00\x05" + b"\x00\x03\x30\x01\x00"


def test_a_hello_names_its_version_in_the_extension() -> None:
    hello = parse_server_hello(HELLO)
    assert (hello.version, hello.suite, hello.is_retry) == (0x0304, 0x1301, False)


def test_a_hello_may_end_without_extensions() -> None:
    assert parse_server_hello(HELLO[:-8]).version == 0x0303


@pytest.mark.parametrize("count", [n for n in range(len(HELLO)) if n != len(HELLO) - 8])
def test_a_cut_hello_is_refused(count: int) -> None:
    with pytest.raises(ParseError):
        parse_server_hello(HELLO[:count])


OFFER = (
    b"\x03\x03"
    + b"r" * 32
    + b"\0"
    + b"\0\x08\x0a\x0a\x13\x01\x00\x2f\x00\xff"
    + b"\x01\0"
    + b"\0\x18"
    b"\0\0\0\x09\0\x07\0\0\x04a.bc" + b"\x00\x2b\x00\x07\x06\x1a\x1a\x03\x04\x03\x03"
)


def test_an_offer_without_signals_and_grease() -> None:
    hello = parse_client_hello(OFFER)
    assert hello.random == b"r" * 32
    assert hello.versions == (0x0303, 0x0304)
    assert hello.suites == (0x1301, 0x002F)
    assert hello.name == "a.bc"


def test_an_offer_without_extensions_names_one_version() -> None:
    hello = parse_client_hello(b"\x03\x01" + bytes(32) + b"\0\0\x02\0\x05\x01\0")
    assert (hello.versions, hello.suites, hello.name) == ((0x0301,), (0x0005,), "")


@pytest.mark.parametrize("count", [n for n in range(len(OFFER)) if n != 47])
def test_a_cut_offer_is_refused(count: int) -> None:
    with pytest.raises(ParseError):
        parse_client_hello(OFFER[:count])


def test_certificates_in_their_order() -> None:
    assert parse_certificates(CHAIN) == (b"a", b"bc")
    assert parse_certificates(b"\0\0\0") == ()


@pytest.mark.parametrize("count", range(len(CHAIN)))
def test_a_cut_chain_is_refused(count: int) -> None:
    with pytest.raises(ParseError):
        parse_certificates(CHAIN[:count])


def test_a_chain_has_an_end() -> None:
    many = b"\x00\x00\x01a" * 1000
    assert len(parse_certificates(len(many).to_bytes(3, "big") + many)) == MAX_ITEMS


def test_names_that_the_server_accepts() -> None:
    assert parse_certificate_request(ASKED, 0x0303) == (b"\x30\x01\x00",)
    assert parse_certificate_request(ASKED[:2] + ASKED[6:], 0x0301) == (b"\x30\x01\x00",)


@pytest.mark.parametrize("count", [n for n in range(len(ASKED)) if n != 6])
def test_a_cut_request_is_refused(count: int) -> None:
    with pytest.raises(ParseError):
        parse_certificate_request(ASKED[:count], 0x0303)


def test_messages_over_several_records() -> None:
    reader = MessageReader()
    assert list(reader.feed(b"\x02\x00\x00\x03a")) == []
    assert list(reader.feed(b"bc\x0e\x00\x00\x00\x0b")) == [(2, b"abc"), (14, b"")]
