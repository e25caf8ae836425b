"""All recipes, and one by its name."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from mdmcore.csp.recipes.model import Recipe
from mdmcore.errors import ConfigError

_SUBJECTS = (
    "information",
    "lock",
    "wipe",
    "passwords",
    "policies",
    "admx",
    "company_apps",
    "desktop_apps",
    "modern_apps",
    "wifi",
    "vpn",
    "mail",
    "certificates",
    "client_certificates",
    "schedule",
    "account",
    "encryption",
    "firewall",
    "protection",
)
"""The modules with recipes, each with a tuple RECIPES, in the order of the reference."""


@cache
def recipes() -> tuple[Recipe, ...]:
    """Every recipe, by subject."""
    modules = [import_module(f"mdmcore.csp.recipes.{name}") for name in _SUBJECTS]
    return tuple(recipe for module in modules for recipe in module.RECIPES)


def find_recipe(name: str) -> Recipe:
    """The recipe of that name or alias. Raises ConfigError, which names those that look like it."""
    names = {each: recipe for recipe in recipes() for each in (recipe.name, *recipe.aliases)}
    if name in names:
        return names[name]
    from difflib import get_close_matches

    folded = name.lower().replace("_", "-")
    near = [each for each in names if folded in each.split("-") or each in folded.split("-")]
    near += [each for each in get_close_matches(folded, names, n=5) if each not in near]
    if near:
        raise ConfigError(f"no recipe {name!r}; near to it: {', '.join(near[:8])}")
    raise ConfigError(f"no recipe {name!r}; there is: {', '.join(r.name for r in recipes())}")
