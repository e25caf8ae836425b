"""Records: at most one is kept, however the bytes come."""

from __future__ import annotations

import pytest

from mdmcore.errors import ParseError
from mdmcore.tls_wire.records import HEADER, MAX_FRAGMENT, Content, Record, RecordReader


def test_records_come_out_as_they_went_in() -> None:
    reader = RecordReader()
    assert list(reader.feed(b"\x17\x03\x03\x00\x02a")) == []
    assert list(reader.feed(b"b\x15\x03\x01\x00\x00\x16")) == [
        Record(content=Content.APPLICATION_DATA, fragment=b"ab"),
        Record(content=Content.ALERT, fragment=b""),
    ]


def test_no_more_than_a_record_is_kept() -> None:
    reader = RecordReader()
    record = b"\x17\x03\x03" + MAX_FRAGMENT.to_bytes(2, "big") + bytes(MAX_FRAGMENT)
    for _ in range(50):
        assert len(list(reader.feed(record))) == 1
        assert len(reader._waiting) == 0
    assert list(reader.feed(record[:-1])) == []
    assert len(reader._waiting) < HEADER + MAX_FRAGMENT
    with pytest.raises(ParseError, match="length"):
        list(reader.feed(b"x\x17\x03\x03\xff\xff"))
