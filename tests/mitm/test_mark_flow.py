"""A mark survives the way into a recording and out of it, whatever its words are."""

from __future__ import annotations

import pytest

from mdmcore.capture.flows import exchange_from_flow
from mdmcore.inspector import Inspector
from mdmcore.mitm.mark_flow import mark_flow


@pytest.mark.parametrize("words", ["phone restarted", "50 % / a?b#c", "größer"])
def test_a_mark_is_read_as_one(words: str) -> None:
    flow = mark_flow(words)
    exchange = exchange_from_flow(flow, id="a:1", index=1, capture="a")
    inspection = Inspector().inspect(exchange)
    assert inspection.kind == "mark"
    assert inspection.summary == f"Mark: {words}"
    assert inspection.life is None
    assert inspection.findings == ()
    assert flow.comment == words
