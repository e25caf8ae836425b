"""Markdown for a ticket."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from mdmcore.capture import Capture, open_capture
from mdmcore.report import markdown
from mdmcore.report.across import across
from mdmcore.report.markdown import code, escaped, write_markdown
from tests.report.material import capture_of, dm_flow, exchange_flow
from tests.report.outcomes import HOSTILE, hostile_capture, outcome
from tests.support.requirements import shared_file


def text_of(*captures: Capture, is_masked: bool = True) -> str:
    out = io.StringIO()
    with outcome(*captures, is_separate=len(captures) > 1) as (found, lines):
        write_markdown(out, found, across(found, lines), is_masked=is_masked)
    return out.getvalue()


def test_a_verdict_a_table_and_the_evidence() -> None:
    text = text_of(open_capture(shared_file("captures", "win10-enrollment-log.md")))
    assert text.startswith("## MDM capture analysis: 4 errors, 5 warnings, 1 info\n")
    assert "| error | `xml-not-wellformed` | `pocmdmserver.com` | `the answer is not" in text
    assert "<details><summary>error: xml-not-wellformed</summary>" in text
    assert re.search(r"\n```\n.*, response, offset 1002, line 18", text)
    assert "Secrets are masked" in text
    assert re.search(r": SHA-256 `[0-9a-f]{64}`\n", text)


def test_secrets_that_are_shown_are_said_to_be(tmp_path: Path) -> None:
    text = text_of(capture_of(tmp_path / "one", dm_flow()), is_masked=False)
    assert "**Secrets are shown" in text


def test_nothing_found_and_nothing_read(tmp_path: Path) -> None:
    assert "Nothing was found." in text_of(capture_of(tmp_path / "one", exchange_flow("/a")))
    broken = capture_of(tmp_path / "two", exchange_flow("/a"), tail=b"4096:9:web")
    assert "**Not everything could be read:**\n\n- `two`: `offset " in text_of(broken)


def outside_of_code(text: str) -> str:
    """The text without code spans and fenced blocks, as CommonMark finds them."""
    text = re.sub(r"(?ms)^(`{3,})\n.*?^\1$", "", text)
    return re.sub(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)", "", text)


def test_hostile_text_is_only_code(tmp_path: Path) -> None:
    text = text_of(hostile_capture(tmp_path), capture_of(tmp_path / "two", dm_flow()))
    assert "<script>" in text
    left = outside_of_code(text)
    for hostile in ("<script", "@all", "<b>", "<i>", "](x)", "\x1b", "@b", "mdm.example.test"):
        assert hostile not in left, hostile


@pytest.mark.parametrize("text", [HOSTILE, "", " ", "`", "``a``", "a`", "a\nb", "|", "\\`"])
def test_code_is_one_span_whatever_is_in_it(text: str) -> None:
    made = code(text)
    assert "\n" not in made
    assert outside_of_code(f"a {made} b") == "a  b"
    assert not re.search(r"(?<!\\)\|", made)


def test_our_own_words_are_no_markup() -> None:
    assert escaped("<Final/> of *all* [x] `y` #1 @z") == (
        r"\<Final/\> of \*all\* \[x\] \`y\` \#1 \@z"
    )


def test_the_length_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    captures = [
        capture_of(tmp_path / f"{number}{'x' * 200}", dm_flow(), tail=b"4096:9:web")
        for number in range(4)
    ]
    whole = text_of(*captures)
    assert "did not fit" not in whole
    monkeypatch.setattr(markdown, "MAX_CHARACTERS", 4_000)
    text = text_of(*captures)
    assert len(text) <= 4_000
    assert re.search(r"\n\d+ parts did not fit into 4000 characters; ", text)
    assert "mdmproxy 0" in text
