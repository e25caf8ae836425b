"""What is known of a body that was not kept, and its JSON form: whole, cut, and hostile."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.block_digests import MAX_BLOCKS, NO_BLOCKS, BlockDigests, blocks_of
from mdmcore.errors import ParseError
from mdmcore.passed_body import (
    BEGINNING_BYTES,
    BodyMeter,
    PassedBody,
    parse_passed,
    passed_fields,
)

BODY = b"PK\x03\x04" + bytes(range(256)) * 100
ROWS = st.integers(0, 20).flatmap(lambda count: st.binary(min_size=8 * count, max_size=8 * count))
RECORDS = st.builds(
    PassedBody,
    length=st.integers(0, 2**63),
    is_whole=st.booleans(),
    beginning=st.binary(max_size=BEGINNING_BYTES),
    blocks=st.builds(BlockDigests, first=st.integers(0, 1000), data=ROWS),
)
FULL = passed_fields(PassedBody(length=len(BODY), beginning=b"PK", blocks=blocks_of(BODY)))


def measured(body: bytes, start: int | None, *, step: int = 1000) -> BodyMeter:
    meter = BodyMeter(start)
    for at in range(0, len(body), step):
        meter.take(body[at : at + step])
    return meter


@pytest.mark.parametrize("step", [1, 100, 300, 100_000])
def test_what_passes_is_counted(step: int) -> None:
    passed = measured(BODY, 5000, step=step).passed(is_whole=True)
    assert passed == PassedBody(
        length=len(BODY), beginning=BODY[:BEGINNING_BYTES], blocks=blocks_of(BODY, 5000)
    )


def test_bytes_of_an_unknown_place_have_no_blocks() -> None:
    passed = measured(BODY, None).passed(is_whole=False)
    assert (passed.blocks, passed.length, passed.is_whole) == (NO_BLOCKS, len(BODY), False)


@given(RECORDS)
def test_a_record_is_plain_json_and_read_as_it_was(record: PassedBody) -> None:
    fields = passed_fields(record)
    again = parse_passed(json.loads(json.dumps(fields)))
    assert passed_fields(again) == fields
    assert dict(again.blocks) == dict(record.blocks)


def test_digests_of_blocks_of_another_size_are_not_compared() -> None:
    assert parse_passed(FULL | {"block": 65536}).blocks == NO_BLOCKS
    assert parse_passed(FULL | {"more": 1}) == parse_passed(FULL)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("length", -1),
        ("length", True),
        ("length", "1"),
        ("length", 2**63 + 1),
        ("length", None),
        ("whole", 1),
        ("whole", None),
        ("beginning", "AA="),
        ("beginning", "ü"),
        ("beginning", b"AA=="),
        ("beginning", "A" * 4 * BEGINNING_BYTES),
        ("first", -1),
        ("first", MAX_BLOCKS),
        ("digests", "AAAA"),
        ("digests", 7),
        ("digests", "A" * 3_000_000),
    ],
)
def test_a_damaged_record_says_where(name: str, value: Any) -> None:
    expected = "digests" if (name, value) == ("first", MAX_BLOCKS) else name
    with pytest.raises(ParseError, match=f"the record of a body has a wrong {expected}"):
        parse_passed(FULL | {name: value})


@pytest.mark.parametrize("data", [None, [], "x", 7])
def test_what_is_no_record(data: object) -> None:
    with pytest.raises(ParseError, match="no table"):
        parse_passed(data)
