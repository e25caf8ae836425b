"""The command: which checks are run, over what, and its exit code."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mdmcore.cli.options import (
    ConfDir,
    FailOn,
    FailOnFound,
    Format,
    ListenHost,
    ListenPort,
    Output,
    OutputFormat,
)
from mdmcore.cli.output import text_output, wants_colour, width_of

if TYPE_CHECKING:
    from mdmcore.cli.doctor.report import Outcome
    from mdmcore.cli.doctor.result import Check, Result, Setup

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*", re.IGNORECASE)
_MAX_DOMAIN = 220


@app.command(epilog="Example: mdmproxy doctor --listen-host 0.0.0.0 --domain example.test")
def doctor(
    domain: Annotated[
        list[str] | None,
        typer.Option(metavar="EMAIL-DOMAIN", help="Domain of the users' mail addresses."),
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="Folder for state; default: your data folder.")
    ] = None,
    confdir: ConfDir = None,
    listen_host: ListenHost = "127.0.0.1",
    listen_port: ListenPort = 8080,
    dns: Annotated[
        bool, typer.Option("--dns", help="Check also for phones without a proxy setting.")
    ] = False,
    fail_on: FailOnFound = FailOn.ERROR,
    format: OutputFormat = Format.TEXT,
    output: Output = None,
) -> int:
    """Check this computer and a running setup, and say what to do.

    Nothing is changed. Exit code 0: no problem; 1: a problem was found (with --fail-on warning
    also a warning); 2: usage.
    """
    setup = _setup(domain or [], state, confdir, listen_host, listen_port, dns)
    outcomes = _run(setup)
    from mdmcore.cli.doctor.report import write_json, write_text

    with text_output(output) as out:
        if format is Format.JSON:
            write_json(out, outcomes)
        else:
            write_text(out, outcomes, width=width_of(out), colour=wants_colour(out))
    return _exit_code(outcomes, fail_on)


def _setup(
    domains: list[str],
    state: Path | None,
    confdir: Path | None,
    host: str,
    port: int,
    without_proxy: bool,
) -> Setup:
    from mitmproxy.options import CONF_DIR

    from mdmcore.cli.doctor.result import Setup
    from mdmcore.mitm.state import default_state_folder

    for domain in domains:
        if len(domain) > _MAX_DOMAIN or not _DOMAIN.fullmatch(domain):
            raise typer.BadParameter(f"--domain {domain!r}: write it like example.test")
    return Setup(
        state=state if state is not None else default_state_folder(),
        confdir=confdir if confdir is not None else Path(CONF_DIR).expanduser(),
        host=host,
        port=port,
        now=datetime.now(UTC),
        domains=tuple(domain.lower() for domain in domains),
        without_proxy=without_proxy,
    )


def _run(setup: Setup) -> list[Outcome]:
    """All checks in their order; one that cannot look says so itself."""
    from mdmcore.cli.doctor import network, proxy_ca, state, tls, versions

    modules = (versions, tls, state, proxy_ca, network)
    outcomes = []
    for check in (check for module in modules for check in module.CHECKS):
        result = _checked(check, setup)
        if result is not None:
            outcomes.append((check, result))
    return outcomes


def _checked(check: Check, setup: Setup) -> Result | None:
    from mdmcore.cli.doctor.result import problem

    try:
        return check.function(setup)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        place = f"{error.filename}: " if error.filename else ""
        return problem(f"cannot be checked: {place}{reason}", "look at its permissions")


def _exit_code(outcomes: list[Outcome], fail_on: FailOn) -> int:
    from mdmcore.cli.doctor.result import Level

    grave = {Level.PROBLEM} if fail_on is FailOn.ERROR else {Level.PROBLEM, Level.WARNING}
    found = any(result.level in grave for _, result in outcomes)
    return 1 if found and fail_on is not FailOn.NEVER else 0
