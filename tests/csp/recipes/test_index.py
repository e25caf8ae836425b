"""All recipes, and finding one by its name."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from mdmcore.csp.recipes import find_recipe, recipes
from mdmcore.errors import ConfigError
from mdmcore.profiles import PROFILES


def test_names_are_kebab_case_and_there_once() -> None:
    names = [name for recipe in recipes() for name in (recipe.name, *recipe.aliases)]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)


def test_each_recipe_says_what_it_needs_to() -> None:
    for recipe in recipes():
        assert recipe.summary.endswith(".")
        assert recipe.source
        assert recipe.profiles
        assert recipe.profiles.keys() <= PROFILES.keys()
        assert not recipe.alternatives.keys() & recipe.profiles.keys()
        assert recipe.example.keys() <= {each.name for each in recipe.parameters}
        for each in recipe.parameters:
            assert each.help
            assert set(each.profiles) <= recipe.profiles.keys()
            assert not (each.required and each.default)


def test_one_by_its_name_and_by_an_alias() -> None:
    assert find_recipe("lock").name == "lock"
    assert find_recipe("selective-wipe") is find_recipe("unenroll")


@pytest.mark.parametrize(
    ("name", "near"), [("lokc", "lock"), ("Wipe", "wipe"), ("reset-pin", "lock-and-reset-pin")]
)
def test_an_unknown_name_is_told_those_near_to_it(name: str, near: str) -> None:
    with pytest.raises(ConfigError, match=rf"no recipe '{name}'; near to it: .*\b{near}\b"):
        find_recipe(name)


def test_a_name_like_none_is_told_all() -> None:
    with pytest.raises(ConfigError, match=r"no recipe 'zzzz'; there is: device-information, "):
        find_recipe("zzzz")


def test_listing_them_needs_neither_xml_nor_syncml() -> None:
    """They are listed for --help and completion, which must come at once."""
    code = (
        "import sys; from mdmcore.csp.recipes import recipes; recipes();"
        "print([n for n in ('lxml', 'mdmcore.syncml', 'pyasn1') if n in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
