"""Recipes: jobs for devices by name, from a person's words to SyncML commands.

``recipes`` and ``find_recipe`` list them, ``build_commands`` makes the commands for one device,
``command_problems`` holds any list of commands against the catalogue. Sources: session.md section
7 and the CSP pages that the recipes name. Queueing and sending do not belong here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mdmcore.csp.recipes.index import find_recipe, recipes
from mdmcore.csp.recipes.making import build_commands
from mdmcore.csp.recipes.model import Kind, Parameter, Recipe, RecipeContext

if TYPE_CHECKING:
    from mdmcore.csp.recipes.problems import CommandProblem, command_problems

__all__ = [
    "CommandProblem",
    "Kind",
    "Parameter",
    "Recipe",
    "RecipeContext",
    "build_commands",
    "command_problems",
    "find_recipe",
    "recipes",
]

_LATE = frozenset({"CommandProblem", "command_problems"})


def __getattr__(name: str) -> object:
    """The parts that need the model of SyncML, imported when they are first asked for."""
    if name in _LATE:
        from mdmcore.csp.recipes import problems

        return getattr(problems, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
