"""A time axis on which long stretches without anything are cut out.

A session takes seconds, the next one comes hours later: on a plain axis both would be dots. So the
widest empty stretches become gaps of one width, each told with how long it is.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

MAX_GAPS = 10
GAP_WIDTH = 44
_LEAST_SHARE = 6
"""A stretch is cut out that takes more than this part of what remains."""
_UNUSUAL = 8
"""So many times the usual distance: times that are equally far apart need no gap."""
_LEAST_GAP = timedelta(seconds=30)
_LEAST_WIDTH = 26
_NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of time that is drawn to scale, from ``x`` on."""

    begin: datetime
    end: datetime
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Time that is cut out, and the middle of the mark that stands for it."""

    length: timedelta
    x: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeScale:
    """Where a time stands."""

    pieces: tuple[Piece, ...]
    gaps: tuple[Gap, ...]

    def x(self, time: datetime) -> float:
        """The place of a time; one within a gap stands in its middle."""
        position = bisect_right(self.pieces, time, key=lambda piece: piece.begin) - 1
        if position < 0:
            return self.pieces[0].x
        piece = self.pieces[position]
        if time > piece.end:
            is_last = position + 1 == len(self.pieces)
            return piece.x + piece.width + (0 if is_last else GAP_WIDTH / 2)
        length = piece.end - piece.begin
        return piece.x + (piece.width * ((time - piece.begin) / length) if length else 0)

    def starts(self) -> Iterator[tuple[float, datetime]]:
        """Where each piece begins, and when."""
        for piece in self.pieces:
            yield piece.x, piece.begin


def time_scale(times: Iterable[datetime], *, left: float, width: float) -> TimeScale | None:
    """The scale on which all these times stand; ``None`` without any."""
    known = sorted(set(times))
    if not known:
        return None
    cuts = _cuts(known)
    bounds = [0, *(cut + 1 for cut in cuts), len(known)]
    spans = [(known[begin], known[end - 1]) for begin, end in itertools.pairwise(bounds)]
    room = max(width - GAP_WIDTH * len(cuts) - _LEAST_WIDTH * len(spans), 0)
    total = sum((end - begin for begin, end in spans), _NO_TIME)
    pieces: list[Piece] = []
    x = left
    for begin, end in spans:
        share = (end - begin) / total if total else 1 / len(spans)
        piece = Piece(begin=begin, end=end, x=x, width=_LEAST_WIDTH + room * share)
        pieces.append(piece)
        x += piece.width + GAP_WIDTH
    gaps = tuple(
        Gap(length=after.begin - before.end, x=before.x + before.width + GAP_WIDTH / 2)
        for before, after in itertools.pairwise(pieces)
    )
    return TimeScale(pieces=tuple(pieces), gaps=gaps)


def _cuts(known: list[datetime]) -> list[int]:
    """After which of the times a gap is made, in order."""
    widths = [after - before for before, after in itertools.pairwise(known)]
    usual = sorted(widths)[len(widths) // 2] if widths else _NO_TIME
    remaining = known[-1] - known[0]
    cuts: list[int] = []
    for position in sorted(range(len(widths)), key=lambda at: -widths[at]):
        width = widths[position]
        is_wide = width * _LEAST_SHARE > remaining and width >= max(_LEAST_GAP, usual * _UNUSUAL)
        if len(cuts) >= MAX_GAPS or not is_wide:
            break
        cuts.append(position)
        remaining -= widths[position]
    return sorted(cuts)
