"""What an answer tells of a package, and what several do."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.block_digests import NO_BLOCKS, blocks_of
from mdmcore.http import Headers, Response
from mdmcore.passed_body import PassedBody
from mdmcore.rules.package_seen import NOTHING_SEEN, seen_after, start_of, told_by
from mdmcore.rules.ranges import parse_content_range, parse_range

PACKAGE = bytes(range(251)) * 200


def answer(
    status: int,
    fields: Mapping[str, str] | None = None,
    body: bytes | None = None,
    passed: PassedBody | None = None,
) -> Response:
    headers = Headers((fields or {}).items())
    return Response(status=status, headers=headers, body=body, passed=passed)


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
    assert seen.blocks.first_difference(blocks_of(PACKAGE)) is None
    assert seen.blocks.first_difference(blocks_of(PACKAGE[::-1])) == 0


@pytest.mark.parametrize("first", [0, 10_000])
def test_a_body_that_was_not_kept_tells_the_same(first: int) -> None:
    status, body = (206, PACKAGE[first:]) if first else (200, PACKAGE)
    fields = {"ETag": "x", "Content-Range": f"bytes {first}-{len(PACKAGE) - 1}/{len(PACKAGE)}"}
    kept = told_by(answer(status, fields, body))
    passed = PassedBody(length=len(body), blocks=blocks_of(body, first))
    assert told_by(answer(status, fields, None, passed)) == kept


@pytest.mark.parametrize("fields", [{}, {"Content-Length": str(len(PACKAGE))}])
def test_a_body_that_was_broken_off_does_not_tell_the_length(fields: dict[str, str]) -> None:
    passed = PassedBody(length=9000, is_whole=False, blocks=blocks_of(PACKAGE[:9000]))
    told = told_by(answer(200, fields, None, passed))
    assert told is not None
    assert told.total == (len(PACKAGE) if fields else None)
    assert told.blocks == blocks_of(PACKAGE[:9000])


def test_parts_of_a_coded_package_are_not_compared_with_it() -> None:
    """A range counts coded bytes, which say nothing about those of the package."""
    coded = gzip.compress(PACKAGE)
    fields = {"Content-Encoding": "gzip", "Content-Range": f"bytes 0-{len(coded) - 1}/{len(coded)}"}
    part = told_by(answer(206, fields, PACKAGE))
    assert part is not None
    assert part.blocks == NO_BLOCKS
    whole = told_by(answer(200, {"Content-Encoding": "gzip"}, PACKAGE))
    assert whole is not None
    assert whole.blocks == blocks_of(PACKAGE)  # the coding was taken off
    streamed = told_by(answer(200, fields, None, PassedBody(length=len(coded))))
    assert streamed is not None
    assert (streamed.total, streamed.blocks) == (None, NO_BLOCKS)


@pytest.mark.parametrize(
    ("status", "fields", "expected"),
    [
        (200, {}, 0),
        (200, {"Content-Encoding": "identity"}, 0),
        (200, {"Content-Encoding": "gzip"}, None),
        (206, {"Content-Range": "bytes 7-9/10"}, 7),
        (206, {"Content-Range": "bytes */10"}, None),
        (206, {}, None),
        (404, {}, None),
    ],
)
def test_where_the_bytes_stand(status: int, fields: dict[str, str], expected: int | None) -> None:
    assert start_of(answer(status, fields)) == expected


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
