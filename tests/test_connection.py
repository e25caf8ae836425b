"""The record of a connection and its JSON form: whole, cut, and hostile."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.connection import (
    Connection,
    HandshakeEnd,
    ServerEnd,
    connection_fields,
    parse_connection,
)
from mdmcore.errors import ParseError

TEXT = st.text(max_size=40)
TIME = st.none() | st.datetimes(timezones=st.just(UTC))
RECORDS = st.builds(
    Connection,
    host=TEXT,
    port=st.integers(0, 65535),
    sni=TEXT,
    peer=st.none() | TEXT,
    opened=TIME,
    closed=TIME,
    versions=st.lists(TEXT, max_size=5).map(tuple),
    suites=st.lists(TEXT, max_size=20).map(tuple),
    end=st.sampled_from(HandshakeEnd),
    alert=TEXT,
    detail=TEXT,
    is_asked=st.booleans(),
    is_given=st.booleans(),
    is_asked_by_server=st.booleans(),
    is_given_to_server=st.booleans(),
    server_end=st.sampled_from(ServerEnd),
    server_detail=TEXT,
    is_server_unchecked=st.booleans(),
    requests=st.integers(0, 2**31),
    is_passed_through=st.booleans(),
    is_served=st.booleans(),
    is_captured=st.booleans(),
    is_decrypted=st.booleans(),
    server_version=TEXT,
    server_suite=TEXT,
    accepted=st.lists(TEXT, max_size=5).map(tuple),
    is_resumed=st.booleans(),
    is_renegotiated=st.booleans(),
    sent=st.integers(0, 2**60),
    received=st.integers(0, 2**60),
    closed_by=TEXT,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
FULL = Connection(
    host="mdm.example.test",
    sni="mdm.example.test",
    peer="192.0.2.7",
    opened=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
    versions=("TLS 1.0",),
    suites=("TLS_RSA_WITH_RC4_128_MD5",),
    end=HandshakeEnd.ALERT,
    alert="unknown_ca",
    is_served=True,
)


@given(RECORDS)
def test_a_record_comes_back(record: Connection) -> None:
    assert parse_connection(json.loads(json.dumps(connection_fields(record)))) == record


@pytest.mark.parametrize("count", range(len(connection_fields(FULL))))
def test_fewer_fields_are_a_record_or_an_error(count: int) -> None:
    cut = dict(list(connection_fields(FULL).items())[:count])
    if count == 0:
        with pytest.raises(ParseError, match="no host"):
            parse_connection(cut)
    else:
        assert parse_connection(cut).host == FULL.host


@given(st.sampled_from([*connection_fields(FULL), "port", "closed", "requests"]), JSON)
def test_a_wrong_value_is_refused_or_kept(name: str, value: object) -> None:
    try:
        record = parse_connection(connection_fields(FULL) | {name: value})
    except ParseError:
        return
    assert parse_connection(connection_fields(record)) == record


@pytest.mark.parametrize("data", [None, [], "x", 3])
def test_no_table_is_no_record(data: object) -> None:
    with pytest.raises(ParseError, match="no table"):
        parse_connection(data)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (FULL, "the device broke off TLS with the alert unknown_ca"),
        (Connection(host="h", end=HandshakeEnd.OK), "no request"),
        (
            Connection(host="h", end=HandshakeEnd.SERVER_ALERT),
            "the server broke off TLS with the alert of unknown name",
        ),
        (Connection(host="h", end=HandshakeEnd.NO_SUITE), "no cipher suite in common"),
        (Connection(host="h", is_passed_through=True), "passed through untouched"),
        (
            Connection(
                host="h",
                is_passed_through=True,
                end=HandshakeEnd.SERVER_ALERT,
                alert="handshake_failure",
                server_version="TLS 1.2",
                is_asked_by_server=True,
            ),
            "passed through untouched: TLS 1.2; the server broke off TLS with the alert "
            "handshake_failure; the server asked for a client certificate and the device gave none",
        ),
        (
            Connection(
                host="h", is_passed_through=True, end=HandshakeEnd.OK, server_version="TLS 1.3"
            ),
            "passed through untouched: TLS 1.3; its certificates are encrypted",
        ),
        (
            Connection(
                host="h",
                is_passed_through=True,
                end=HandshakeEnd.SERVER_CLOSED,
                detail="why",
                is_resumed=True,
                is_renegotiated=True,
            ),
            "passed through untouched; the server closed the connection inside the TLS handshake; "
            "why; an earlier session went on, without certificates; another handshake followed "
            "inside the encryption",
        ),
        (
            Connection(host="h", end=HandshakeEnd.OK, is_asked_by_server=True, requests=1),
            "the server asked for a client certificate",
        ),
        (
            Connection(host="h", requests=1, end=HandshakeEnd.OK, server_end=ServerEnd.FAILED),
            "this proxy and the server have no TLS: failed",
        ),
        (
            Connection(
                host="h",
                end=HandshakeEnd.OK,
                server_end=ServerEnd.UNKNOWN_ROOT,
                server_detail="self-signed certificate",
                is_server_unchecked=True,
            ),
            "the server's certificate is not checked; it would be refused: self-signed certificate",
        ),
    ],
)
def test_how_it_ended_in_words(record: Connection, said: str) -> None:
    assert record.said == said


@pytest.mark.parametrize("end", HandshakeEnd)
@pytest.mark.parametrize("is_passed_through", [False, True])
def test_every_end_has_words(end: HandshakeEnd, is_passed_through: bool) -> None:
    assert Connection(host="h", end=end, is_passed_through=is_passed_through).said


@pytest.mark.parametrize(
    ("end", "is_decrypted", "is_over"),
    [
        (HandshakeEnd.OK, False, False),
        (HandshakeEnd.OK, True, True),
        (HandshakeEnd.UNKNOWN, False, False),
        (HandshakeEnd.ALERT, False, True),
        (HandshakeEnd.CLOSED, False, True),
        (HandshakeEnd.SERVER_ALERT, False, True),
        (HandshakeEnd.SILENT, False, False),
        (HandshakeEnd.NO_SERVER, False, False),
    ],
)
def test_what_a_capture_tells_of_requests(
    end: HandshakeEnd, is_decrypted: bool, is_over: bool
) -> None:
    one = Connection(
        host="a", end=end, is_passed_through=True, is_captured=True, is_decrypted=is_decrypted
    )
    assert one.is_over_without_request == is_over


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "captured and not decrypted: TLS 1.3; its certificates are encrypted"),
        ({"is_decrypted": True}, "captured without a request: TLS 1.3"),
        ({"is_decrypted": True, "requests": 2}, "captured and decrypted: TLS 1.3"),
    ],
)
def test_what_is_said_of_a_captured_connection(fields: dict[str, Any], words: str) -> None:
    one = Connection(
        host="a",
        end=HandshakeEnd.OK,
        is_passed_through=True,
        is_captured=True,
        server_version="TLS 1.3",
        **fields,
    )
    assert one.said == words
