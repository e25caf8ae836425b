"""What ``emulate`` and ``inspect`` share: running the proxy until a signal, with our messages.

The line ``mdmproxy: listening on HOST:PORT`` on stderr comes once connections are accepted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from mdmcore.cli.options import FailOn

if TYPE_CHECKING:
    from mdmcore.mitm.runner import ProxySettings

logger = logging.getLogger(__name__)


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

    # In the console nothing may be printed: its event log shows these lines.
    tell = logger.info if settings.console else say

    def on_listening(host: str, port: int) -> None:
        tell(f"listening on {host}:{port}" if host else "listening where the system sends traffic")
        for line in hints(port):
            tell(line)

    outcome = run_until_signal(settings, on_listening=on_listening)
    if fail_on is None:
        return 0
    from mdmcore.report.exit_code import exit_code

    return exit_code(outcome.findings, fail_on=fail_on.value)
