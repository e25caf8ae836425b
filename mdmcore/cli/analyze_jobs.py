"""Judging many captures in processes of their own, with the same result whatever their number.

A process that dies costs the capture it was at, and is replaced. None outlives the block: leaving
it by an error, or by Ctrl-C, ends them. Started anew on all systems (``spawn``), so that nothing of
this process (threads, open files) is in them.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import cast

from mdmcore.cli.analyze_settings import AnalyzeSettings
from mdmcore.cli.analyze_worker import CaptureJudge, Ended, Step, Task, failed, work
from mdmcore.platform import interrupts_held
from mdmcore.report.outcome import Outcome
from mdmcore.report.sieve import Sieve

_PATIENCE = 5.0
"""Seconds that a process has to end."""


def judged(
    tasks: Sequence[Task],
    settings: AnalyzeSettings,
    sieve: Sieve,
    *,
    jobs: int,
    tell: Callable[[Step], None],
) -> Iterator[Outcome]:
    """The outcomes, in the order of the tasks. One job is this process."""
    if jobs <= 1 or len(tasks) <= 1:
        judge = CaptureJudge(settings, sieve)
        for task in tasks:
            yield judge.outcome(task, tell)
        return
    with _Workers(settings, sieve) as workers:
        waiting: dict[int, Outcome] = {}
        expected = iter(tasks)
        following = next(expected, None)
        for number, outcome in workers.run(tasks, min(jobs, len(tasks)), tell):
            waiting[number] = outcome
            while following is not None and following.number in waiting:
                yield waiting.pop(following.number)
                following = next(expected, None)


class _Worker:
    """A process, and the task it is at."""

    def __init__(self, settings: AnalyzeSettings, sieve: Sieve) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(
            target=work, args=(theirs, settings, sieve), daemon=True
        )
        with interrupts_held():
            self.process.start()
        theirs.close()
        self.task: Task | None = None

    def give(self, task: Task) -> None:
        """Let it judge a capture. One that has died is found when its answer is awaited."""
        self.task = task
        with suppress(OSError):
            self.connection.send(task)

    def end(self) -> None:
        """Let it go."""
        self.connection.close()
        self.process.terminate()
        self.process.join(_PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join(_PATIENCE)
        self.process.close()

    def reason(self) -> str:
        """How a process that is no more has ended."""
        self.process.join(_PATIENCE)
        code = self.process.exitcode
        if code is not None and code < 0:
            return f"killed by {_signal_name(-code)}"
        return f"exit code {code}"


class _Workers(AbstractContextManager["_Workers"]):
    """The processes that are at work."""

    def __init__(self, settings: AnalyzeSettings, sieve: Sieve) -> None:
        self._settings = settings
        self._sieve = sieve
        self._busy: dict[Connection, _Worker] = {}

    def __exit__(self, *details: object) -> None:
        for worker in self._busy.values():
            worker.end()
        self._busy.clear()

    def run(
        self, tasks: Iterable[Task], count: int, tell: Callable[[Step], None]
    ) -> Iterator[tuple[int, Outcome]]:
        """The number and outcome of each task, in the order in which they are ready."""
        left = deque(tasks)
        for _ in range(count):
            self._start(left.popleft())
        while self._busy:
            for connection in cast("list[Connection]", wait(list(self._busy))):
                ended = self._hear(connection, tell)
                if ended is None:
                    continue
                yield ended.number, ended.outcome
                if connection not in self._busy:  # it has died
                    if left:
                        self._start(left.popleft())
                elif left:
                    self._busy[connection].give(left.popleft())
                else:
                    self._busy.pop(connection).end()

    def _start(self, task: Task) -> None:
        worker = _Worker(self._settings, self._sieve)
        self._busy[worker.connection] = worker
        worker.give(task)

    def _hear(self, connection: Connection, tell: Callable[[Step], None]) -> Ended | None:
        """What a process says; ``None`` while its capture goes on."""
        try:
            said = connection.recv()
        except (EOFError, OSError):
            return self._died(connection)
        if isinstance(said, Ended):
            return said
        tell(said)
        return None

    def _died(self, connection: Connection) -> Ended:
        worker = self._busy.pop(connection)
        assert worker.task is not None
        reason = f"the process that read it has died ({worker.reason()})"
        worker.end()
        return Ended(number=worker.task.number, outcome=failed(worker.task, reason))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
