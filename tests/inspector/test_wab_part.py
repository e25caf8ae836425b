"""Sign-in pages taken apart: what was asked with, and which form counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.inspector.wab_part import read_wab

HTML = "text/html"
FORM_TYPE = "application/x-www-form-urlencoded"
LANGUAGE = b'<form action="/lang"><input name="lang" value="de"></form>'
END = b'<form method="post" action="ms-app://x"><input name="wresult" value="t"></form>'


def exchange(
    page: bytes | None = b"",
    *,
    url: str = "https://h.test/login",
    body: bytes = b"",
    media_type: str = HTML,
) -> Exchange:
    request = Request(
        method="POST", url=url, headers=Headers([("Content-Type", FORM_TYPE)]), body=body
    )
    headers = Headers([("Content-Type", media_type)])
    response = Response(status=200, headers=headers, body=page)
    return Exchange(id="c:1", index=1, capture="c", request=request, response=response)


def test_the_query_is_read_before_the_posted_form() -> None:
    part = read_wab(
        exchange(
            url="https://h.test/login?appru=ms-app%3A%2F%2Fx&login_hint=a%40b.test",
            body=b"appru=other&login_hint=c&password=secret",
        )
    )
    assert (part.appru, part.login_hint) == ("ms-app://x", "a@b.test")
    assert read_wab(exchange(body=b"appru=ms-app%3A%2F%2Fy")).appru == "ms-app://y"


def test_the_form_that_hands_over_the_token_counts() -> None:
    part = read_wab(exchange(LANGUAGE + END))
    assert part.form is not None
    assert (part.form.action, part.is_end) == ("ms-app://x", True)
    first = read_wab(exchange(LANGUAGE * 2))
    assert first.form is not None
    assert (first.form.action, first.is_end) == ("/lang", False)


def test_a_form_back_to_appru_is_the_last_one_whatever_its_scheme() -> None:
    page = b'<form action="x-app://back"></form>'
    assert read_wab(exchange(page, body=b"appru=x-app%3A%2F%2Fback")).is_end
    assert not read_wab(exchange(page)).is_end


@pytest.mark.parametrize("media_type", ["application/json", ""])
def test_what_is_no_page_has_no_form(media_type: str) -> None:
    assert read_wab(exchange(END, media_type=media_type)).form is None
    page = b"<!DOCTYPE html>" + END
    assert read_wab(exchange(page, media_type=media_type)).form is not None
    assert read_wab(exchange(None)).form is None


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_anything_is_read(page: bytes, body: bytes) -> None:
    read_wab(exchange(page, body=body, url=f"https://h.test/?{body.decode('latin-1')}"))


def test_too_many_fields_are_not_read() -> None:
    assert read_wab(exchange(body=b"&".join([b"appru=x"] * 1000))).appru == ""
