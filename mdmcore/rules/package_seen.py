"""What is known of a package that devices fetch: its validators, its length, digests of its blocks.

A download comes in parts; whether they are parts of one package shows only when they are compared.
The package itself is never kept: see ``block_digests``.
"""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.block_digests import NO_BLOCKS, BlockDigests, blocks_of
from mdmcore.http import Response, is_coded
from mdmcore.rules.content_length import declared_length
from mdmcore.rules.ranges import ContentRange, parse_content_range


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSeen:
    """What earlier answers told."""

    etag: str = ""
    last_modified: str = ""
    total: int | None = None
    blocks: BlockDigests = NO_BLOCKS


NOTHING_SEEN = PackageSeen()


def part_of(response: Response) -> ContentRange | None:
    """Which part of the package an answer claims to be: of a 200 all of it, its length maybe
    unknown; ``None`` for what is no package."""
    if response.status == 200:
        length = _whole_length(response)
        last = None if length is None else length - 1
        return ContentRange(first=0, last=last, total=length)
    if response.status != 206:
        return None
    found = parse_content_range(response.headers.get("Content-Range") or "")
    return None if found is None or found.first is None else found


def start_of(response: Response) -> int | None:
    """Where in the package the bytes of an answer stand, by its head; ``None`` where that is not
    known, or a coding is on them."""
    part = part_of(response)
    return None if part is None or is_coded(response.headers) else part.first


def told_by(response: Response | None) -> PackageSeen | None:
    """What one answer tells; ``None`` for what is no package or no part of one."""
    part = part_of(response) if response is not None else None
    if response is None or part is None:
        return None
    return PackageSeen(
        etag=response.headers.get("ETag") or "",
        last_modified=response.headers.get("Last-Modified") or "",
        total=part.total,
        blocks=_blocks(response, part.first),
    )


def seen_after(before: PackageSeen, told: PackageSeen) -> PackageSeen:
    """What is known with that answer, too: of another version all that was known is forgotten."""
    if is_another(before, told):
        return told
    return PackageSeen(
        etag=told.etag or before.etag,
        last_modified=told.last_modified or before.last_modified,
        total=before.total if told.total is None else told.total,
        blocks=before.blocks.joined(told.blocks),
    )


def is_another(before: PackageSeen, now: PackageSeen) -> bool:
    """Whether validators or length say that it is another package, or another version of it."""
    pairs = (
        (before.etag, now.etag),
        (before.last_modified, now.last_modified),
        (before.total, now.total),
    )
    return any(one not in ("", None) and two not in ("", None, one) for one, two in pairs)


def _whole_length(response: Response) -> int | None:
    """The length of a package that came whole, or began to: without the coding it was sent in."""
    if response.body is not None:
        return len(response.body)
    passed = response.passed
    if passed is not None and passed.is_whole and not is_coded(response.headers):
        return passed.length
    return declared_length(response.headers)


def _blocks(response: Response, first: int | None) -> BlockDigests:
    if response.body is None:
        return response.passed.blocks if response.passed is not None else NO_BLOCKS
    # A range is one of the coded bytes (RFC 9110 14.1.2): they cannot be decoded from there.
    if first is None or (response.status == 206 and is_coded(response.headers)):
        return NO_BLOCKS
    return blocks_of(response.body, first)
