"""Digests of blocks: the same whatever parts a file comes in, and however they are cut."""

from __future__ import annotations

import hashlib
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mdmcore.block_digests import (
    BLOCK_BYTES,
    DIGEST_BYTES,
    MAX_BLOCKS,
    NO_BLOCKS,
    BlockDigests,
    BlockMeter,
    blocks_of,
)

FILE = bytes(range(251)) * 200
WHOLE = blocks_of(FILE)
OFFSETS = st.integers(0, len(FILE))


def test_a_block_is_the_beginning_of_its_sha_256() -> None:
    found = dict(WHOLE)
    assert list(found) == list(range(len(FILE) // BLOCK_BYTES))
    assert found[1] == hashlib.sha256(FILE[BLOCK_BYTES : 2 * BLOCK_BYTES]).digest()[:8]


@given(start=OFFSETS, length=OFFSETS)
def test_blocks_of_a_part_are_those_of_the_whole(start: int, length: int) -> None:
    part = FILE[start : start + length]
    found = dict(blocks_of(part, start))
    assert found.items() <= dict(WHOLE).items()
    assert len(found) >= len(part) // BLOCK_BYTES - 1


@given(start=OFFSETS, cuts=st.lists(OFFSETS, max_size=20))
def test_how_a_part_is_cut_makes_no_difference(start: int, cuts: list[int]) -> None:
    meter = BlockMeter(start)
    for first, last in pairwise(sorted({start, len(FILE), *(cut for cut in cuts if cut > start)})):
        meter.take(FILE[first:last])
    assert meter.blocks == blocks_of(FILE[start:], start)


def test_what_is_remembered_is_bounded() -> None:
    assert blocks_of(FILE, MAX_BLOCKS * BLOCK_BYTES) == NO_BLOCKS
    assert blocks_of(FILE, 10**18) == NO_BLOCKS
    last = blocks_of(FILE, (MAX_BLOCKS - 1) * BLOCK_BYTES)
    assert (last.first, last.end) == (MAX_BLOCKS - 1, MAX_BLOCKS)


@given(parts=st.lists(st.tuples(OFFSETS, OFFSETS), max_size=8))
def test_parts_add_up(parts: list[tuple[int, int]]) -> None:
    joined, expected = NO_BLOCKS, dict[int, bytes]()
    for start, end in parts:
        blocks = blocks_of(FILE[start:end], start)
        joined, expected = joined.joined(blocks), expected | dict(blocks)
    assert dict(joined) == expected
    assert joined.first_difference(WHOLE) is None
    assert dict(NO_BLOCKS.joined(joined).joined(NO_BLOCKS)) == expected


def test_what_was_not_seen_covers_nothing_that_was() -> None:
    ends = blocks_of(FILE[:BLOCK_BYTES]).joined(blocks_of(FILE[-9000:], len(FILE) - 9000))
    assert len(dict(ends)) < ends.end
    assert WHOLE.joined(ends) == WHOLE
    assert ends.joined(WHOLE) == WHOLE


def test_the_newer_digest_counts() -> None:
    changed = blocks_of(FILE[::-1])
    assert WHOLE.joined(changed) == changed


@given(
    at=OFFSETS.filter(lambda at: at < len(WHOLE.data) // DIGEST_BYTES * BLOCK_BYTES), start=OFFSETS
)
def test_the_first_difference(at: int, start: int) -> None:
    damaged = FILE[:at] + bytes([FILE[at] ^ 1]) + FILE[at + 1 :]
    block = at // BLOCK_BYTES * BLOCK_BYTES
    assert WHOLE.first_difference(blocks_of(damaged)) == block
    part = blocks_of(damaged[start:], start)
    assert WHOLE.first_difference(part) == (block if start <= block else None)
    assert part.first_difference(WHOLE) == WHOLE.first_difference(part)


def test_gaps_are_no_difference() -> None:
    gap = BlockDigests(data=WHOLE.data[:8] + bytes(8) + WHOLE.data[16:])
    assert gap.first_difference(WHOLE) is None
    assert WHOLE.first_difference(gap) is None
    wrong = BlockDigests(data=b"x" * 8 + bytes(8))
    assert gap.first_difference(wrong) == 0
