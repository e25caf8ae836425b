"""The URLs that an exchange hands out, and where they stand."""

from __future__ import annotations

import pytest

from mdmcore.enrollment.provisioning import parse_provisioning
from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.rules.decoded import Decoded, Kind, Provisioning
from mdmcore.rules.handed_out import HandedOut, handed_out
from mdmcore.rules.scene import Scene
from tests.support.story import DISCOVERY_URL, DM_URL, STORE_URL, document


def scene(decoded: Decoded, *, status: int = 200, location: str = "") -> Scene:
    headers = Headers([("Location", location)] if location else [])
    exchange = Exchange(
        id="c:1",
        index=1,
        capture="c",
        request=Request(method="GET", url=DISCOVERY_URL),
        response=Response(status=status, headers=headers),
    )
    return Scene(exchange=exchange, decoded=decoded)


def test_the_urls_of_a_provisioning_document() -> None:
    part = Provisioning(raw=document(), document=parse_provisioning(document()))
    found = list(handed_out(scene(Decoded(kind=Kind.RST, provisioning=part))))
    assert [(item.name, item.url, item.part) for item in found] == [
        ("ADDR", DM_URL, "document"),
        ("StoreURI", STORE_URL, "document"),
    ]


@pytest.mark.parametrize(
    ("status", "location", "count"),
    [
        (302, "https://h.test/", 1),
        (302, "/h", 0),
        (302, "//h.test/x", 0),
        (302, "", 0),
        (201, "https://h.test/", 0),
    ],
)
def test_a_redirect(status: int, location: str, count: int) -> None:
    decoded = Decoded(kind=Kind.PROBE)
    assert len(list(handed_out(scene(decoded, status=status, location=location)))) == count
    other = Decoded(kind=Kind.SYNCML)
    assert list(handed_out(scene(other, status=status, location=location))) == []


@pytest.mark.parametrize(
    ("url", "scheme", "host"),
    [
        ("HTTPS://H.test:1/x", "https", "h.test"),
        (" https://[2001:db8::1]/ ", "https", "2001:db8::1"),
        ("http://[::1", "", ""),
        ("x", "", ""),
    ],
)
def test_scheme_and_host(url: str, scheme: str, host: str) -> None:
    item = HandedOut(name="ADDR", url=url, part="document")
    assert (item.scheme, item.host) == (scheme, host)
