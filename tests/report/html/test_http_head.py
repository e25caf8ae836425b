"""Heads: credentials are masked, all else is as sent."""

import pytest

from mdmcore.http import Headers
from mdmcore.inspector.masked_header import masked_header
from mdmcore.inspector.masked_text import masked_url
from mdmcore.report.html.http_head import MAX_FIELDS, MAX_VALUE, head_of


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Basic dTpw", "Basic ***"),
        ("authorization", "dTpw", "***"),
        ("Proxy-Authorization", "Bearer x.y.z", "Bearer ***"),
        ("Cookie", "sid=abc; b=c", "sid=***"),
        ("Set-Cookie", "sid=abc; Path=/", "sid=***"),
        ("X-Auth-Token", "abc", "***"),
        (
            "x-syncml-hmac",
            'algorithm=MD5, username="u", mac=abc',
            'algorithm=MD5, username="u", mac=***',
        ),
        ("Location", "https://a/?access_token=abc&x=1", "https://a/?access_token=***&x=1"),
        ("Content-Type", "text/xml", "text/xml"),
        ("WWW-Authenticate", "Basic realm=x", "Basic realm=x"),
    ],
)
def test_headers(name: str, value: str, shown: str) -> None:
    assert masked_header(name, value) == shown
    assert head_of("GET /", Headers([(name, value)]), show_secrets=True).fields[0].value == value


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a/b?user=x&Password=y#z", "https://a/b?user=x&Password=***#z"),
        ("https://u:p@a/", "https://u:***@a/"),
        ("https://a/?code=1&api_key=2&mode=3", "https://a/?code=***&api_key=2&mode=3"),
        ("https://a/omadm?mode=Maintenance", "https://a/omadm?mode=Maintenance"),
    ],
)
def test_urls(url: str, shown: str) -> None:
    assert masked_url(url) == shown


def test_heads_are_bounded() -> None:
    head = head_of("GET /", Headers([("A", "x" * 5000)] * (MAX_FIELDS + 5)))
    assert head.more == 5
    assert len(head.fields) == MAX_FIELDS
    assert head.fields[0].value == f"{'x' * MAX_VALUE}… (5000 characters)"
