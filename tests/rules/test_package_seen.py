"""What is remembered of a package: blocks, whatever the parts it comes in."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from mdmcore.http import Headers, Response
from mdmcore.rules.package_seen import (
    BLOCK_BYTES,
    MAX_BLOCKS,
    NOTHING_SEEN,
    blocks_of,
    seen_after,
    told_by,
)
from mdmcore.rules.ranges import parse_content_range, parse_range

PACKAGE = bytes(range(251)) * 200


def test_a_block_is_the_beginning_of_its_sha_256() -> None:
    found = blocks_of(PACKAGE)
    assert len(found) == len(PACKAGE) // BLOCK_BYTES
    assert found[1] == hashlib.sha256(PACKAGE[BLOCK_BYTES : 2 * BLOCK_BYTES]).digest()[:8]


@given(start=st.integers(0, len(PACKAGE)), length=st.integers(0, len(PACKAGE)))
def test_blocks_of_a_part_are_those_of_the_whole(start: int, length: int) -> None:
    part = PACKAGE[start : start + length]
    whole = blocks_of(PACKAGE)
    found = blocks_of(part, start)
    assert found.items() <= whole.items()
    assert len(found) >= len(part) // BLOCK_BYTES - 1


def test_what_is_remembered_is_bounded() -> None:
    assert blocks_of(PACKAGE, MAX_BLOCKS * BLOCK_BYTES) == {}


def test_answers_that_are_no_package() -> None:
    assert told_by(None) is None
    assert told_by(Response(status=404)) is None
    assert told_by(Response(status=206)) is None
    ranged = Headers([("Content-Range", "bytes */9")])
    assert told_by(Response(status=206, headers=ranged)) is None


def test_parts_add_up() -> None:
    seen = NOTHING_SEEN
    for first in range(0, len(PACKAGE), 10_000):
        part = PACKAGE[first : first + 10_000]
        text = f"bytes {first}-{first + len(part) - 1}/{len(PACKAGE)}"
        told = told_by(Response(status=206, headers=Headers([("Content-Range", text)]), body=part))
        assert told is not None
        seen = seen_after(seen, told)
    assert seen.total == len(PACKAGE)
    assert seen.first_difference(blocks_of(PACKAGE)) is None
    assert seen.first_difference(blocks_of(PACKAGE[::-1])) == 0


@given(st.text(max_size=40))
def test_no_text_is_too_strange(text: str) -> None:
    for found in (parse_range(text), parse_content_range(text)):
        assert found is None or "bytes" in text.lower()


@given(st.integers(0, 10**17), st.integers(0, 10**17), st.integers(0, 10**17))
def test_what_is_written_is_read(first: int, length: int, rest: int) -> None:
    last = first + length
    total = last + 1 + rest
    given_range = parse_content_range(f"bytes {first}-{last}/{total}")
    assert given_range is not None
    assert (given_range.first, given_range.last, given_range.total) == (first, last, total)
    asked = parse_range(f"bytes={first}-{last}")
    assert asked is not None
    assert asked.covers(first, last, total)
    assert not asked.covers(first, last + 1, total + 1)
