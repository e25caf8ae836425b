"""The page of recipes."""

from __future__ import annotations

import re
from pathlib import Path

from mdmcore.csp.recipes import recipes
from mdmcore.csp.recipes.markdown import recipes_markdown

PAGE = Path(__file__).resolve().parents[3] / "docs" / "recipes.md"


def test_the_committed_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == recipes_markdown()


def test_each_recipe_has_a_section_with_its_parameters_and_an_example() -> None:
    page = recipes_markdown()
    sections = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE))
    assert list(sections) == [recipe.name for recipe in recipes()]
    for recipe in recipes():
        text = sections[recipe.name]
        assert f"```\nmdmproxy device queue ID {recipe.name}" in text
        for parameter in recipe.parameters:
            assert re.search(rf"^\| {parameter.name} \|", text, re.MULTILINE), parameter.name


def test_ranges_come_from_the_catalogue() -> None:
    assert "| min-length | least length | 4 to 18 | - |" in recipes_markdown()
