"""Cookies: where they are sent, when they end, and what is not taken."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mdmcore.http import Headers, Response
from mdmcore.phone.cookies import Cookies

NOW = datetime(2026, 6, 1, tzinfo=UTC)
URL = "https://sts.example.test/a/login"


def jar(*cookies: str, url: str = URL) -> Cookies:
    kept = Cookies()
    for cookie in cookies:
        kept.take(url, Response(status=200, headers=Headers([("Set-Cookie", cookie)])), NOW)
    return kept


@pytest.mark.parametrize(
    ("cookie", "url", "sent"),
    [
        ("s=1", "https://sts.example.test/a/other", "s=1"),
        ("s=1", "https://sts.example.test/a", "s=1"),
        ("s=1", "https://sts.example.test/ab", None),
        ("s=1", "https://sts.example.test/", None),
        ("s=1; Path=/", "https://sts.example.test/", "s=1"),
        ("s=1; path=/a/login", "https://sts.example.test/a/login/x", "s=1"),
        ("s=1; Path=relative", "https://sts.example.test/a/x", "s=1"),
        ("s=1", "https://other.example.test/a/login", None),
        ("s=1; Domain=.example.test; Path=/", "https://other.example.test/", "s=1"),
        ("s=1; Domain=example.test; Path=/", "https://example.test/", "s=1"),
        ("s=1; Domain=example.test; Path=/", "https://notexample.test/", None),
        ("s=1; Domain=other.test; Path=/", URL, None),
        ("s=1; Domain=test; Path=/", URL, None),
        ("s = a=b ; Secure; HttpOnly", URL, "s=a=b"),
        ("nothing", URL, None),
        ("=1", URL, None),
        (f"s={'x' * 5000}", URL, None),
        ("s=\x01", URL, None),
        ("s=ä", URL, None),
    ],
)
def test_where_a_cookie_goes(cookie: str, url: str, sent: str | None) -> None:
    assert jar(cookie).header(url) == sent


@pytest.mark.parametrize(
    "end",
    [
        "Max-Age=0",
        "max-age=-1",
        "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "Expires=Thu, 01 Jan 2026 00:00:00 -0000",
        "Max-Age=0; Expires=Fri, 01 Jan 2100 00:00:00 GMT",
    ],
)
def test_a_cookie_ends(end: str) -> None:
    assert jar("s=1").header(URL) == "s=1"
    assert jar("s=1", f"s=; {end}").header(URL) is None


@pytest.mark.parametrize(
    "end", ["Max-Age=60", "Expires=Fri, 01 Jan 2100 00:00:00 GMT", "Expires=soon", "Max-Age=x"]
)
def test_a_cookie_stays(end: str) -> None:
    assert jar(f"s=1; {end}").header(URL) == "s=1"


def test_the_same_cookie_is_replaced_and_the_longest_path_comes_first() -> None:
    kept = jar("s=1; Path=/", "s=2; Path=/", "t=3; Path=/a")
    assert kept.header(URL) == "t=3; s=2"


def test_the_jar_is_bounded() -> None:
    kept = jar(*(f"c{number}=1" for number in range(500)))
    assert (kept.header(URL) or "").count(";") == 99
