"""Text of others, made fit to be shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mdmcore.inspector.shown import shown


def test_control_characters_and_line_breaks() -> None:
    assert shown("a\nb\x00c\u202ed") == "a b\\x00c\\u202ed"


@given(st.text(max_size=400), st.integers(min_value=4, max_value=300))
def test_it_is_one_printable_line_within_its_bound(text: str, limit: int) -> None:
    line = shown(text, limit)
    assert line.isprintable()
    assert len(line) <= limit
