"""Parsing the command line, and turning every error into one line and an exit code.

0 done, 1 done and something was found, 2 usage or input not read to its end, 130 interrupted.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from mdmcore import __version__
from mdmcore.errors import MdmError

COMMANDS = {
    "demo": "mdmcore.cli.demo",
    "emulate": "mdmcore.cli.emulate",
    "inspect": "mdmcore.cli.inspect",
    "probe": "mdmcore.cli.probe",
    "analyze": "mdmcore.cli.analyze",
    "convert": "mdmcore.cli.convert",
    "replay": "mdmcore.cli.replay",
    "lint": "mdmcore.cli.lint",
    "explain": "mdmcore.cli.explain",
    "rules": "mdmcore.cli.rules",
    "criteria": "mdmcore.cli.criteria",
    "digest": "mdmcore.cli.digest",
    "schedule": "mdmcore.cli.schedule",
    "doctor": "mdmcore.cli.doctor",
    "device": "mdmcore.cli.device",
    "mark": "mdmcore.cli.mark",
    "addon-path": "mdmcore.cli.addon_path",
}
"""Sub-command -> the module whose ``app`` implements it."""

# Typer may carry click inside or use the one installed; the base of its errors is the right one.
_UsageError: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")


class _CommandGroup(TyperGroup):
    """Sub-commands that are imported when they are asked for."""

    def list_commands(self, _ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: Any, cmd_name: str) -> Any:
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = typer.main.get_command(import_module(module).app)
        command.name = cmd_name
        return command


app = typer.Typer(cls=_CommandGroup, add_completion=False, rich_markup_mode=None)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"mdmproxy {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """See, check and answer Windows MDM traffic: enrolment, OMA DM sessions, Company Hub.

    \b
    Examples:
      mdmproxy demo                                      a phone's whole life in seconds
      mdmproxy emulate --domain example.test             be the MDM server of a phone
      mdmproxy inspect --upstream https://mdm.acme.test  sit in front of a real one
      mdmproxy probe demo@acme.test                      enrol there without a device
      mdmproxy analyze session.mitm                      explain a capture
      mdmproxy convert session.mitm session.saz          hand it to somebody with Fiddler
      mdmproxy replay session.mitm --as-device --to https://test.acme.test   send it again
      mdmproxy lint answer.xml device.cer                check loose messages and certificates
    """


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code; messages go to stderr as one line."""
    command = typer.main.get_command(app)
    try:
        result = command.main(arguments or ["--help"], prog_name="mdmproxy", standalone_mode=False)
    except _UsageError as error:
        return _fail(error.format_message())
    except typer.Exit as error:
        return error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("mdmproxy: interrupted", err=True)
        return 130
    except MdmError as error:
        return _fail(str(error))
    except BrokenPipeError:
        # Whoever read our output has seen enough; keep Python from complaining at exit.
        sys.stdout = None
        return 0
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    if not arguments:
        return 2
    return result if isinstance(result, int) else 0


def _fail(message: str) -> int:
    line = " ".join(message.split())
    typer.echo(f"mdmproxy: error: {line}", err=True)
    return 2
