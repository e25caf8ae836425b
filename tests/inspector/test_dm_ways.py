"""The forms of DM messages that are remembered."""

from __future__ import annotations

from mdmcore.http import Exchange, Request, Response
from mdmcore.inspector.dm_ways import ways_after
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.rules.life import MAX_DM_WAYS, DmWay

NOTHING = Decoded(kind=Kind.SYNCML)


def exchange(query: str, status: int | None) -> Exchange:
    return Exchange(
        id="x:1",
        index=1,
        capture="x",
        request=Request(method="POST", url=f"https://mdm.example.test/dm{query}"),
        response=None if status is None else Response(status=status),
    )


def test_a_refusal_is_noted_once() -> None:
    once = ways_after((), exchange("?a", 404), NOTHING)
    assert once == (DmWay(agent="", query="a", is_refused=True),)
    assert ways_after(once, exchange("?a", 404), NOTHING) is once


def test_what_tells_nothing_is_not_noted() -> None:
    for status in (None, 200, 302, 401, 500):
        assert ways_after((), exchange("", status), NOTHING) == ()


def test_they_do_not_grow_without_end() -> None:
    ways: tuple[DmWay, ...] = ()
    for number in range(100):
        ways = ways_after(ways, exchange(f"?{number}", 404), NOTHING)
    assert len(ways) == MAX_DM_WAYS
