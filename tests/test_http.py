"""Headers, requests and answers as plain values."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from mdmcore.http import (
    Exchange,
    Headers,
    Request,
    Response,
    TlsFacts,
    charset,
    is_coded,
    media_type,
)
from mdmcore.passed_body import PassedBody

FIELDS = [("Content-Type", "Text/XML; charset=utf-8"), ("set-cookie", "a"), ("Set-Cookie", "b")]


def test_names_compare_without_case_and_doubles_stay() -> None:
    headers = Headers(FIELDS)
    assert headers.get("CONTENT-TYPE") == "Text/XML; charset=utf-8"
    assert headers.get("Set-Cookie") == "a"
    assert headers.get_all("SET-cookie") == ("a", "b")
    assert headers.get("Absent") is None
    assert headers.get("Absent", "x") == "x"
    assert headers.get_all("Absent") == ()
    assert ("SET-COOKIE" in headers, "Absent" in headers, 1 in headers) == (True, False, False)
    assert list(headers) == FIELDS
    assert len(headers) == 3


def test_an_empty_value_is_there() -> None:
    assert "X" in Headers([("X", "")])


def test_copies_differ_originals_stay() -> None:
    headers = Headers(FIELDS)
    assert list(headers.replaced("SET-COOKIE", "c")) == [FIELDS[0], ("SET-COOKIE", "c")]
    assert list(headers.replaced("X", "y")) == [*FIELDS, ("X", "y")]
    assert list(headers.without("set-cookie")) == FIELDS[:1]
    assert list(headers) == FIELDS


def test_headers_are_values() -> None:
    assert Headers(FIELDS) == Headers(FIELDS)
    assert hash(Headers(FIELDS)) == hash(Headers(FIELDS))
    assert Headers(FIELDS) != Headers(reversed(FIELDS))
    assert Headers() != ()
    assert "set-cookie" in repr(Headers(FIELDS))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("application/SOAP+xml; charset=utf-8", "application/soap+xml"),
        (" text/html ;x", "text/html"),
        ("", ""),
        (None, ""),
    ],
)
def test_media_type(value: str | None, expected: str) -> None:
    headers = Headers([] if value is None else [("content-type", value)])
    assert media_type(headers) == expected
    assert Request(method="POST", url="https://a.test/", headers=headers).media_type == expected
    assert Response(status=200, headers=headers).media_type == expected


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ('text/xml; charset="UTF-8"', "utf-8"),
        ("text/xml; a=b; CHARSET=latin-1", "latin-1"),
        ("text/xml", None),
    ],
)
def test_the_charset_parameter(header: str, found: str | None) -> None:
    assert charset(Headers([("Content-Type", header)])) == found


@pytest.mark.parametrize(
    ("url", "host", "path", "query"),
    [
        ("https://MDM.Example.test:8443/A/b?c=d&e", "mdm.example.test", "/A/b", "c=d&e"),
        ("https://mdm.example.test", "mdm.example.test", "/", ""),
        ("https://[::1]/x", "::1", "/x", ""),
        ("/only/path", "", "/only/path", ""),
        ("http://[broken/x", "", "/", ""),
    ],
)
def test_parts_of_the_url(url: str, host: str, path: str, query: str) -> None:
    request = Request(method="GET", url=url)
    assert (request.host, request.path, request.query) == (host, path, query)


def test_an_unrecorded_body_is_not_an_empty_one() -> None:
    assert Response(status=200).body == b""
    assert Response(status=200, body=None).body is None
    assert Response(status=200) != Response(status=200, body=None)


def test_exchanges_are_frozen() -> None:
    exchange = Exchange(
        id="a:0", index=0, capture="a", request=Request(method="GET", url="/"), tls=TlsFacts()
    )
    assert exchange.verbatim
    assert exchange.response is None
    with pytest.raises(FrozenInstanceError):
        exchange.index = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("written", "expected"),
    [(None, False), ("", False), (" Identity", False), ("gzip", True), ("x", True)],
)
def test_a_content_encoding_other_than_none(written: str | None, expected: bool) -> None:
    fields = [] if written is None else [("content-encoding", written)]
    assert is_coded(Headers(fields)) is expected


def test_the_length_of_a_body_is_known_where_it_was_kept_or_counted() -> None:
    assert Response(status=200, body=b"abc").body_length == 3
    assert Response(status=200, body=None).body_length is None
    assert Response(status=200, body=None, passed=PassedBody(length=7)).body_length == 7
