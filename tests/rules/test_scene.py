"""Hits say where, within bounds."""

from __future__ import annotations

from datetime import UTC, datetime

from mdmcore.http import Exchange, Request
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.rules.scene import Scene


def test_a_hit_names_its_exchange_and_is_bounded() -> None:
    request = Request(method="GET", url="https://h.test/")
    exchange = Exchange(id="c:7", index=7, capture="c", request=request)
    scene = Scene(exchange=exchange, decoded=Decoded(kind=Kind.OTHER))
    hit = scene.hit("m" * 5000, part="request", offset=12, evidence="e" * 5000)
    assert hit.place.exchange == "c:7"
    assert hit.place.where == {"part": "request", "offset": "12"}
    assert len(hit.message) == 600
    assert hit.place.evidence == "e" * 297 + "..."


def test_the_time_is_that_of_the_exchange_unless_given() -> None:
    began, given = datetime(2014, 6, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    request = Request(method="GET", url="https://h.test/")
    exchange = Exchange(id="c:7", index=7, capture="c", request=request, started=began)
    decoded = Decoded(kind=Kind.OTHER)
    assert Scene(exchange=exchange, decoded=decoded).now == began
    assert Scene(exchange=exchange, decoded=decoded, now=given).now == given
    loose = Exchange(id="c:8", index=8, capture="c", request=request)
    assert Scene(exchange=loose, decoded=decoded).now is None
