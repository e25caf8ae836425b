"""What ``emulate`` and ``inspect`` share: running the proxy until a signal, with our messages.

The line ``mdmproxy: listening on HOST:PORT`` on stderr comes once connections are accepted.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from mdmcore.cli.options import FailOn
from mdmcore.cli.output import complain
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.http import Exchange
    from mdmcore.inspector import Inspection
    from mdmcore.mitm.runner import ProxyOutcome, ProxySettings
    from mdmcore.report import AnalysisWriter

logger = logging.getLogger(__name__)


def say(line: str) -> None:
    """One line on stderr."""
    typer.echo(f"mdmproxy: {line}", err=True)


def relay(level: int, line: str) -> None:
    """Show a log line; what is no plain information says so."""
    say(line if level < logging.WARNING else f"{logging.getLevelName(level).lower()}: {line}")


def run_live(
    settings: ProxySettings,
    *,
    hints: Callable[[int], list[str]],
    fail_on: FailOn | None,
    report: Path | None = None,
) -> int:
    """Run until SIGINT or SIGTERM; ``hints`` gives further lines for the port in use."""
    from mdmcore.mitm.runner import run_until_signal

    # In the console nothing may be printed: its event log shows these lines.
    tell = logger.info if settings.console else say

    def on_listening(host: str, port: int) -> None:
        tell(f"listening on {host}:{port}" if host else "listening where the system sends traffic")
        for line in hints(port):
            tell(line)

    with contextlib.ExitStack() as stack:
        document = None
        if report is not None:
            document = stack.enter_context(_LiveReport(report))
            settings = replace(settings, on_inspected=document.add)
        outcome = run_until_signal(settings, on_listening=on_listening)
        if document is not None:
            document.finish(outcome)
    if outcome.unrecorded:
        complain(
            f"{settings.record}: not everything could be written; {outcome.unrecorded} of the "
            "flows that passed are missing"
        )
        return 2
    if fail_on is None:
        return 0
    from mdmcore.report.exit_code import exit_code

    return exit_code(outcome.findings, fail_on=fail_on.value)


class _LiveReport(contextlib.AbstractContextManager["_LiveReport"]):
    """The analysis of what passes, written when the proxy ends."""

    def __init__(self, path: Path) -> None:
        from mdmcore.report import AnalysisWriter

        self._path = path
        self._is_empty = not path.exists()
        try:
            path.open("ab").close()  # told now, not after hours
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ConfigError(f"--report {path}: {reason}") from None
        self._writer: AnalysisWriter = AnalysisWriter()
        self._count = 0

    def __exit__(self, *details: object) -> None:
        self._writer.__exit__(None, None, None)
        if self._is_empty:  # the proxy did not start
            self._path.unlink(missing_ok=True)

    def add(self, exchange: Exchange, inspection: Inspection) -> None:
        """Keep an exchange."""
        from mdmcore.report import Row

        self._count += 1
        self._writer.add(Row(exchange=exchange, inspection=inspection))

    def finish(self, outcome: ProxyOutcome) -> None:
        """Write the document."""
        from mdmcore.report.model import CaptureRow

        self._is_empty = False
        with self._path.open("wb") as out:
            self._writer.finish_with(
                out,
                captures=[CaptureRow(path="live", format="flows", exchanges=self._count)],
                lives=outcome.lives,
                findings=outcome.findings,
            )
