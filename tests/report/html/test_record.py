"""The spool."""

import tracemalloc
from contextlib import closing
from datetime import UTC, datetime

import pytest

from mdmcore.report.html.record import Spool
from tests.report.html.records import record


@pytest.mark.parametrize("in_memory", [1, 10**6], ids=["file", "memory"])
def test_records_come_back_with_and_without_their_fragments(in_memory: int) -> None:
    given = [
        (record(1, started=datetime(2026, 1, 1, tzinfo=UTC), rules=(("r", True),)), "<p>ü"),
        (record(2), ""),
        (record(3, life=None, status=None), "x" * 100_000),
    ]
    with closing(Spool(in_memory=in_memory)) as spool:
        assert list(spool.records()) == []
        for one, fragment in given:
            spool.add(one, fragment)
        assert list(spool.records()) == [one for one, _ in given]
        assert list(spool.read()) == given
        assert list(spool.read()) == given


def test_memory_does_not_grow_with_fragments() -> None:
    with closing(Spool(in_memory=1)) as spool:
        spool.add(record(1), "")
        tracemalloc.start()
        try:
            for number in range(2, 102):
                spool.add(record(number), f"{number}" * 20_000)
            assert tracemalloc.get_traced_memory()[0] < 100_000
            assert sum(1 for _ in spool.records()) == 101
            assert tracemalloc.get_traced_memory()[0] < 100_000
        finally:
            tracemalloc.stop()
