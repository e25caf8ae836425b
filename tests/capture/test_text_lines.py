"""The lines of text files, whatever their encoding."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.capture.source import Reading
from mdmcore.capture.text_lines import decoded, text_lines

TEXT = "first\nzweite Größe\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_in_any_encoding(encoding: str, end: str):
    file = io.BytesIO(TEXT.replace("\n", end).encode(encoding))
    assert list(text_lines(file, Reading(name="x"))) == [(1, "first\n"), (2, "zweite Größe\n")]
    assert not file.closed


@given(st.binary(max_size=200))
def test_any_bytes_are_some_text(data: bytes):
    decoded(data)
    list(text_lines(io.BytesIO(data), Reading(name="x")))
