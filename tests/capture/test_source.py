"""A capture's own account of what it read."""

from __future__ import annotations

from pathlib import Path

from mdmcore.capture import source
from mdmcore.capture.source import Capture, CaptureProblem, Reading
from tests.capture.flow_files import flow_bytes, http_flow


def test_errors_are_those_of_the_latest_pass(tmp_path: Path):
    def reader(path, reading):
        yield from ()
        reading.problem("line 1", "broken")

    (tmp_path / "x").write_bytes(b"")
    capture = Capture(tmp_path / "x", name="x", format="log", reader=reader)
    assert not capture.errors
    for _ in range(2):
        assert list(capture.exchanges()) == []
        assert capture.errors == (CaptureProblem(where="line 1", message="broken"),)


def test_problems_are_bounded_and_the_rest_is_counted(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(source, "MAX_PROBLEMS", 3)

    def reader(path, reading):
        yield from ()
        for line in range(10):
            reading.problem(f"line {line}", "broken")

    (tmp_path / "x").write_bytes(b"")
    capture = Capture(tmp_path / "x", name="x", format="log", reader=reader)
    list(capture.exchanges())
    assert len(capture.errors) == 4
    assert capture.errors[-1].message == "7 more such problems"


def test_exchanges_are_read_one_by_one(tmp_path: Path):
    from mdmcore.capture import open_capture

    (tmp_path / "x").write_bytes(flow_bytes(http_flow("/a"), http_flow("/b")) + b"junk")
    capture = open_capture(tmp_path / "x")
    exchanges = capture.exchanges()
    assert next(exchanges).request.path == "/a"
    assert (capture.count, capture.errors) == (1, ())
    assert [each.request.path for each in exchanges] == ["/b"]
    assert (capture.count, len(capture.errors)) == (2, 1)


def test_indexes_count_from_one():
    reading = Reading(name="x")
    assert [reading.next_index(), reading.next_index()] == [1, 2]
    assert reading.exchange_id(2) == "x:2"
