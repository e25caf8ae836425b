"""Line and column as an offset."""

from __future__ import annotations

import pytest

from mdmcore.rules.xml_place import offset_of


@pytest.mark.parametrize(
    ("line", "column", "offset"),
    [(1, 1, 0), (1, 3, 2), (2, 1, 4), (3, 2, 9), (9, 9, 10), (1, 0, 0)],
)
def test_offsets_are_inside_the_data(line: int, column: int, offset: int) -> None:
    assert offset_of(b"abc\ndef\ngh", line, column) == offset
