"""Converting records: changed on the way, with what was left out and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from mitmproxy.test.tflow import ttcpflow

from mdmcore.capture import Capture, open_capture
from mdmcore.capture.source import Record
from mdmcore.errors import CaptureError
from mdmcore.http import Exchange, Notes
from mdmcore.inspector import Inspector
from mdmcore.mitm.mark_flow import end_flow
from mdmcore.report.annotating import Annotating
from mdmcore.report.conversion import convert
from tests.capture.flow_files import flow_bytes, http_flow

ENDED = datetime(2026, 3, 1, 13, 0, tzinfo=UTC)


class Kept:
    """A writer that keeps what it is given."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.until: datetime | None = None

    def add(self, record: Record) -> None:
        self.records.append(record)

    def finish(self, until: datetime | None = None) -> None:
        self.until = until

    def abandon(self) -> None:
        raise AssertionError


def capture_of(folder: Path, name: str = "a.mitm") -> Capture:
    path = folder / name
    path.write_bytes(flow_bytes(http_flow("/a"), ttcpflow(), http_flow("/b"), end_flow(ENDED)))
    return open_capture(path)


def without_the_first(exchanges: Iterator[Exchange]) -> Iterator[Exchange]:
    next(exchanges)
    for one in exchanges:
        yield replace(one, notes=Notes(comment="changed"))


def test_flows_keep_their_originals(tmp_path: Path) -> None:
    writer = Kept()
    result = convert([capture_of(tmp_path)], writer, format="flows")
    assert [record.exchange is not None for record in writer.records] == [True, False, True]
    assert all(record.original is not None for record in writer.records)
    assert (result.exchanges, dict(result.left_out), result.errors) == (2, {}, [])
    assert writer.until == result.until == ENDED


def test_what_is_changed_has_no_original(tmp_path: Path) -> None:
    writer = Kept()
    result = convert([capture_of(tmp_path)], writer, format="flows", change=without_the_first)
    (record,) = writer.records
    assert record.exchange is not None
    assert (record.exchange.request.path, record.exchange.notes.comment) == ("/b", "changed")
    assert record.original is None
    assert (result.exchanges, dict(result.left_out)) == (1, {"tcp": 1})


def test_what_is_changed_is_what_is_annotated(tmp_path: Path) -> None:
    writer = Kept()
    convert(
        [capture_of(tmp_path), capture_of(tmp_path, "b.mitm")],
        writer,
        format="har",
        change=without_the_first,
        annotating=Annotating(Inspector),
    )
    comments = [record.exchange.notes.comment for record in writer.records if record.exchange]
    assert len(comments) == 2
    assert all(comment.startswith("changed [mdm] ") for comment in comments)


def test_each_exchange_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    capture = capture_of(tmp_path)
    convert([capture], Kept(), format="har", tell=told.append)
    assert told == [capture.name] * 3


def test_a_capture_that_ends_early_is_an_error(tmp_path: Path) -> None:
    def stopping(exchanges: Iterator[Exchange]) -> Iterator[Exchange]:
        yield next(exchanges)
        raise CaptureError("no more", where="line 7")

    writer = Kept()
    result = convert([capture_of(tmp_path)], writer, format="har", change=stopping)
    assert (len(writer.records), result.exchanges) == (1, 1)
    assert [(error.where, error.message) for _, error in result.errors] == [("line 7", "no more")]
