"""Flows to requests and answers to flows: the connection's host, whole bodies, right headers."""

from __future__ import annotations

import gzip

import pytest

from mdmcore.http import Headers, Response
from mdmcore.mitm.convert import (
    apply_response,
    connection_hosts,
    exchange_from,
    matching_host,
    request_from,
)
from mdmcore.xml import MAX_XML_BYTES
from tests.support.proxy import make_flow


def is_ours(host: str) -> bool:
    return host == "mdm.example.test"


@pytest.mark.parametrize(
    ("url", "sni", "host_header", "expected"),
    [
        ("http://MDM.example.test/x", None, "mdm.example.test", "mdm.example.test"),
        ("https://mdm.example.test/x", "mdm.example.test", "other.test", "mdm.example.test"),
        ("https://10.0.0.1/x", "MDM.Example.Test", "x", "mdm.example.test"),
        ("https://mdm.example.test./x", None, "x", "mdm.example.test"),
        ("http://other.test/x", None, "mdm.example.test", None),
        ("https://other.test/x", "other.test", "mdm.example.test", None),
    ],
)
def test_the_connection_decides_not_the_host_header(
    url: str, sni: str | None, host_header: str, expected: str | None
) -> None:
    flow = make_flow(url, sni=sni, headers={"Host": host_header})
    assert matching_host(flow, is_ours) == expected


def test_the_sni_comes_first() -> None:
    flow = make_flow("https://10.0.0.1/", sni="mdm.example.test")
    assert connection_hosts(flow) == ("mdm.example.test", "10.0.0.1")


def test_a_request_names_our_host_and_keeps_path_query_and_port() -> None:
    flow = make_flow("https://10.0.0.1:8443/a%20b?c=d", method="POST", body=b"<x/>")
    request = request_from(flow, "mdm.example.test")
    assert request.url == "https://mdm.example.test:8443/a%20b?c=d"
    assert (request.method, request.body) == ("POST", b"<x/>")
    assert request_from(make_flow(), "mdm.example.test").url == "https://mdm.example.test/"


def test_headers_keep_order_doubles_and_bytes() -> None:
    flow = make_flow()
    flow.request.headers.fields = ((b"A", b"1"), (b"b", b"\xff"), (b"a", b"2"))
    assert list(request_from(flow, "x").headers) == [("A", "1"), ("b", "\xff"), ("a", "2")]


def test_a_packed_body_is_unpacked() -> None:
    flow = make_flow(method="POST", body=gzip.compress(b"<x/>"))
    flow.request.headers["Content-Encoding"] = "gzip"
    assert request_from(flow, "x").body == b"<x/>"


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(b"x" * (MAX_XML_BYTES + 1), mtime=0)])
def test_a_body_that_cannot_be_unpacked_stays_as_it_is(body: bytes) -> None:
    flow = make_flow(method="POST", body=body)
    flow.request.headers["Content-Encoding"] = "gzip"
    assert request_from(flow, "x").body == body


def answer(body: bytes = b"body", status: int = 200, *fields: tuple[str, str]) -> Response:
    return Response(status=status, headers=Headers([("Content-Type", "a/b"), *fields]), body=body)


def test_an_answer_has_its_length_in_bytes() -> None:
    flow = make_flow()
    apply_response(flow, answer("ä".encode(), 200))
    assert flow.response is not None
    assert flow.response.headers["Content-Length"] == "2"
    assert "Transfer-Encoding" not in flow.response.headers
    assert flow.response.raw_content == "ä".encode()
    assert flow.response.reason == "OK"


@pytest.mark.parametrize(("version", "is_chunked"), [("HTTP/1.1", True), ("HTTP/1.0", False)])
def test_chunks_are_sent_to_who_knows_them(version: str, is_chunked: bool) -> None:
    flow = make_flow()
    flow.request.http_version = version
    apply_response(flow, answer(b"ab", 200, ("Transfer-Encoding", "chunked")))
    assert flow.response is not None
    assert ("Transfer-Encoding" in flow.response.headers) is is_chunked
    assert ("Content-Length" in flow.response.headers) is not is_chunked


@pytest.mark.parametrize(
    ("version", "asked", "expected"),
    [
        ("HTTP/1.1", None, None),
        ("HTTP/1.1", "keep-alive", None),
        ("HTTP/1.1", "foo, Close", "close"),
        ("HTTP/1.0", None, "close"),
        ("HTTP/1.0", "Keep-Alive", "keep-alive"),
        ("HTTP/2.0", "close", None),
    ],
)
def test_connection_follows_the_request(
    version: str, asked: str | None, expected: str | None
) -> None:
    headers = {} if asked is None else {"Connection": asked}
    flow = make_flow(version=version, headers=headers)
    apply_response(flow, answer(b"", 200, ("Connection", "nonsense")))
    assert flow.response is not None
    assert flow.response.headers.get("Connection") == expected


def test_names_are_lower_case_for_http_2() -> None:
    flow = make_flow(version="HTTP/2.0")
    apply_response(flow, answer())
    assert flow.response is not None
    assert [name for name, _ in flow.response.headers.fields] == [
        b"content-type",
        b"content-length",
    ]


def test_a_head_answer_keeps_the_length_of_what_it_stands_for() -> None:
    flow = make_flow(method="HEAD")
    apply_response(flow, answer(b"", 200, ("Content-Length", "123")))
    assert flow.response is not None
    assert flow.response.headers["Content-Length"] == "123"


def test_an_exchange_has_our_id() -> None:
    exchange = exchange_from(make_flow(), capture="live", index=3)
    assert (exchange.id, exchange.index, exchange.capture) == ("live:3", 3, "live")
