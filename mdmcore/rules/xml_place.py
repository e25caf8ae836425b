"""From the line and column of an XML problem to the offset in the bytes."""

from __future__ import annotations


def offset_of(data: bytes, line: int, column: int) -> int:
    """The byte offset, from 0, of a line and column counted from 1; at most the data's length."""
    start = 0
    for _ in range(line - 1):
        found = data.find(b"\n", start)
        if found < 0:
            break
        start = found + 1
    return min(start + max(column, 1) - 1, len(data))
