"""From what a person asks for to jobs in a queue: a recipe or commands, made for one device.

A scenario is a list of such wishes. Its jobs are queued with each enrolment, so that they wait when
the device comes for the first time, or by hand for a device that is there. Building commands is the
work of ``csp.recipes``; sending them that of the session.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from mdmcore.csp.recipes import RecipeContext, build_commands, find_recipe
from mdmcore.errors import ConfigError
from mdmcore.records import PlannedJob, ServerFacts
from mdmcore.server.ports import Random
from mdmcore.syncml.fragment import serialize_commands
from mdmcore.syncml.model import AnyCommand

SEND = "send"
"""What a job of a person's own commands goes by."""

MASKED = "***"
_WINDOWS_10 = re.compile(r"10\.0\.([0-9]{5,6})(?:\.|\Z)")
_SHOWN_CHARACTERS = 200
"""Longer values are files: a list of jobs says how long they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedJob:
    """A job of a scenario: a recipe with its values, or else ``commands``.

    ``profiles`` names the devices that get it, empty for all. ``is_forced``: commands go out even
    if the catalogue says that they cannot work.
    """

    recipe: str = ""
    values: tuple[tuple[str, str], ...] = ()
    commands: tuple[AnyCommand, ...] = field(default=(), repr=False)
    profiles: tuple[str, ...] = ()
    is_forced: bool = False

    def is_for(self, profile: str) -> bool:
        """Whether devices of that profile get the job."""
        return not self.profiles or profile in self.profiles


def recipe_context(
    facts: ServerFacts, *, profile: str, version: str, random: Random
) -> RecipeContext:
    """What recipes know of a device. ``version`` is that of its operating system, as it says."""
    build = _WINDOWS_10.match(version.strip())
    return RecipeContext(
        profile=profile,
        provider_id=facts.provider_id,
        enterprise_id=facts.enterprise_id,
        hub_url=facts.hub_url,
        product_id=facts.product_id,
        build=int(build[1]) if build else None,
        new_guid=lambda: str(UUID(bytes=random(16), version=4)),
    )


def plan_job(wanted: WantedJob, context: RecipeContext) -> PlannedJob:
    """The job for a device. Raises ConfigError when it cannot do that, or a value is wrong."""
    if not wanted.recipe:
        if not wanted.is_forced:
            refuse_problems(wanted.commands, context)
        return PlannedJob(recipe=SEND, commands=serialize_commands(wanted.commands))
    recipe = find_recipe(wanted.recipe)
    commands = build_commands(recipe, dict(wanted.values), context)
    return PlannedJob(
        recipe=recipe.name,
        commands=serialize_commands(commands),
        values=shown_values(wanted.recipe, wanted.values),
    )


def plan_jobs(wanted: Sequence[WantedJob], context: RecipeContext) -> tuple[PlannedJob, ...]:
    """The jobs that a device of that profile gets; what it cannot do is kept with the reason."""
    planned = []
    for job in wanted:
        if job.is_for(context.profile):
            try:
                planned.append(plan_job(job, context))
            except ConfigError as error:
                recipe = job.recipe or SEND
                planned.append(PlannedJob(recipe=recipe, problem=f"not queued: {error}"))
    return tuple(planned)


def refuse_problems(commands: Sequence[AnyCommand], context: RecipeContext) -> None:
    """Raises ConfigError for the first command that the device will refuse."""
    from mdmcore.csp.recipes import command_problems

    problems = command_problems(commands, profile=context.profile, provider=context.provider_id)
    errors = [problem for problem in problems if problem.is_error]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise ConfigError(f"{errors[0].message} ({errors[0].place}){more}")


def shown_values(recipe: str, values: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The values as they may be shown: secrets masked, the text of files by its length."""
    secret = {each.name for each in find_recipe(recipe).parameters if each.is_secret}
    return tuple((name, _shown(value, name in secret)) for name, value in values)


def _shown(value: str, is_secret: bool) -> str:
    if is_secret:
        return MASKED
    return value if len(value) <= _SHOWN_CHARACTERS else f"({len(value)} characters)"
