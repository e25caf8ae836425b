"""``mdmproxy device send``: a single try, of one command or of those in a file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mdmcore.cli.device.options import Again, DryRun, Force, ShowSecrets
from mdmcore.cli.device.state import DeviceId, State, opened, utc_now
from mdmcore.cli.options import Format, Output
from mdmcore.cli.output import text_output
from mdmcore.errors import ConfigError
from mdmcore.mitm.devices import find_device

if TYPE_CHECKING:
    from mdmcore.csp.recipes import RecipeContext
    from mdmcore.syncml.model import AnyCommand

EXAMPLE = "Example: mdmproxy device send 3F2504E0 replace ./Vendor/MSFT/Storage/Disable --data True"


class Verb(StrEnum):
    """What to do with a node."""

    GET = "get"
    ADD = "add"
    REPLACE = "replace"
    DELETE = "delete"
    EXEC = "exec"


_BINARY = ("b64", "bin")


def send(
    device: DeviceId,
    verb: Annotated[Verb | None, typer.Argument(help="The command.")] = None,
    uri: Annotated[str | None, typer.Argument(metavar="URI", help="LocURI of the node.")] = None,
    data: Annotated[
        str | None,
        typer.Option(metavar="TEXT|@FILE", help="The value; base64 is made of a file's bytes."),
    ] = None,
    format: Annotated[
        str | None, typer.Option(help="Meta Format; default: what the catalogue says.")
    ] = None,
    type: Annotated[str | None, typer.Option(help="Meta Type; default: none.")] = None,
    syncml: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The commands: a message, a SyncBody, or bare; WBXML."),
    ] = None,
    force: Force = False,
    again: Again = False,
    dry_run: DryRun = False,
    show_secrets: ShowSecrets = False,
    state: State = None,
    output: Output = None,
) -> int:
    """Queue commands of your own for a device; they go out in the next session.

    They are held against the catalogue first: an error is refused unless --force is given, a
    warning is told. What came of them is told by mdmproxy device history.
    """
    from mdmcore.cli.device.context import shown_commands
    from mdmcore.cli.device.queue import report_queued
    from mdmcore.inspector.masking import Mask
    from mdmcore.mitm.devices import context_of
    from mdmcore.server.planning import SEND
    from mdmcore.syncml.fragment import serialize_commands

    if (verb is None) == (syncml is None):
        raise ConfigError("name a command and its URI, or a file with --syncml")
    with opened(state) as store:
        found = find_device(store, device)
        context = context_of(store, found)
        if syncml is not None:
            if data is not None or format is not None or type is not None:
                raise ConfigError("--data, --format and --type are for a single command")
            commands = _from_file(syncml)
        else:
            assert verb is not None
            if not uri:
                raise ConfigError(f"{verb} needs the URI of a node")
            commands = (_single(verb, uri, data, format, type, context),)
        _judge(commands, context, is_forced=force)
        if dry_run:
            with text_output(output) as out:
                out.write(shown_commands(commands, Mask(show_secrets=show_secrets)))
            return 0
        text = serialize_commands(commands)
        job = store.queue_job(found.account, SEND, utc_now(), commands=text, again=again)
    report_queued(found, (job,), format=Format.TEXT, output=output)
    return 0


def _from_file(path: Path) -> tuple[AnyCommand, ...]:
    from mdmcore.mitm.configuration.jobs import read_commands

    return read_commands(str(path))


def _single(
    verb: Verb,
    uri: str,
    data: str | None,
    format: str | None,
    type: str | None,
    context: RecipeContext,
) -> AnyCommand:
    from mdmcore.csp import find_node
    from mdmcore.mitm.configuration.jobs import content_of
    from mdmcore.syncml.model import Command, Item, Meta

    if verb in {Verb.GET, Verb.DELETE} and (data is not None or format or type):
        raise ConfigError(f"{verb} takes neither --data nor --format nor --type")
    node = find_node(uri, profile=context.profile) or find_node(uri)
    # Exec without Data says nothing of a Format; Add and Replace always need it.
    if format is None and node is not None and (data is not None or verb in _WRITES):
        format = node.formats[0]
    value = None if data is None else content_of(data, is_binary=format in _BINARY)
    meta = Meta(format=format, type=type) if format or type else None
    return Command(
        name=verb.value.capitalize(),
        cmd_id="",
        items=(Item(target=uri, meta=meta, data=value),),
    )


_WRITES = (Verb.ADD, Verb.REPLACE)


def _judge(commands: tuple[AnyCommand, ...], context: RecipeContext, *, is_forced: bool) -> None:
    """Tell every warning; ConfigError for errors, or with --force tell them, too."""
    from mdmcore.csp.recipes import command_problems
    from mdmcore.report.plain import plain
    from mdmcore.server.planning import refuse_problems

    problems = command_problems(commands, profile=context.profile, provider=context.provider_id)
    for problem in problems:
        if is_forced or not problem.is_error:
            text = plain(f"{problem.message} ({problem.place})")
            typer.echo(f"mdmproxy: warning: {text}", err=True)
    if not is_forced:
        try:
            refuse_problems(commands, context)
        except ConfigError as error:
            raise ConfigError(f"{error}; --force sends it all the same") from None
