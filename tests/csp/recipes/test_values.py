"""All values of a recipe together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.csp.recipes import Kind, Parameter, Recipe
from mdmcore.csp.recipes.model import in_profiles
from mdmcore.csp.recipes.values import check_values
from mdmcore.errors import ConfigError

RECIPE = Recipe(
    name="paint",
    summary="Paint it.",
    profiles=in_profiles("wp8 win10"),
    build=lambda values, draft: (),
    source="nowhere",
    parameters=(
        Parameter(name="colour", help="what it gets", required=True),
        Parameter(name="coats", help="how many", kind=Kind.INTEGER, default="1"),
        Parameter(name="gloss", help="shine", kind=Kind.SWITCH, profiles=("win10",)),
    ),
)


@pytest.mark.parametrize(
    ("values", "profile", "message"),
    [
        ({}, "wp8", "paint needs colour: what it gets"),
        ({"colour": ""}, "wp8", "paint needs colour: what it gets"),
        ({"color": "red"}, "wp8", "paint takes no 'color'; it takes colour, coats"),
        ({"colour": "red", "coats": ""}, "wp8", "coats must not be empty"),
        ({"colour": "red", "gloss": "yes"}, "wp8", "gloss is for win10, not for wp8"),
    ],
)
def test_values_as_a_whole(values: dict[str, str], profile: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        check_values(RECIPE, values, profile=profile)
    assert str(error.value) == message


def test_defaults_are_filled_in_and_the_rest_is_absent() -> None:
    values = check_values(RECIPE, {"colour": "red"}, profile="win10")
    assert dict(values.texts) == {"colour": "red", "coats": "1"}
    assert values.get("gloss") is None
    assert not values.flag("gloss")
    assert values.items("gloss") == ()


def test_assignments_are_taken_apart() -> None:
    recipe = replace(RECIPE, parameters=(Parameter(name="it", help="-", kind=Kind.ASSIGNMENTS),))
    values = check_values(recipe, {"it": "A=1; B = x=y ;C=a;;b;;;D=4;"}, profile="wp8")
    assert values.pairs("it") == (("A", "1"), ("B", "x=y"), ("C", "a;b;"), ("D", "4"))


def test_a_recipe_without_parameters_says_so() -> None:
    bare = Recipe(
        name="sit", summary="Sit.", profiles=in_profiles("wp8"), build=lambda v, d: (), source="-"
    )
    with pytest.raises(ConfigError, match=r"^sit takes no 'down'; it takes no values$"):
        check_values(bare, {"down": "yes"}, profile="wp8")
