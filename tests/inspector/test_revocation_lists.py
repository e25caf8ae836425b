"""Which revocation lists somebody asked for in vain."""

from __future__ import annotations

import pytest

from mdmcore.http import Exchange, Request, Response
from mdmcore.inspector.decode import decode
from mdmcore.inspector.revocation_lists import RevocationLists

URL = "http://pki.example.test/ca.crl"


def noted(lists: RevocationLists, status: int, url: str = URL, method: str = "GET") -> None:
    exchange = Exchange(
        id="x:1",
        index=1,
        capture="x",
        request=Request(method=method, url=url),
        response=Response(status=status),
    )
    lists.note(exchange, decode(exchange, is_store_uri=False, told=None))


def test_the_latest_request_counts() -> None:
    lists = RevocationLists()
    noted(lists, 404)
    assert dict(lists.unfetched) == {URL: "HTTP 404"}
    noted(lists, 200)
    assert not lists.unfetched


@pytest.mark.parametrize(
    ("url", "method"), [(URL, "POST"), (URL, "HEAD"), ("http://pki.example.test/x.html", "GET")]
)
def test_other_requests_say_nothing(url: str, method: str) -> None:
    lists = RevocationLists()
    noted(lists, 404, url, method)
    assert not lists.unfetched


def test_the_oldest_are_forgotten() -> None:
    lists = RevocationLists()
    for number in range(70):
        noted(lists, 404, f"http://pki.example.test/{number}.crl")
    assert len(lists.unfetched) == 64
    assert "http://pki.example.test/69.crl" in lists.unfetched
