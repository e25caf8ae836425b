"""Messages off a byte stream: where they end, by each way in which HTTP/1 tells it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.capture.http1_stream import (
    find_answer,
    find_request,
    is_http,
    read_answer,
    read_request,
)

OK = b"HTTP/1.1 200 OK\r\n"
NEXT = b"HTTP/1.1 201 Created\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "method", "body"),
    [
        (OK + b"Content-Length: 3\r\n\r\nabc", "GET", b"abc"),
        (OK + b"Content-Length: 3, 3\r\n\r\nabc", "GET", b"abc"),
        (OK + b"Content-Length: 3\r\n\r\n", "HEAD", b""),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n", "GET", b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", "GET", b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n", "POST", b""),
        (OK + b"\r\n", "CONNECT", b""),
        (
            OK + b"Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
            "GET",
            b"abc",
        ),
        (
            OK + b"Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\nC: d\r\n\r\n",
            "GET",
            b"abc",
        ),
        (b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\na", "GET", b"a"),
        (b"HTTP/1.1 200 OK\nContent-Length: 1\n\na", "GET", b"a"),
    ],
)
def test_an_answer_ends_where_the_next_begins(sent: bytes, method: str, body: bytes) -> None:
    found = read_answer(sent + NEXT, 0, method)
    assert found is not None
    assert (found.message.body, found.end, found.is_whole) == (body, len(sent), True)
    assert find_answer(sent + NEXT, found.end) == len(sent)


def test_without_a_length_an_answer_goes_on_to_the_end() -> None:
    found = read_answer(OK + b"\r\nall of it", 0, "GET")
    assert found is not None
    assert (found.message.body, found.is_open) == (b"all of it", True)


@pytest.mark.parametrize(
    ("sent", "body", "expected"),
    [
        (OK + b"Content-Length: 9\r\n\r\nabc", b"abc", 9),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\nabc", b"abc", None),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", b"abc", None),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n", b"abc", None),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz", b"abc", None),
    ],
)
def test_what_is_cut_is_not_whole(sent: bytes, body: bytes, expected: int | None) -> None:
    found = read_answer(sent, 0, "GET")
    assert found is not None
    assert (found.message.body, found.is_whole, found.expected) == (body, False, expected)


def test_a_request_without_a_length_has_no_body() -> None:
    sent = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    found = read_request(sent + b"POST / HTTP/1.1\r\n\r\n", 0)
    assert found is not None
    assert (found.end, found.message.body) == (len(sent), b"")


def test_headers_that_do_not_end() -> None:
    assert read_request(b"GET / HTTP/1.1\r\nHost: a\r\n", 0) is None
    assert read_answer(OK, 0, "GET") is None


def test_the_next_message_is_found_behind_other_bytes() -> None:
    data = b"the end of a body\r\nGET /a HTTP/1.1\r\n\r\n"
    assert find_request(data, 0) == 19
    assert find_request(b"\r\n\r\nGET /a HTTP/1.1\r\n\r\n", 0) == 4
    assert find_request(b"said: GET /a HTTP/1.1\r\n\r\n", 0) == 0  # a method may be any token
    assert find_answer(b"x HTTP/1.1 200 OK\r\n", 0) is None
    # Missing bytes stand as zeros.
    assert find_answer(b"\0\0\0HTTP/1.1 200 OK\r\n", 0) == 3


def test_what_begins_as_http() -> None:
    assert is_http(b"POST /a HTTP/1.1\r\n")
    assert is_http(b"HTTP/1.0 200 OK\r\n")
    assert not is_http(b"SSH-2.0-OpenSSH\r\n")
    assert not is_http(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_an_error(rest: bytes) -> None:
    sent = OK + b"Transfer-Encoding: chunked\r\n\r\n" + rest
    found = read_answer(sent, 0, "GET")
    assert found is not None
    assert found.end <= len(sent)
