"""From a recipe and a person's values to the commands that go to one device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import Recipe, RecipeContext
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.syncml.model import AnyCommand


def build_commands(
    recipe: Recipe, values: Mapping[str, str], context: RecipeContext
) -> tuple[AnyCommand, ...]:
    """The commands, without CmdIDs. Raises ConfigError: for a device that lacks what the recipe
    needs, for a value that is unknown, missing or wrong, and for whatever the catalogue forbids.
    """
    # Imported here, with the model of SyncML, which listing the recipes does not need.
    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.problems import command_problems
    from mdmcore.csp.recipes.values import check_values
    from mdmcore.profiles import device_profile

    profile = device_profile(context.profile).name
    if profile not in recipe.profiles:
        raise ConfigError(_refusal(recipe, profile))
    checked = check_values(recipe, values, profile=profile)
    draft = Draft(context=context).for_user(checked.is_for_user)
    commands = recipe.build(checked, draft)
    for problem in command_problems(commands, profile=profile, provider=context.provider_id):
        if problem.is_error:
            raise ConfigError(f"{recipe.name}: {problem.message}")
    for uri, first in _first_builds(commands, profile):
        if context.build is not None and context.build < first:
            raise ConfigError(
                f"{recipe.name} needs build {first} for {uri}, the device has {context.build}"
            )
    return commands


def _refusal(recipe: Recipe, profile: str) -> str:
    names = " and ".join(recipe.profiles)
    instead = recipe.alternatives.get(profile)
    return f"{recipe.name} is for {names}, not for {profile}" + (f": {instead}" if instead else "")


def _first_builds(commands: tuple[AnyCommand, ...], profile: str) -> Iterator[tuple[str, int]]:
    """The targets that only came with a build of Windows, with that build."""
    from mdmcore.csp.catalogue import find_node
    from mdmcore.csp.recipes.problems import walk_commands
    from mdmcore.syncml.model import Command

    for command, _, _ in walk_commands(commands):
        for item in command.items if isinstance(command, Command) else ():
            node = find_node(item.target or "", profile=profile)
            if node is not None and node.first_build is not None:
                yield node.uri, node.first_build
