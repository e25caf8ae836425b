"""Cells, cutting and wrapping of text."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.report.plain import LineWriter, cells, cut, pad, plain, wrap


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


def test_characters_that_the_output_cannot_encode_are_escaped() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
    LineWriter(out, width=80, colour=False).line("münchen")
    out.flush()
    assert raw.getvalue() == b"m\\xfcnchen\n"


def test_a_label_stands_before_its_wrapped_text() -> None:
    out = io.StringIO()
    LineWriter(out, width=60, colour=False).labelled("fix:", "word " * 20)
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("  fix:     word")
    assert all(line.startswith(" " * 11 + "word") for line in lines[1:])


def test_style_only_when_colour_is_wanted() -> None:
    out = io.StringIO()
    assert LineWriter(out, width=80, colour=False).styled("x", "error") == "x"
    assert LineWriter(out, width=80, colour=True).styled("x", "error") == "\x1b[31;1mx\x1b[0m"


def test_lines_laid_out_keep_their_depth_and_the_width() -> None:
    out = io.StringIO()
    LineWriter(out, width=60, colour=False).literal(f"<a>\n  <b c='{'x' * 100}'/>\n</a>", indent=2)
    lines = out.getvalue().splitlines()
    assert lines[0] == "  <a>"
    assert lines[1].startswith("    <b c='x")
    assert lines[2].startswith("      xxx")
    assert lines[-1] == "  </a>"
    assert "".join(line.strip() for line in lines[1:-1]) == f"<b c='{'x' * 100}'/>"
    assert max(map(len, lines)) == 60


@given(text=st.text(max_size=300), width=st.integers(60, 80), indent=st.integers(0, 100))
def test_nothing_laid_out_breaks_the_width(text: str, width: int, indent: int) -> None:
    out = io.StringIO()
    LineWriter(out, width=width, colour=False).literal(text, indent=indent)
    for line in out.getvalue().splitlines():
        assert line.isprintable()
        assert cells(line) <= width


def test_lines_laid_out_go_on_behind_a_blank_that_is_near() -> None:
    out = io.StringIO()
    LineWriter(out, width=60, colour=False).literal(f"<a b='{'x' * 40}' c='{'y' * 30}'/>")
    assert out.getvalue() == f"<a b='{'x' * 40}'\n  c='{'y' * 30}'/>\n"
