"""What is written of a spoilt answer."""

from __future__ import annotations

import pytest

from mdmcore.mitm.transport_faults.spoilt_bytes import spoil, written
from mdmcore.server.faults import TRANSPORT_FAULTS, Part

XML = b"<a><b>text</b></a>"


def test_an_answer_without_mistakes() -> None:
    right = written(XML)
    assert (right.length, right.body) == (len(XML), XML)
    assert (right.closes, right.resets, right.waits, right.error) == (False, False, False, "")


@pytest.mark.parametrize(
    "fault", [one.id for one in TRANSPORT_FAULTS.values() if one.part is Part.BYTES]
)
def test_every_mistake_in_bytes_changes_an_answer(fault: str) -> None:
    assert spoil(fault, written(XML)) not in (None, written(XML))


def test_a_length_of_characters_cuts_the_end() -> None:
    spoilt = spoil("content-length-counts-characters", written(XML))
    assert spoilt is not None
    assert spoilt.length == len(spoilt.body.decode()) < len(spoilt.body)
    assert spoilt.body.endswith(b"</a>")
    assert not spoilt.body[: spoilt.length].endswith(b"</a>")
    assert spoil("content-length-counts-characters", written(b"\x03\x01\x6a")) is None
    assert spoil("content-length-counts-characters", written(b"<a/>")) is None
    assert spoil("content-length-counts-characters", written(b"<a>\xff</a>")) is None


def test_a_length_that_is_too_great() -> None:
    spoilt = spoil("content-length-wrong", written(XML))
    assert spoilt is not None
    assert spoilt.body == XML
    assert spoilt.length > len(XML)
    assert spoilt.closes


def test_half_a_body() -> None:
    for fault in ("answer-truncated", "answer-broken-off"):
        spoilt = spoil(fault, written(XML))
        assert spoilt is not None
        assert (spoilt.length, spoilt.body) == (len(XML), XML[: len(XML) // 2])
    assert spoil("answer-truncated", written(b"")) is None
    # Something is promised that never comes.
    empty = spoil("answer-broken-off", written(b""))
    assert empty is not None
    assert (empty.length, empty.body, empty.resets) == (1, b"", True)
