"""What is known of a package that devices fetch: its validators, its length, digests of its blocks.

A download comes in parts; whether they are parts of one package shows only when they are compared.
The package itself is never kept: for each whole block of 4096 bytes that was seen there are eight
bytes of its SHA-256.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from mdmcore.http import Response
from mdmcore.rules.ranges import ContentRange, parse_content_range

BLOCK_BYTES = 4096
MAX_BLOCKS = 128 * 1024
"""Blocks that are remembered of one package: the first 512 MB."""

_DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSeen:
    """What earlier answers told: ``blocks`` maps the number of a block to its digest."""

    etag: str = ""
    last_modified: str = ""
    total: int | None = None
    blocks: Mapping[int, bytes] = field(default_factory=lambda: MappingProxyType({}))

    def first_difference(self, blocks: Mapping[int, bytes]) -> int | None:
        """The offset of the first block that came with other bytes before."""
        differing = (
            number for number, digest in blocks.items() if self.blocks.get(number, digest) != digest
        )
        number = min(differing, default=None)
        return None if number is None else number * BLOCK_BYTES


NOTHING_SEEN = PackageSeen()


def blocks_of(data: bytes, start: int = 0) -> dict[int, bytes]:
    """The digests of all whole blocks in ``data``, which stands at ``start`` in the package."""
    first = -(-start // BLOCK_BYTES)
    found: dict[int, bytes] = {}
    view = memoryview(data)
    for number in range(first, min((start + len(data)) // BLOCK_BYTES, MAX_BLOCKS)):
        at = number * BLOCK_BYTES - start
        found[number] = hashlib.sha256(view[at : at + BLOCK_BYTES]).digest()[:_DIGEST_BYTES]
    return found


def part_of(response: Response) -> ContentRange | None:
    """Which part of the package an answer claims to be: of a 200 all of it, its length maybe
    unknown; ``None`` for what is no package."""
    if response.status == 200:
        length = len(response.body) if response.body is not None else None
        last = None if length is None else length - 1
        return ContentRange(first=0, last=last, total=length)
    if response.status != 206:
        return None
    found = parse_content_range(response.headers.get("Content-Range") or "")
    return None if found is None or found.first is None else found


def told_by(response: Response | None) -> PackageSeen | None:
    """What one answer tells; ``None`` for what is no package or no part of one."""
    part = part_of(response) if response is not None else None
    if response is None or part is None:
        return None
    blocks: Mapping[int, bytes] = {}
    if response.body is not None and part.first is not None:
        blocks = blocks_of(response.body, part.first)
    return PackageSeen(
        etag=response.headers.get("ETag") or "",
        last_modified=response.headers.get("Last-Modified") or "",
        total=part.total,
        blocks=MappingProxyType(blocks),
    )


def seen_after(before: PackageSeen, told: PackageSeen) -> PackageSeen:
    """What is known with that answer, too: of another version all that was known is forgotten."""
    if is_another(before, told):
        return told
    return PackageSeen(
        etag=told.etag or before.etag,
        last_modified=told.last_modified or before.last_modified,
        total=before.total if told.total is None else told.total,
        blocks=MappingProxyType({**before.blocks, **told.blocks}),
    )


def is_another(before: PackageSeen, now: PackageSeen) -> bool:
    """Whether validators or length say that it is another package, or another version of it."""
    pairs = (
        (before.etag, now.etag),
        (before.last_modified, now.last_modified),
        (before.total, now.total),
    )
    return any(one not in ("", None) and two not in ("", None, one) for one, two in pairs)
