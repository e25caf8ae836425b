"""Judging one capture for itself, in this process or in one that was started for it.

What a process gets and gives is small: a path in, an outcome out. The exchanges go to a file.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from mdmcore.capture import Capture, CaptureFormat
from mdmcore.cli.analyze_settings import AnalyzeSettings, Judge
from mdmcore.errors import MdmError
from mdmcore.report.analysis import Analysis
from mdmcore.report.model import CaptureRow, ReadError
from mdmcore.report.outcome import Outcome, outcome_of
from mdmcore.report.sieve import Sieve
from mdmcore.report.spool import ExchangeSpool

EACH = 50
"""Exchanges after which it is told how far a capture was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A capture to judge; ``number`` counts them from 1, ``spool`` is where its exchanges go."""

    number: int
    path: Path
    format: CaptureFormat
    spool: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far a capture was read: exchanges, and bytes of its file (0: not known)."""

    number: int
    exchanges: int
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A capture was judged."""

    number: int
    outcome: Outcome


class CaptureJudge:
    """Judges captures one by one, each as if it were the only one."""

    def __init__(self, settings: AnalyzeSettings, sieve: Sieve) -> None:
        self._judge = Judge(settings)
        self._sieve = sieve

    def outcome(self, task: Task, tell: Callable[[Step], None]) -> Outcome:
        """What became of a capture; it raises for nothing that is in one."""
        try:
            return self._outcome(task, tell)
        except (MdmError, OSError) as error:
            return failed(task, str(error))
        except Exception as error:  # noqa: BLE001  # one capture must not cost the others
            reason = f"{type(error).__name__}: {error}"
            return failed(task, f"mdmproxy failed on it, please report this: {reason}")

    def _outcome(self, task: Task, tell: Callable[[Step], None]) -> Outcome:
        capture = self._judge.settings.open(task.path)
        inspector = self._judge.inspector(f"{task.number}.")

        def watch(capture: Capture) -> None:
            if capture.count % EACH == 0:
                tell(step_of(task.number, capture))

        with ExchangeSpool(task.spool) as spool:
            analysis = Analysis(
                [capture], inspector=inspector, sieve=self._sieve, spool=spool, watch=watch
            )
            return outcome_of(analysis.run())


def step_of(number: int, capture: Capture) -> Step:
    """How far a capture was read."""
    return Step(number=number, exchanges=capture.count, position=capture.position)


def failed(task: Task, reason: str) -> Outcome:
    """The outcome of a capture that could not be judged; what it had spooled is dropped."""
    task.spool.write_bytes(b"")
    name = str(task.path).encode("utf-8", "replace").decode("utf-8")
    message = " ".join(reason.removeprefix(f"{name}: ").split())
    error = ReadError(where="reading", message=message)
    row = CaptureRow(path=name, format=task.format, exchanges=0, errors=(error,))
    return Outcome(captures=(row,), lives=(), findings=())


def work(connection: Connection, settings: AnalyzeSettings, sieve: Sieve) -> None:
    """Judge what comes until ``None`` comes, or until nobody is there any more."""
    # Ctrl-C is the business of who started this process, and ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    judge = CaptureJudge(settings, sieve)
    try:
        while (task := connection.recv()) is not None:
            outcome = judge.outcome(task, connection.send)
            connection.send(Ended(number=task.number, outcome=outcome))
    except (EOFError, OSError):
        return
