"""The page of profiles."""

from __future__ import annotations

from pathlib import Path

from mdmcore.profiles import PROFILES, columns
from mdmcore.profiles.markdown import profiles_markdown

PAGE = Path(__file__).resolve().parents[2] / "docs" / "profiles.md"


def test_the_committed_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == profiles_markdown()


def test_each_value_stands_in_a_row_of_its_own() -> None:
    rows = [line for line in profiles_markdown().splitlines() if line.startswith("| ")]
    labels = [row.split(" | ")[0].removeprefix("| ") for row in rows]
    for name, column in columns()[1:]:
        assert labels.count(column.label) == 1, name
    for row in rows:
        assert row.replace("\\|", "").count("|") == len(PROFILES) + 3
