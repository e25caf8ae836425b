"""Captures that are written: every exchange comes back, and no file is half written."""

from __future__ import annotations

import io
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings

from mdmcore.capture import open_capture
from mdmcore.capture.flows import read_flows
from mdmcore.capture.har import read_har
from mdmcore.capture.saz import read_saz
from mdmcore.capture.source import Reading, Record
from mdmcore.capture.writing import (
    OpenWriter,
    WrittenFormat,
    format_of,
    har_writer,
    saz_writer,
    writing,
)
from mdmcore.errors import ConfigError
from mdmcore.http import Exchange, Response
from mdmcore.mitm.flow_writer import FlowFileWriter
from mdmcore.xml import NOT_XML
from tests.capture.any_exchange import any_exchange
from tests.capture.archives import exchange

FORMATS: tuple[WrittenFormat, ...] = ("flows", "har", "saz")
WRITERS: dict[str, OpenWriter] = {
    "flows": FlowFileWriter,
    "har": lambda out: har_writer(out, version="1"),
    "saz": saz_writer,
}
READERS = {"flows": read_flows, "har": read_har, "saz": read_saz}
UNTIL = datetime(2026, 3, 1, 13, 0, tzinfo=UTC)


def written(format: str, *exchanges: Exchange, until: datetime | None = None) -> bytes:
    """What the writer of that format makes of them."""
    file = io.BytesIO()
    writer = WRITERS[format](file)
    try:
        for one in exchanges:
            writer.add(Record(exchange=one))
    except BaseException:
        writer.abandon()
        raise
    writer.finish(until)
    return file.getvalue()


def read(format: str, data: bytes) -> tuple[list[Exchange], Reading]:
    """All exchanges of a capture of that format."""
    reading = Reading(name="c")
    return list(READERS[format](io.BytesIO(data), reading)), reading


@pytest.mark.parametrize("format", FORMATS)
@given(one=any_exchange())
@settings(max_examples=100)
def test_every_exchange_comes_back(format: str, one: Exchange) -> None:
    (found,), reading = read(format, written(format, one))
    assert reading.problems == []
    if format == "saz":  # XML has no room for some characters of a comment
        kept = NOT_XML.sub("\ufffd", one.notes.comment).replace("\r\n", "\n").replace("\r", "\n")
        shown = NOT_XML.sub("\ufffd", found.notes.comment).replace("\r", "\n")
        assert shown == ("" if kept == "[#1]" else kept)
        found = replace(found, notes=replace(found.notes, comment=one.notes.comment))
    assert found == one


@pytest.mark.parametrize("format", FORMATS)
def test_the_end_of_a_recording_is_kept(format: str) -> None:
    found, reading = read(format, written(format, exchange(), until=UNTIL))
    assert len(found) == 1
    assert reading.until == UNTIL
    assert read(format, written(format, exchange()))[1].until is None


@pytest.mark.parametrize("format", FORMATS)
def test_no_exchange_is_held(format: str, tmp_path: Path) -> None:
    body = bytes(range(256)) * 2048
    one = exchange(response=Response(status=200, body=body))
    with (tmp_path / "out").open("wb") as file:
        writer = WRITERS[format](file)
        writer.add(Record(exchange=one))
        tracemalloc.start()
        try:
            for _ in range(20):
                writer.add(Record(exchange=one))
            held, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        writer.finish()
    assert held < len(body)


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("a.mitm", "flows"),
        ("a.flow", "flows"),
        ("a.FLOWS", "flows"),
        ("a.b.har", "har"),
        ("a.Saz", "saz"),
    ],
)
def test_names_tell_the_format(name: str, format: str) -> None:
    assert format_of(Path(name)) == format


@pytest.mark.parametrize("name", ["a", "a.txt", "har", "a.har.gz"])
def test_other_names_tell_none(name: str) -> None:
    with pytest.raises(ConfigError, match="--to"):
        format_of(Path(name))


def test_a_file_is_there_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    with writing(path, WRITERS["har"]) as writer:
        writer.add(Record(exchange=exchange()))
        assert not path.exists()
        writer.finish()
    assert [one.name for one in tmp_path.iterdir()] == ["a.har"]
    assert len(list(open_capture(path).exchanges())) == 1


@pytest.mark.parametrize("format", FORMATS)
def test_after_an_interruption_nothing_is_left(format: str, tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"before")
    (tmp_path / "out.part-1").write_bytes(b"of another process")

    def interrupted() -> None:
        with writing(path, WRITERS[format], force=True) as writer:
            writer.add(Record(exchange=exchange()))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out", "out.part-1"]
    assert path.read_bytes() == b"before"


def test_a_file_that_comes_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.har"

    def late() -> None:
        with writing(path, WRITERS["har"]) as writer:
            writer.finish()
            path.write_bytes(b"mine")

    with pytest.raises(ConfigError, match="--force"):
        late()
    assert path.read_bytes() == b"mine"
    assert [one.name for one in tmp_path.iterdir()] == ["a.har"]


def test_a_name_that_no_system_takes(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="null"), writing(tmp_path / "a\0b", WRITERS["har"]):
        raise AssertionError
