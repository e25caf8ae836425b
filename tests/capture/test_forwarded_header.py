"""The header that a proxy added is not the device's; damaged notes take nothing away."""

from __future__ import annotations

import pytest

from mdmcore.capture.forwarded_header import device_headers
from mdmcore.http import Headers

HEADERS = Headers([("Host", "x"), ("X-Cert", "a"), ("x-cert", "b")])


def test_the_named_header_is_left_out() -> None:
    metadata = {"mdmproxy": {"forwarded_certificate": {"header": "X-CERT", "is_sent": True}}}
    assert device_headers(HEADERS, metadata) == Headers([("Host", "x")])


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"mdmproxy": None},
        {"mdmproxy": {}},
        {"mdmproxy": {"forwarded_certificate": "X-Cert"}},
        {"mdmproxy": {"forwarded_certificate": {"header": 3}}},
    ],
)
def test_without_such_a_note_all_stay(metadata: dict[str, object]) -> None:
    assert device_headers(HEADERS, metadata) == HEADERS
