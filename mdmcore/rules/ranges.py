"""Byte ranges as headers write them (RFC 9110 14.1.2, 14.4): offsets from 0, both ends included."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*\Z", re.IGNORECASE)
_CONTENT_RANGE = re.compile(
    r"\s*bytes\s+(?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18}|\*)\s*\Z", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRange:
    """One range of a Range header: from ``first`` on, to ``last`` where it is given; without
    ``first`` the last ``last`` bytes."""

    first: int | None
    last: int | None

    def covers(self, first: int, last: int, total: int | None) -> bool:
        """Whether bytes ``first`` to ``last`` are what was asked, or the beginning of it."""
        if self.first is not None:
            return first == self.first and (self.last is None or last <= self.last)
        if total is None or self.last is None:
            return True
        return first == max(total - self.last, 0) and last < total


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentRange:
    """A Content-Range; ``first`` and ``last`` are ``None`` for ``*``, as is an unknown total."""

    first: int | None
    last: int | None
    total: int | None

    @property
    def length(self) -> int | None:
        """How many bytes it says that there are."""
        if self.first is None or self.last is None:
            return None
        return self.last - self.first + 1


def parse_range(text: str) -> AskedRange | None:
    """A Range header with one range of bytes; ``None`` for several, none, or another unit."""
    match = _RANGE.match(text)
    if match is None or not (match[1] or match[2]):
        return None
    first = int(match[1]) if match[1] else None
    last = int(match[2]) if match[2] else None
    if first is not None and last is not None and last < first:
        return None
    return AskedRange(first=first, last=last)


def parse_content_range(text: str) -> ContentRange | None:
    """A Content-Range of bytes; ``None`` for what is none."""
    match = _CONTENT_RANGE.match(text)
    if match is None:
        return None
    ends = (int(match[1]), int(match[2])) if match[1] is not None else (None, None)
    return ContentRange(
        first=ends[0], last=ends[1], total=None if match[3] == "*" else int(match[3])
    )
