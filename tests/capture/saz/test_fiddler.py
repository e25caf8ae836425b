"""What our writer makes is read by a loader as strict as Fiddler's, comments and colours shown."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.capture.saz.writer import SazWriter
from mdmcore.http import Exchange, Notes
from mdmcore.xml import NOT_XML
from tests.capture.any_exchange import any_exchange
from tests.capture.archives import BEGAN, broken_off, exchange
from tests.capture.saz.fiddler import load


def archive(*exchanges: Exchange, until: datetime | None = None) -> bytes:
    file = io.BytesIO()
    writer = SazWriter(file)
    for one in exchanges:
        writer.add(one)
    writer.finish(until)
    return file.getvalue()


@pytest.mark.parametrize(
    ("marker", "colour", "is_bold"),
    [
        (":red_circle:", "red", True),
        (":warning:", "#B8860B", False),
        (":information_source:", None, False),
        ("", None, False),
    ],
)
def test_comment_and_colour_are_shown(marker: str, colour: str | None, is_bold: bool) -> None:
    notes = Notes(comment="one\ntwo", marker=marker, data={"schema": 1})
    first, second = load(archive(exchange(notes=notes), broken_off(), until=BEGAN))
    assert first.comment == "one\ntwo"
    assert first.flags.get("ui-color") == colour
    assert ("ui-bold" in first.flags) is is_bold
    assert (first.status, second.status) == (200, None)
    assert first.times["ClientConnected"] == BEGAN
    assert second.request_line == "CONNECT hub.example.test:443 HTTP/1.1"


@given(st.lists(any_exchange(), max_size=2))
@settings(max_examples=50)
def test_nothing_trips_it(listed: list[Exchange]) -> None:
    loaded = load(archive(*listed, until=datetime(2026, 1, 1, tzinfo=UTC)))
    assert len(loaded) == len(listed)
    for session, one in zip(loaded, listed, strict=True):
        assert (session.comment or "") == NOT_XML.sub("\ufffd", one.notes.comment)
