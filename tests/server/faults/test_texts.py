"""Changing the text of our own answers: what is meant changes, the rest stays octet by octet."""

from __future__ import annotations

import pytest

from mdmcore.http import Headers, Response
from mdmcore.server.faults import texts

BODY = b'<s:A><s:B x="1">one</s:B><C/><D y="2"/><B>two</B><s:Bc>no</s:Bc></s:A>'
RESPONSE = Response(
    status=200,
    headers=Headers([("Content-Type", "text/plain"), ("Content-Length", "2"), ("X-Other", "1")]),
    body=b"ab",
)


def test_another_body_comes_with_its_length_in_bytes() -> None:
    found = texts.with_body(RESPONSE, "äöü".encode())
    assert found is not None
    assert found.body == "äöü".encode()
    assert found.headers.get("Content-Length") == "6"
    assert found.headers.get("Content-Type") == "text/plain"
    assert found.headers.get("X-Other") == "1"
    assert found.status == 200


def test_no_length_is_named_where_none_was() -> None:
    bare = Response(status=200, headers=Headers([("X-Other", "1")]), body=b"ab")
    found = texts.with_body(bare, b"abc")
    assert found == Response(status=200, headers=bare.headers, body=b"abc")


@pytest.mark.parametrize("body", [None, b"ab"], ids=["none", "the same"])
def test_no_other_body_is_no_change(body: bytes | None) -> None:
    assert texts.with_body(RESPONSE, body) is None


def test_an_empty_body_is_another_one() -> None:
    found = texts.with_body(RESPONSE, b"")
    assert found is not None
    assert (found.body, found.headers.get("Content-Length")) == (b"", "0")


def test_another_header_leaves_the_others() -> None:
    found = texts.with_header(RESPONSE, "Content-Type", "text/html")
    assert found.headers == RESPONSE.headers.replaced("Content-Type", "text/html")
    assert found.headers.get("X-Other") == "1"
    assert (found.status, found.body) == (200, b"ab")


def test_another_status_leaves_headers_and_body() -> None:
    found = texts.with_status(RESPONSE, 503)
    assert found == Response(status=503, headers=RESPONSE.headers, body=RESPONSE.body)


def test_a_text_is_replaced_where_it_is() -> None:
    assert texts.replaced(b"a b a", b"a", b"c") == b"c b c"
    assert texts.replaced(b"a b a", b"a", b"c", count=1) == b"c b a"
    assert texts.replaced(b"a b a", b"x", b"c") is None


@pytest.mark.parametrize(
    ("name", "text"),
    [("B", "one"), ("C", ""), ("D", ""), ("Bc", "no"), ("E", None), ("", None), (".", None)],
)
def test_the_text_of_the_first_element_of_a_name(name: str, text: str | None) -> None:
    assert texts.element_text(BODY, name) == text


def test_another_text_is_escaped_and_set_once() -> None:
    assert texts.with_text(BODY, "B", "<&>") == BODY.replace(b">one<", b">&lt;&amp;&gt;<")


def test_an_empty_element_gets_a_text_and_keeps_its_attributes() -> None:
    assert texts.with_text(BODY, "C", "x") == BODY.replace(b"<C/>", b"<C>x</C>")
    assert texts.with_text(BODY, "D", "x") == BODY.replace(b'<D y="2"/>', b'<D y="2">x</D>')


def test_changed_content_may_be_xml_and_bytes_that_are_none() -> None:
    found = texts.with_inner(BODY, "B", lambda inner: inner + b"<raw & \xff")
    assert found == BODY.replace(b">one<", b">one<raw & \xff<")


def test_an_element_goes_with_all_that_it_holds() -> None:
    assert texts.without_element(BODY, "B") == BODY.replace(b'<s:B x="1">one</s:B>', b"")
    assert texts.without_element(BODY, "D") == BODY.replace(b'<D y="2"/>', b"")
    assert texts.without_element(BODY, "A") == b""


def test_something_is_put_around_an_element() -> None:
    found = texts.around_element(BODY, "C", b"<x/>", b"<y/>")
    assert found == BODY.replace(b"<C/>", b"<x/><C></C><y/>")
    assert texts.around_element(BODY, "B", after=b"!") == BODY.replace(b"</s:B>", b"</s:B>!")


def test_what_is_not_there_cannot_be_changed() -> None:
    assert texts.with_text(BODY, "E", "x") is None
    assert texts.with_inner(BODY, "E", bytes.upper) is None
    assert texts.without_element(BODY, "E") is None
    assert texts.around_element(BODY, "E", b"x") is None
