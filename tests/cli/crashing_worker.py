"""A worker that dies of some captures: what another process is given must be importable there."""

from __future__ import annotations

import os
from multiprocessing.connection import Connection

from mdmcore.cli.analyze_settings import AnalyzeSettings
from mdmcore.cli.analyze_worker import CaptureJudge, Ended
from mdmcore.report.sieve import Sieve


def work(connection: Connection, settings: AnalyzeSettings, sieve: Sieve) -> None:
    """As the real one, but for captures that are called ``deadly``."""
    judge = CaptureJudge(settings, sieve)
    while (task := connection.recv()) is not None:
        if task.path.name.startswith("deadly"):
            os._exit(41)
        outcome = judge.outcome(task, connection.send)
        connection.send(Ended(number=task.number, outcome=outcome))
