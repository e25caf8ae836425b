"""Recipes put to use in tests: a device's context, values for an example, commands as text."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import count

from mdmcore.csp.recipes import Recipe, RecipeContext, build_commands, find_recipe, recipes
from mdmcore.syncml.fragment import serialize_commands
from mdmcore.syncml.model import AnyCommand, Command, Container, Item

PROVIDER = "ExampleMDM"
ENTERPRISE = "4000000001"


def new_guids() -> Iterator[str]:
    """GUIDs that differ, in the order in which they are asked for."""
    return (f"00000000-0000-4000-8000-{number:012X}" for number in count(1))


def context(
    profile: str, *, build: int | None = None, is_azure_joined: bool = False
) -> RecipeContext:
    """A device of that profile that is enrolled, with a company hub."""
    return RecipeContext(
        profile=profile,
        provider_id=PROVIDER,
        enterprise_id=ENTERPRISE,
        hub_url="https://hub.example.test/Hub.xap",
        product_id="{B316008A-141D-4A79-810F-8B764C4CFDFB}",
        build=build,
        is_azure_joined=is_azure_joined,
        new_guid=new_guids().__next__,
    )


def built(name: str, profile: str, /, **values: str) -> tuple[AnyCommand, ...]:
    """The commands of a recipe; underscores in the names of values stand for hyphens."""
    given = {key.replace("_", "-"): value for key, value in values.items()}
    return build_commands(find_recipe(name), given, context(profile))


def items(commands: Iterable[AnyCommand]) -> Iterator[tuple[str, Item]]:
    """Every Item with the name of its command, in document order."""
    for command in commands:
        if isinstance(command, Container):
            yield from items(command.commands)
        elif isinstance(command, Command):
            for item in command.items:
                yield command.name, item


def sent_values(commands: Iterable[AnyCommand]) -> dict[str, str | None]:
    """What is written, by LocURI."""
    return {item.target or "": item.data for name, item in items(commands) if name != "Get"}


def body(commands: Iterable[AnyCommand]) -> str:
    """The commands as a SyncBody."""
    return serialize_commands(commands)


def every_recipe_by_profile() -> list[tuple[Recipe, str]]:
    """Each recipe with each of its profiles."""
    return [(recipe, profile) for recipe in recipes() for profile in recipe.profiles]


def example_values(recipe: Recipe, profile: str, files: Mapping[str, bytes]) -> dict[str, str]:
    """The values of the example that the profile takes, files read as the command line does."""
    found = {}
    for each in recipe.parameters:
        value = recipe.example.get(each.name)
        if value is None or (each.profiles and profile not in each.profiles):
            continue
        if value.startswith("@"):
            data = files[value[1:]]
            value = base64.b64encode(data).decode() if each.file == "binary" else data.decode()
        found[each.name] = value
    return found


def numbered(commands: Iterable[AnyCommand]) -> tuple[AnyCommand, ...]:
    """The commands with CmdIDs, as whoever sends them gives them."""
    numbers = count(10)
    return tuple(_numbered(command, numbers) for command in commands)


def _numbered(command: AnyCommand, numbers: Iterator[int]) -> AnyCommand:
    cmd_id = str(next(numbers))
    if not isinstance(command, Container):
        assert isinstance(command, Command)
        return replace(command, cmd_id=cmd_id)
    inside = [_numbered(each, numbers) for each in command.commands]
    held = tuple(each for each in inside if isinstance(each, Command | Container))
    return replace(command, cmd_id=cmd_id, commands=held)
