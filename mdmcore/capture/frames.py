"""Where each flow of a mitmproxy flow file begins and ends, also after damage.

A flow file is a row of tnetstrings ``LENGTH:PAYLOAD}`` with nothing between them, so the length
prefixes alone cut it into frames. Where a prefix leads nowhere, the next frame is searched by what
frames look like: a dict that begins with a key and ends with its format version, for mitmproxy
writes ``version`` last. What a frame holds is the concern of ``flows``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_FRAME = 512 * 1024 * 1024
"""A flow of more bytes than this is passed over with a problem, and not read into memory."""

SIGNATURE = re.compile(rb"\d{1,12}:\d{1,2}:[a-z_]{0,20}(?:[;,]|\Z)")
"""How a flow file begins: a dict's length, then its first key; or as much of it as there is."""

_PREFIX = re.compile(rb"(\d{1,12}):")
_PREFIX_SIZE = 13
# A lookahead, so that each tail of a run of digits is tried: junk may end with a digit.
_CANDIDATE = re.compile(rb"(?=(\d{1,12}):(\d{1,2}):([a-z_]{1,20})[;,])")
_CANDIDATE_SIZE = 37
_BACKUP_KEY = b"6:backup;"
_VERSION_KEY = b"7:version"
_TAIL_SIZE = 40
_FIRST_STEP = 4 * 1024
_LAST_STEP = 1024 * 1024
_REREAD_FACTOR = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One tnetstring dict, whole: ``data`` with its length prefix; ``offset`` in the file."""

    offset: int
    data: bytes

    @property
    def end(self) -> int:
        """The offset after its last byte."""
        return self.offset + len(self.data)


class FrameReader:
    """Gives the frames of a seekable file one by one; damage goes to ``report(where, message)``.

    The work is bounded by the size of the file: what rejected frames make it read again has a
    budget of a few times that size.
    """

    def __init__(
        self,
        file: BinaryIO,
        report: Callable[[str, str], None],
        *,
        max_frame: int = MAX_FRAME,
    ) -> None:
        self._file = file
        self._report = report
        self._max_frame = max_frame
        self._size = file.seek(0, os.SEEK_END)
        self._position = 0
        self._reread_budget = _REREAD_FACTOR * self._size

    def next(self) -> Frame | None:
        """The next frame whose ends are in their places; None at the end of the file."""
        for start, end in self.spans():
            if end - start <= self._max_frame:
                return Frame(offset=start, data=self._read(start, end - start))
            self._report(f"offset {start}", f"a flow of {end - start} bytes is passed over")
        return None

    def spans(self) -> Iterator[tuple[int, int]]:
        """Where the next frames begin and end, found without reading what is in them."""
        while self._position < self._size:
            start = self._position
            end = self._span_at(start)
            if isinstance(end, str):
                self._recover(start, end, search_from=start + 1)
                continue
            self._position = end
            yield start, end

    def reject(self, frame: Frame, message: str) -> None:
        """Say that a frame's content is damaged: reading goes on at the next one, maybe inside it.

        A length that was changed may have swallowed whole flows, so the search starts within.
        """
        self._reread_budget -= len(frame.data)
        inside = self._reread_budget > 0
        what = f"what stands here {message}"
        self._recover(frame.offset, what, search_from=frame.offset + 1 if inside else frame.end)

    def _span_at(self, start: int) -> int | str:
        """The end of the frame that starts there, or what is wrong with it."""
        prefix = self._read(start, _PREFIX_SIZE)
        match = _PREFIX.match(prefix)
        if match is None:
            if prefix.isdigit() and start + len(prefix) == self._size:
                return "the file ends inside the length of a flow"
            return "no flow starts here"
        end = start + match.end() + int(match[1]) + 1
        if end > self._size:
            return f"the file ends inside this flow, {end - self._size} bytes are missing"
        if self._read(end - 1, 1) != b"}":
            return "this flow does not end where its length says"
        return end

    def _recover(self, start: int, message: str, *, search_from: int) -> None:
        """Go to the next recognisable frame, and report from where on the file was lost."""
        found = self._search(search_from)
        if found is None:
            rest = "" if "file ends" in message else "; no flow can be recognised after it"
            self._position = self._size
        else:
            rest = f"; recovered: reading went on at offset {found}"
            self._position = found
        self._report(f"offset {start}", f"{message}{rest}")

    def _search(self, start: int) -> int | None:
        step = _FIRST_STEP
        while start < self._size:
            chunk = self._read(start, step + _CANDIDATE_SIZE)
            for match in _CANDIDATE.finditer(chunk):
                if int(match[2]) != len(match[3]):
                    continue
                end = start + match.end(1) + 1 + int(match[1]) + 1
                if self._looks_whole(start + match.start(), end):
                    return start + match.start()
            start += step
            step = min(2 * step, _LAST_STEP)
        return None

    def _looks_whole(self, start: int, end: int) -> bool:
        if end > self._size:
            return False
        tail = self._read(max(start, end - _TAIL_SIZE), min(_TAIL_SIZE, end - start))
        if not tail.endswith(b"}") or _VERSION_KEY not in tail:
            return False
        # The state before an edit is a flow inside a flow.
        before = self._read(max(0, start - len(_BACKUP_KEY)), min(start, len(_BACKUP_KEY)))
        return before != _BACKUP_KEY

    def _read(self, offset: int, size: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(size)
