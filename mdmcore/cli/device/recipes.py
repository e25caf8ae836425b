"""``mdmproxy device recipes``: the jobs that ``queue`` and scenarios know by name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from mdmcore.cli.options import Format, Output, OutputFormat
from mdmcore.cli.output import text_output

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mdmcore.csp.recipes import Recipe

EXAMPLE = "Example: mdmproxy device recipes lock-and-reset-pin"


def list_recipes(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="One recipe; not given: all of them.")
    ] = None,
    format: OutputFormat = Format.TEXT,
    output: Output = None,
) -> int:
    """Print the recipes with what they do and for which devices; one by its name with everything
    that it takes, and an example. A profile with ? is likely, but not documented.
    """
    from mdmcore.csp.recipes import find_recipe, recipes

    entries = [_entry(each) for each in (recipes() if name is None else (find_recipe(name),))]
    with text_output(output) as out:
        if format is Format.JSON:
            out.write(json.dumps({"recipes": entries}, indent=2) + "\n")
        elif name is None:
            _write_list(out, entries)
        else:
            _write_one(out, entries[0])
    return 0


def _entry(recipe: Recipe) -> dict[str, Any]:
    from mdmcore.csp.recipes.markdown import allowed_values

    return {
        "name": recipe.name,
        "aliases": list(recipe.aliases),
        "summary": recipe.summary,
        "profiles": _profiles(recipe.profiles),
        "parameters": [
            {
                "name": each.name,
                "help": each.help,
                "kind": each.kind.value,
                "allowed": allowed_values(each),
                "required": each.required,
                "default": each.default or None,
                "is_secret": each.is_secret,
                "is_list": each.is_list,
                "file": each.file or None,
                "values": list(each.values),
                "minimum": each.minimum,
                "maximum": each.maximum,
                "profiles": list(each.profiles),
            }
            for each in recipe.parameters
        ],
        "alternatives": dict(recipe.alternatives),
        "example": recipe.example_line,
        "source": recipe.source,
    }


def _profiles(profiles: Mapping[str, bool]) -> list[str]:
    return [name if is_documented else f"{name}?" for name, is_documented in profiles.items()]


def _write_list(out: TextIO, entries: list[dict[str, Any]]) -> None:
    width = max(len(entry["name"]) for entry in entries)
    for entry in entries:
        profiles = " ".join(entry["profiles"])
        out.write(f"{entry['name']:<{width}}  {entry['summary']} [{profiles}]\n")


def _write_one(out: TextIO, entry: dict[str, Any]) -> None:
    out.write(f"{entry['name']}: {entry['summary']}\n")
    if entry["aliases"]:
        out.write(f"also called {', '.join(entry['aliases'])}\n")
    out.write(f"for {' '.join(entry['profiles'])}\n")
    for profile, instead in entry["alternatives"].items():
        out.write(f"not for {profile}: {instead}\n")
    for each in entry["parameters"]:
        out.write(f"  {each['name']}  {each['help']}\n      {_rule(each)}\n")
    out.write(f"source: {entry['source']}\nExample: {entry['example']}\n")


def _rule(each: Mapping[str, Any]) -> str:
    words = [each["allowed"]]
    if each["is_secret"]:
        words.append("secret")
    if each["profiles"]:
        words.append(f"for {' and '.join(each['profiles'])} only")
    if each["required"]:
        words.append("required")
    elif each["default"]:
        words.append(f"default {each['default']}")
    return ", ".join(words)
