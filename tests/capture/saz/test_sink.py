"""The file below an archive: the first error is kept, and nothing is written after it."""

from __future__ import annotations

import errno
import io
from typing import Any

import pytest

from mdmcore.capture.saz.sink import Sink


class Full(io.BytesIO):
    """Has room for four bytes."""

    def write(self, data: Any, /) -> int:
        if self.tell() + len(data) > 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)


def test_as_long_as_there_is_room() -> None:
    file = io.BytesIO()
    sink = Sink(file)
    sink.write(b"abcd")
    assert (sink.seek(1), sink.write(b"X"), sink.tell()) == (1, 1, 2)
    sink.flush()
    sink.check()
    assert file.getvalue() == b"aXcd"


def test_the_first_error_is_kept() -> None:
    file = Full()
    sink = Sink(file)
    sink.write(b"abcd")
    assert sink.write(b"ef") == 2
    sink.write(b"g")
    assert (sink.tell(), sink.seek(0)) == (7, 0)
    assert file.getvalue() == b"abcd"
    with pytest.raises(OSError, match="No space left"):
        sink.check()


def test_what_is_dropped_is_no_error() -> None:
    file = io.BytesIO()
    sink = Sink(file)
    sink.drop()
    file.close()
    sink.write(b"x")
    sink.flush()
    sink.check()
