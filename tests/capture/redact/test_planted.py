"""No secret that was planted stands in anything that is written."""

from __future__ import annotations

import io

import pytest

from mdmcore.capture.source import Record
from mdmcore.capture.writing import OpenWriter, har_writer, saz_writer
from mdmcore.http import Exchange
from mdmcore.mitm.flow_writer import FlowFileWriter
from tests.capture.redact import planted
from tests.capture.redact.judging import redacted
from tests.capture.redact.looking import found_in


def written(exchanges: list[Exchange], begin: OpenWriter) -> bytes:
    out = io.BytesIO()
    writer = begin(out)
    for exchange in exchanges:
        writer.add(Record(exchange=exchange))
    writer.finish()
    return out.getvalue()


WRITERS = {
    "flows": FlowFileWriter,
    "har": lambda out: har_writer(out, version="1"),
    "saz": saz_writer,
}


@pytest.mark.parametrize("format", WRITERS)
def test_what_was_planted_is_there_before(format: str) -> None:
    before = written(planted.exchanges(), WRITERS[format])
    assert set(found_in(before, planted.SECRETS)) == set(planted.SECRETS)


@pytest.mark.parametrize("format", WRITERS)
def test_nothing_planted_is_there_behind(format: str) -> None:
    exchanges, redactor = redacted(planted.exchanges())
    after = written(exchanges, WRITERS[format])
    assert found_in(after, planted.SECRETS) == []
    assert redactor.search().in_bytes(after, "out") == []
    assert redactor.tally.left_out == []
