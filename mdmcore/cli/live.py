"""What ``emulate`` and ``inspect`` share: running the proxy until a signal, with our messages.

The line ``mdmproxy: listening on HOST:PORT`` on stderr comes once connections are accepted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from mdmcore.mitm.runner import ProxySettings


class FailOn(StrEnum):
    """From which severity on a finding makes the exit code 1."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NEVER = "never"


class Profile(StrEnum):
    """Kinds of device."""

    AUTO = "auto"
    WP8 = "wp8"
    WP81 = "wp81"
    WIN81 = "win81"
    WIN10 = "win10"


def say(line: str) -> None:
    """One line on stderr."""
    typer.echo(f"mdmproxy: {line}", err=True)


def relay(level: int, line: str) -> None:
    """Show a log line; what is no plain information says so."""
    say(line if level < logging.WARNING else f"{logging.getLevelName(level).lower()}: {line}")


def run_live(
    settings: ProxySettings, *, hints: Callable[[int], list[str]], fail_on: FailOn | None
) -> int:
    """Run until SIGINT or SIGTERM; ``hints`` gives further lines for the port in use."""
    from mdmcore.mitm.runner import run_until_signal

    def on_listening(host: str, port: int) -> None:
        say(f"listening on {host}:{port}")
        for line in hints(port):
            say(line)

    outcome = run_until_signal(settings, on_listening=on_listening)
    if fail_on is None:
        return 0
    from mdmcore.report.exit_code import exit_code

    return exit_code(outcome.findings, fail_on=fail_on.value)
