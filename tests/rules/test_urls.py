"""URLs compared as endpoints."""

from __future__ import annotations

import pytest

from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.rules.urls import endpoint, redirect_of


@pytest.mark.parametrize(
    "other", ["HTTPS://H.test:443/A", "https://h.test/a?mode=x", " https://h.test/a\n"]
)
def test_the_same_endpoint(other: str) -> None:
    assert endpoint("https://h.test/a") == endpoint(other)


@pytest.mark.parametrize(
    "other", ["https://i.test/a", "https://h.test/b", "https://h.test:444/a", "http://h.test/a"]
)
def test_another_endpoint(other: str) -> None:
    assert endpoint("https://h.test/a") != endpoint(other)


@pytest.mark.parametrize("text", ["", "no url", "https://h:port/", "http://[::1", "/path"])
def test_what_is_no_url_is_no_endpoint(text: str) -> None:
    assert endpoint(text) == ""


def redirect(status: int, location: str | None, url: str = "https://h.test/a?x=1") -> str:
    headers = Headers([("Location", location)] if location is not None else [])
    exchange = Exchange(
        id="c:1",
        index=1,
        capture="c",
        request=Request(method="GET", url=url),
        response=Response(status=status, headers=headers),
    )
    return redirect_of(exchange)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://i.test/b", "https://i.test/b"),
        (" /b?y=2 ", "https://h.test/b?y=2"),
        ("b", "https://h.test/b"),
        ("", ""),
        (None, ""),
        ("http://[::1", ""),
    ],
)
def test_where_a_redirect_leads(location: str | None, target: str) -> None:
    assert redirect(302, location) == target


@pytest.mark.parametrize("status", [200, 201, 300, 304, 404])
def test_other_answers_lead_nowhere(status: int) -> None:
    assert redirect(status, "https://i.test/b") == ""
