"""The recipes as Markdown: what ``docs/recipes.md`` holds."""

from __future__ import annotations

from collections.abc import Mapping

from mdmcore.csp.catalogue import find_node
from mdmcore.csp.check import bounds, limits
from mdmcore.csp.recipes.index import recipes
from mdmcore.csp.recipes.model import Kind, Parameter, Recipe
from mdmcore.profiles import PROFILES

_INTRODUCTION = """# Recipes

Jobs for devices by name. `mdmproxy device queue ID RECIPE [NAME=VALUE...]` queues one; it goes out
in the device's next session. Each value is checked before: what is wrong with it is said at once,
and a device never sees it. This page is generated from `mdmcore/csp/recipes` by
`scripts/generate-docs`; change the recipes, not this page.

`@PATH` stands for what is in a file. A list has commas between its values; where several
NAME=VALUE stand in one, `;;` is a semicolon that belongs to a value. [U] after a profile:
believed, no source states it for that generation. `wp8` is Windows Phone 8.0, `wp81` 8.1, `win81`
the Windows 8.1 PC, `win10` Windows 10 and 11.

| recipe | what it does | profiles |
| --- | --- | --- |
"""


def recipes_markdown() -> str:
    """The whole page."""
    rows = [
        _row([f"[{each.name}](#{each.name})", each.summary, _profiles(each.profiles)])
        for each in recipes()
    ]
    parts = [_INTRODUCTION + "\n".join(rows) + "\n", *map(_section, recipes())]
    return "\n".join(parts)


def _section(recipe: Recipe) -> str:
    lines = [f"## {recipe.name}", "", recipe.summary, ""]
    if recipe.parameters:
        head = ["parameter", "what it is", "allowed", "default"]
        lines += [_row(head), _row(["---"] * len(head))]
        lines += [_row(_parameter_cells(each)) for each in recipe.parameters]
        lines.append("")
    lines += ["```", recipe.example_line, "```", ""]
    lines.append(f"Profiles: {_profiles(recipe.profiles)}. Source: {recipe.source}.")
    lines += _also(recipe)
    return "\n".join(lines) + "\n"


def _also(recipe: Recipe) -> list[str]:
    found = []
    if recipe.aliases:
        found.append(f"Also called {', '.join(recipe.aliases)}.")
    order = {name: place for place, name in enumerate(PROFILES)}
    for profile, instead in sorted(recipe.alternatives.items(), key=lambda pair: order[pair[0]]):
        found.append(f"On {profile}: {instead}.")
    return found


def _parameter_cells(parameter: Parameter) -> list[str]:
    help_ = parameter.help
    if parameter.profiles:
        help_ += f" ({', '.join(parameter.profiles)} only)"
    if parameter.is_secret:
        help_ += "; secret"
    default = "required" if parameter.required else parameter.default
    return [parameter.name, help_, allowed_values(parameter), default or "-"]


def allowed_values(parameter: Parameter) -> str:
    """What a parameter may hold, in words."""
    low, high = parameter.minimum, parameter.maximum
    node = find_node(parameter.node) if parameter.node else None
    if parameter.values:
        words = ", ".join(parameter.values)
    elif node is not None:
        words = limits(node)
    elif parameter.kind is Kind.INTEGER and (low is not None or high is not None):
        words = bounds(low, high)
    elif high is not None:
        words = f"{parameter.kind}, {high} characters at most"
    else:
        words = str(parameter.kind)
    words += ", a list" if parameter.is_list else ""
    return words + (", or @PATH" if parameter.file else "")


def _profiles(profiles: Mapping[str, bool]) -> str:
    return ", ".join(name if is_sure else f"{name} [U]" for name, is_sure in profiles.items())


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
