"""What one side of a connection sent, with the times of its bytes and the holes in it.

Bytes that are missing in the capture stand as zeros, so that lengths hold.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mdmcore.capture.pcap.follow import Piece

_MOST_FILLED = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """Bytes ``start`` to ``end`` are not in the capture; ``frame`` is the next one that is."""

    start: int
    end: int
    frame: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """``starts``, ``times`` and ``frames`` belong together: the frame in which the byte at that
    offset, and those behind it, were read, and when."""

    data: bytes
    starts: tuple[int, ...] = ()
    times: tuple[datetime | None, ...] = ()
    frames: tuple[int, ...] = ()
    holes: tuple[Hole, ...] = ()

    def time_at(self, offset: int) -> datetime | None:
        """When the byte at that offset came."""
        at = bisect_right(self.starts, offset) - 1
        return self.times[at] if at >= 0 else None

    def frame_at(self, offset: int) -> int:
        """In which frame the byte at that offset came."""
        at = bisect_right(self.starts, offset) - 1
        return self.frames[at] if at >= 0 else 0

    def is_begin(self, offset: int) -> bool:
        """Whether something was sent from that byte on."""
        at = bisect_right(self.starts, offset) - 1
        return at >= 0 and self.starts[at] == offset

    def hole_in(self, start: int, end: int) -> Hole | None:
        """The first hole in these bytes."""
        return next((hole for hole in self.holes if hole.start < end and hole.end > start), None)

    def missing_in(self, start: int, end: int) -> int:
        """How many of these bytes are not in the capture."""
        return sum(one.missing for one in self.holes if one.start < end and one.end > start)


def direction_of(pieces: Iterable[Piece], *, skip: int = 0) -> Direction:
    """The direction of these pieces, which one peer sent, without its first ``skip`` bytes."""
    parts: list[bytes] = []
    starts: list[int] = []
    times: list[datetime | None] = []
    frames: list[int] = []
    holes: list[Hole] = []
    size = 0
    for piece in pieces:
        data = piece.data or bytes(min(piece.missing, _MOST_FILLED))
        if skip:
            dropped = min(skip, len(data))
            skip, data = skip - dropped, data[dropped:]
            if not data:
                continue
        starts.append(size)
        times.append(piece.time if piece.time is not None else (times[-1] if times else None))
        frames.append(piece.frame)
        if piece.missing:
            holes.append(
                Hole(start=size, end=size + len(data), frame=piece.frame, missing=piece.missing)
            )
        parts.append(data)
        size += len(data)
    return Direction(
        data=b"".join(parts),
        starts=tuple(starts),
        times=tuple(times),
        frames=tuple(frames),
        holes=tuple(holes),
    )
