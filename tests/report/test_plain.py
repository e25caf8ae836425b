"""Cells, cutting and wrapping of text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.report.plain import cells, cut, pad, plain, wrap


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("", 0)])
def test_cells_are_those_of_a_terminal(text: str, width: int) -> None:
    assert cells(text) == width


def test_what_is_cut_shows_it() -> None:
    assert cut("abcdef", 5) == "ab..."
    assert cut("abcde", 5) == "abcde"
    assert pad("ab", 4) == "ab  "


def test_a_terminal_obeys_nothing_that_was_sent() -> None:
    assert plain("a\x1b[2Jb\r\n\x07").isprintable()


@given(text=st.text(max_size=200), width=st.integers(2, 40))
def test_wrapped_lines_fit_and_lose_no_word(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cells(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
