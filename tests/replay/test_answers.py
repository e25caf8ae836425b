"""Packages from captured ranges."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.replay.answers import Package, range_answer
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.rules.scene import Scene

WHOLE = bytes(range(100))
LIKE = Response(status=206, headers=Headers([("Content-Type", "application/x-silverlight-app")]))


def scenes(*parts: tuple[int, int], total: str = "100") -> Iterable[Scene]:
    for first, last in parts:
        headers = Headers([("Content-Range", f"bytes {first}-{last}/{total}")])
        response = Response(status=206, headers=headers, body=WHOLE[first : last + 1])
        yield scene(response)


def scene(response: Response | None) -> Scene:
    request = Request(method="GET", url="https://mdm.example.test/hub.xap")
    exchange = Exchange(id="a:1", index=1, capture="a", request=request, response=response)
    return Scene(exchange=exchange, decoded=Decoded(kind=Kind.HUB))


@pytest.mark.parametrize(
    "parts",
    [((0, 99),), ((50, 99), (0, 49)), ((0, 60), (40, 99))],
    ids=["whole", "any order", "overlapping"],
)
def test_ranges_that_are_the_whole(parts: tuple[tuple[int, int], ...]) -> None:
    assert Package(scenes(*parts)).body() == WHOLE


@pytest.mark.parametrize(
    ("parts", "total"),
    [((), "100"), (((0, 40), (50, 99)), "100"), (((0, 40),), "100"), (((0, 99),), "*")],
    ids=["none", "a hole", "no end", "no size"],
)
def test_ranges_that_are_not(parts: tuple[tuple[int, int], ...], total: str) -> None:
    assert Package(scenes(*parts, total=total)).body() is None


def test_a_whole_answer() -> None:
    assert Package([scene(None), scene(Response(status=200, body=WHOLE))]).body() == WHOLE


@pytest.mark.parametrize(
    ("asked", "status", "body", "content_range"),
    [
        ("bytes=0-9", 206, WHOLE[:10], "bytes 0-9/100"),
        ("bytes=90-", 206, WHOLE[90:], "bytes 90-99/100"),
        ("bytes=90-500", 206, WHOLE[90:], "bytes 90-99/100"),
        ("bytes=100-", 416, b"", "bytes */100"),
        ("bytes=9-2", 416, b"", "bytes */100"),
        ("", 200, WHOLE, None),
        ("bytes=-5", 200, WHOLE, None),
    ],
)
def test_a_range(asked: str, status: int, body: bytes, content_range: str | None) -> None:
    headers = Headers([("Range", asked)] if asked else [])
    request = Request(method="GET", url="https://mdm.example.test/hub.xap", headers=headers)
    answer = range_answer(request, WHOLE, LIKE)
    assert (answer.status, answer.body) == (status, body)
    assert answer.headers.get("Content-Range") == content_range
