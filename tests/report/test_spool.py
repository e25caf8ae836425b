"""Exchanges on their way to a report."""

from __future__ import annotations

from pathlib import Path

from mdmcore.report import analyze
from mdmcore.report.rows import exchange_row
from mdmcore.report.spool import (
    ExchangeSpool,
    FileLines,
    facts_by_id,
    facts_of,
    host_of,
    rows_by_id,
)
from tests.report.material import capture_of, dm_flow, exchange_flow


def spooled(spool: ExchangeSpool, tmp_path: Path) -> ExchangeSpool:
    for row in analyze([capture_of(tmp_path / "c", exchange_flow("/a"), dm_flow())]).rows():
        spool.add(exchange_row(row.exchange, row.inspection))
    return spool


def test_lines_can_be_read_again_and_added_to(tmp_path: Path) -> None:
    with spooled(ExchangeSpool(in_memory=10), tmp_path) as spool:
        first = list(spool.lines())
        assert first == list(spool.lines())
        spooled(spool, tmp_path)
        assert list(spool.lines()) == first * 2
        assert b"\n" not in b"".join(first)


def test_a_spool_at_a_path_stays(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    with spooled(ExchangeSpool(path), tmp_path) as spool:
        lines = list(spool.lines())
    assert list(FileLines((path, path)).lines()) == lines * 2


def test_facts_and_rows_are_found_again(tmp_path: Path) -> None:
    with spooled(ExchangeSpool(), tmp_path) as spool:
        assert [(one.id, one.host, one.kind, one.life) for one in facts_of(spool)] == [
            ("c:1", "mdm.example.test", "other", None),
            ("c:2", "mdm.example.test", "syncml", "life-1"),
        ]
        assert list(facts_by_id(spool, {"c:2", "d:1"})) == ["c:2"]
        (row,) = rows_by_id(spool, {"c:2"})
        assert (row.index, row.method) == (2, "POST")
        assert facts_by_id(spool, ()) == {}


def test_the_host_of_any_url() -> None:
    assert host_of("https://user@MDM.test:8443/a") == "mdm.test:8443"
    for odd in ("", "*", "http://[::1", "mdm.test:443"):
        assert host_of(odd) == ""
