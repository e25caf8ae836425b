"""Captures that are written: each format brings back every exchange, and no file is half written."""

from __future__ import annotations

import io
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
    check_target,
    format_of,
    har_writer,
    saz_writer,
    writing,
)
from mdmcore.errors import ConfigError
from mdmcore.http import Exchange
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
