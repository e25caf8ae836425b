"""``mdmproxy rules``: the catalogue of mistakes."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from mdmcore.cli.options import Output, Profile
from mdmcore.cli.output import text_output, wants_colour, width_of
from mdmcore.errors import ConfigError
from mdmcore.phases import PHASES

if TYPE_CHECKING:
    from mdmcore.rules import CatalogueEntry

app = typer.Typer(add_completion=False, rich_markup_mode=None)

PROFILES = tuple(str(one) for one in Profile if one is not Profile.AUTO)


class CatalogueFormat(StrEnum):
    """How the catalogue is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


@app.command(epilog="Example: mdmproxy rules cert-subject-not-printable")
def rules(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Rule ids or aliases; all if none."),
    ] = None,
    phase: Annotated[
        str | None, typer.Option(metavar="PHASE", help=f"Only one phase: {', '.join(PHASES)}.")
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="PROFILE", help=f"Only rules that apply to a device: {', '.join(PROFILES)}."
        ),
    ] = None,
    format: Annotated[CatalogueFormat, typer.Option(help="How to write the result.")] = (
        CatalogueFormat.TEXT
    ),
    output: Output = None,
) -> int:
    """List every mistake that is known: how grave, what a device does then, how to fix it.

    With ids everything is told about those rules. Aliases of a rule count as its id.
    """
    from mdmcore.report.catalogue import (
        catalogue_document,
        catalogue_markdown,
        write_entry,
        write_list,
    )
    from mdmcore.report.plain import LineWriter

    entries = _chosen(names, phase, profile)
    with text_output(output) as out:
        if format is CatalogueFormat.JSON:
            out.write(json.dumps(catalogue_document(entries), indent=1, ensure_ascii=False) + "\n")
        elif format is CatalogueFormat.MARKDOWN:
            out.write(catalogue_markdown(entries))
        else:
            lines = LineWriter(out, width=width_of(out), colour=wants_colour(out))
            if names:
                for entry in entries:
                    write_entry(lines, entry)
            else:
                write_list(lines, entries)
    return 0


def _chosen(
    names: list[str] | None, phase: str | None, profile: str | None
) -> list[CatalogueEntry]:
    """The entries that are asked for, each once. ConfigError for a name that does not exist."""
    from mdmcore.rules import catalogue, resolve
    from mdmcore.rules.model import Severity

    for given, known in ((phase, PHASES), (profile, PROFILES)):
        if given is not None and given not in known:
            raise ConfigError(f"no {given!r}; there is: {', '.join(known)}")
    found = [entry for name in names for entry in resolve(name)] if names else list(catalogue())
    return [
        entry
        for entry in {each.id: each for each in found}.values()
        if phase in (None, entry.phase)
        and (profile is None or entry.severity(profile) is not Severity.NONE)
    ]
