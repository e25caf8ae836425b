"""Forms of pages, compared with the standard library's reader; hostile pages cost little."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.enrollment.html_form import MAX_FIELDS, MAX_FORMS, html_forms, is_html

TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20)
PIECES = st.sampled_from(
    [
        "<form action=a method=POST>",
        "</form>",
        '<input name="x" value="1&amp;2">',
        "<input name=y value='\"'/>",
        "<INPUT TYPE=hidden NAME=z VALUE=plain>",
        "<input\n name = 'n'\tvalue = \"v\" name=second>",
        "<p>text & more",
        "<!-- <form> -->",
        "<script>if (a<b) '<input name=s>'</script>",
        "<br/>",
    ]
)


class Reader(HTMLParser):
    """What html.parser sees of forms and inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[list[tuple[str, str]]] = []
        self.is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in reversed(attrs)}
        if tag == "form" and not self.is_open:
            self.is_open = True
            self.forms.append([])
        elif tag == "input" and self.is_open:
            self.forms[-1].append((given.get("name", ""), given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_open = False


@given(st.lists(PIECES, max_size=12))
def test_it_agrees_with_the_standard_library(pieces: list[str]) -> None:
    reader = Reader()
    reader.feed("".join(pieces))
    reader.close()
    found = html_forms("".join(pieces).encode())
    assert [list(form.fields) for form in found] == reader.forms[:MAX_FORMS]


@given(TEXT, TEXT)
def test_an_escaped_value_comes_back(name: str, value: str) -> None:
    page = f"<form><input name='{escape(name)}' value=\"{escape(value)}\"></form>"
    (form,) = html_forms(page.encode())
    assert form.fields == ((name, value),)
    assert not form.inputs[0].is_torn


@given(st.binary(max_size=300))
def test_anything_is_read(page: bytes) -> None:
    html_forms(b"<form>" + page)


def test_every_truncation_is_read() -> None:
    page = (
        b'<!doctype html><form method="post" action="ms-app://x"><input name="a" value="b"></form>'
    )
    for end in range(len(page)):
        html_forms(page[:end])


def test_a_form_says_where_it_goes() -> None:
    (form,) = html_forms(b'<FORM Method=" Post " action=" ms-app://x?a=1&amp;b ">')
    assert (form.action, form.method) == (" ms-app://x?a=1&b ", "post")
    (plain,) = html_forms(b"<form></form>")
    assert (plain.action, plain.method) == ("", "get")


@pytest.mark.parametrize(
    ("value", "is_torn", "read"),
    [
        (b'"a"', False, "a"),
        (b'"a"/', False, "a"),
        (b'"<t x="1">"', True, "<t x="),
        (b'"{"a":1}"', True, "{"),
        (b"'<t x=\"1\">'", False, '<t x="1">'),
        (b"'it's'", True, "it"),
    ],
)
def test_a_quote_inside_a_value_tears_it(value: bytes, is_torn: bool, read: str) -> None:
    (form,) = html_forms(b"<form><input name=w value=" + value + b">")
    assert (form.inputs[0].is_torn, form.inputs[0].value) == (is_torn, read)


@pytest.mark.parametrize(
    "piece",
    [b"<", b"<a ", b"</a ", b"<!--", b"<!", b"<form ", b'<input name="', b"a=b ", b"<script>"],
)
def test_a_hostile_page_is_read_in_one_pass(piece: bytes) -> None:
    # html.parser takes minutes for some of these.
    html_forms(b"<form>" + piece * (64 * 1024 // len(piece)))


def test_forms_and_fields_are_bounded() -> None:
    assert len(html_forms(b"<form></form>" * 100)) == MAX_FORMS
    (form,) = html_forms(b"<form>" + b"<input name=a>" * 1000)
    assert len(form.inputs) == MAX_FIELDS


@pytest.mark.parametrize(
    ("body", "is_page"),
    [
        (b"<!DOCTYPE html><title>x", True),
        (b"\xef\xbb\xbf \r\n<html lang=en>", True),
        (b'<?xml version="1.0"?><!DOCTYPE  HTML PUBLIC "x">', True),
        (b'<?xml version="1.0"?><s:Envelope>', False),
        (b"<htmlx>", False),
        (b"<s:Envelope><html>", False),
        (b"", False),
    ],
)
def test_what_looks_like_a_page(body: bytes, is_page: bool) -> None:
    assert is_html(body) is is_page
