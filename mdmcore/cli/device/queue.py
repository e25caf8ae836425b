"""``mdmproxy device queue``: jobs by recipe, or a whole scenario."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mdmcore.cli.device.options import Again, DryRun, ShowSecrets
from mdmcore.cli.device.state import DeviceId, State, opened, utc_now
from mdmcore.cli.options import Format, Output, OutputFormat
from mdmcore.cli.output import text_output
from mdmcore.errors import ConfigError, MdmError
from mdmcore.mitm.devices import find_device, name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mdmcore.csp.recipes import RecipeContext
    from mdmcore.inspector.masking import Mask
    from mdmcore.records import ManagedDevice, PlannedJob, QueuedJob, ServerFacts
    from mdmcore.server.planning import WantedJob

EXAMPLE = "Example: mdmproxy device queue 3F2504E0 device-information detail=full"


def queue(
    device: DeviceId,
    recipe: Annotated[
        str | None,
        typer.Argument(metavar="RECIPE", help="The job; see: mdmproxy device recipes."),
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="Values of the recipe; KEY=@PATH: a file."),
    ] = None,
    scenario: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Queue all [[jobs]] of this TOML file.")
    ] = None,
    again: Again = False,
    dry_run: DryRun = False,
    show_secrets: ShowSecrets = False,
    state: State = None,
    format: OutputFormat = Format.TEXT,
    output: Output = None,
) -> int:
    """Queue a job for a device: it goes out in the next session.

    Node, format and range of every value are checked before. What came of the job is told by
    mdmproxy device history.
    """
    from mdmcore.inspector.masking import Mask
    from mdmcore.mitm.configuration.jobs import written_job
    from mdmcore.mitm.devices import context_of, facts_of

    if (recipe is None) == (scenario is None):
        raise ConfigError("name a recipe or a --scenario; mdmproxy device recipes lists recipes")
    with opened(state) as store:
        if recipe is not None:
            wanted: tuple[WantedJob, ...] = (written_job(recipe, values or []),)
        else:
            assert scenario is not None
            wanted = _all(scenario, facts_of(store))
        found = find_device(store, device)
        context = context_of(store, found)
        planned = _planned(wanted, context, scenario)
        if dry_run:
            with text_output(output) as out:
                out.write(_shown(planned, Mask(show_secrets=show_secrets)))
            return 0
        jobs = store.queue_jobs(found.account, planned, utc_now(), again=again)
    report_queued(found, jobs, format=format, output=output)
    return 0


def report_queued(
    device: ManagedDevice, jobs: Sequence[QueuedJob], *, format: Format, output: Path | None
) -> None:
    """Tell which jobs wait now."""
    from mdmcore.cli.device.entries import job_entry

    with text_output(output) as out:
        if format is Format.JSON:
            out.write(json.dumps({"jobs": [job_entry(job) for job in jobs]}, indent=2) + "\n")
        else:
            for job in jobs:
                out.write(f"{job.recipe} is queued for {name_of(device)} (job {job.id})\n")


def _all(path: Path, facts: ServerFacts) -> tuple[WantedJob, ...]:
    from mdmcore.mitm.configuration import read_configuration
    from mdmcore.mitm.configuration.jobs import wanted_jobs

    configuration = read_configuration(path)
    if not configuration.jobs:
        raise ConfigError(f"{path}: no [[jobs]] in it")
    try:
        return wanted_jobs(configuration.jobs, facts)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def _planned(
    wanted: Sequence[WantedJob], context: RecipeContext, path: Path | None
) -> tuple[PlannedJob, ...]:
    """The jobs for this device; those for others are left out, one it cannot do ends it all."""
    from mdmcore.server.planning import plan_job

    planned = []
    for number, job in enumerate(wanted):
        where = "" if path is None else f"{path}: $.jobs[{number}]: "
        if not job.is_for(context.profile):
            typer.echo(f"mdmproxy: {where}not for {context.profile}, left out", err=True)
            continue
        try:
            planned.append(plan_job(job, context))
        except MdmError as error:
            raise ConfigError(f"{where}{error}") from None
    if not planned:
        raise ConfigError(f"{path}: none of its jobs is for {context.profile}")
    return tuple(planned)


def _shown(planned: Sequence[PlannedJob], mask: Mask) -> str:
    from mdmcore.cli.device.context import shown_commands
    from mdmcore.syncml.fragment import parse_commands

    return "".join(shown_commands(parse_commands(job.commands), mask) for job in planned)
