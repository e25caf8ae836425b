"""The file below a zip archive that is written, which never fails towards the archive.

A zip archive writes to its file until it is closed, and complains where it cannot; once the disk is
full that helps nobody. So the first error is kept for who asks, and what comes after it is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO


class Sink:
    """Writes to ``out``, as long as that can be written."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._at = 0
        self._error: OSError | None = None
        self._is_over = False

    def check(self) -> None:
        """Raises the first OSError, if there was one."""
        if self._error is not None:
            raise self._error

    def drop(self) -> None:
        """Write nothing any more."""
        self._is_over = True

    def write(self, data: bytes, /) -> int:
        """Write, or drop."""
        self._try(lambda: self._out.write(data))
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        """The offset, dropped bytes counted."""
        return self._at

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to an offset; archives go to no other places."""
        self._try(lambda: self._out.seek(offset, whence))
        self._at = offset
        return offset

    def flush(self) -> None:
        """Write out what is held."""
        self._try(self._out.flush)

    def seekable(self) -> bool:
        """Whether sizes can be put in later."""
        return True

    def _try(self, act: Callable[[], object]) -> None:
        if self._is_over:
            return
        try:
            act()
        except OSError as error:
            self._error = error
            self._is_over = True
