"""The jobs of one device as one message changes them: which is next, which was lost.

What a step makes of a job stands in ``jobs`` and ``unenrollment``. A job belongs to the session it
was sent in; when that is over without its Statuses, it goes back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime

from mdmcore.csp import parse_uri
from mdmcore.records import Account, JobResult, QueuedJob, QueueState
from mdmcore.server import jobs as steps
from mdmcore.server.ports import StateStore
from mdmcore.server.session.limits import LARGE_JOB
from mdmcore.server.unenrollment import UNENROLL, came_back, left, told
from mdmcore.syncml.model import AnyCommand, Command, walk_commands

_LOGGED_ON = {"", "user"}
"""LoginStatus with which nodes of the user can be reached; empty: the device does not tell."""


class Queue:
    """The waiting jobs of an account on a device, the oldest first."""

    def __init__(
        self, store: StateStore, account: Account, device_id: str, *, provider_id: str
    ) -> None:
        self._store = store
        self._provider_id = provider_id
        self._jobs = {job.id: job for job in store.waiting_jobs(account.name, device_id)}
        self._changed: dict[int, QueuedJob] = {}
        self._unenrols: dict[int, bool] = {}
        self._commands: dict[tuple[int, bool], tuple[AnyCommand, ...]] = {}

    @property
    def changed(self) -> tuple[QueuedJob, ...]:
        """The jobs to be stored."""
        return tuple(self._changed.values())

    @property
    def has_large(self) -> bool:
        """Whether a waiting job may be more than one message can hold."""
        return any(len(job.commands) > LARGE_JOB for job in self._jobs.values())

    def job(self, number: int) -> QueuedJob | None:
        """The job as it is now; ``None`` when somebody took it back."""
        return self._jobs.get(number)

    def commands(self, job: QueuedJob) -> tuple[AnyCommand, ...]:
        """What goes out for it: its own commands, or what it is followed by."""
        key = (job.id, job.state is QueueState.RUNNING)
        if key not in self._commands:
            self._commands[key] = steps.commands_of(job, provider_id=self._provider_id)
        return self._commands[key]

    def unenrols(self, job: QueuedJob) -> bool:
        """Whether it lets the device leave."""
        if job.id not in self._unenrols:
            self._unenrols[job.id] = steps.unenrolls(job)
        return self._unenrols[job.id]

    def results(self, job: int) -> tuple[JobResult, ...]:
        """What is stored of its answers."""
        return tuple(self._store.job_results(job))

    def next(self, *, polled: Collection[int], login: str) -> QueuedJob | None:
        """The next job to send or to read: those of a user wait until one is logged on."""
        for job in self._jobs.values():
            is_due = job.state is QueueState.QUEUED or (
                job.state is QueueState.RUNNING and job.id not in polled
            )
            if not is_due or not (job.commands or job.recipe == UNENROLL):
                continue
            if login in _LOGGED_ON or not _is_of_user(self.commands(job)):
                return job
        return None

    # --- steps ------------------------------------------------------------------------------

    def begin(self, account: Account, *, alive: Collection[str], now: datetime) -> Account:
        """A session begins: what was sent in one that is not ``alive`` any more goes back."""
        for job in tuple(self._jobs.values()):
            if job.state is not QueueState.SENT:
                continue
            if self.unenrols(job):
                account, after = came_back(account, job, now)
                if after is not None:
                    self._change(after)
            elif job.session_id not in alive:
                self._change(steps.lost(job, now=now))
        return account

    def send(self, job: QueuedJob, account: Account, *, session_id: str, now: datetime) -> Account:
        """The job's commands go out; a device that is told to leave is on its way from now on."""
        if not self.unenrols(job):
            self._change(steps.sent(job, session_id=session_id, now=now))
            return account
        account, sent = told(account, job, now)
        assert sent is not None
        self._change(replace(sent, session_id=session_id))
        return account

    def answered(
        self, job: QueuedJob, results: Collection[JobResult], *, profile: str, now: datetime
    ) -> QueuedJob:
        """Every command that went out has its Status."""
        return self._change(steps.answered(job, tuple(results), now=now, profile=profile))

    def refuse(self, job: QueuedJob, reason: str, *, now: datetime) -> QueuedJob:
        """The job can never reach this device."""
        return self._change(replace(job, state=QueueState.FAILED, outcome=reason, ended=now))

    def lose(self, number: int | None, *, now: datetime) -> None:
        """The session is over before the job has its Statuses; none comes for leaving."""
        job = None if number is None else self.job(number)
        if job is not None and not self.unenrols(job):
            self._change(steps.lost(job, now=now))

    def leave(self, account: Account, *, now: datetime) -> Account:
        """The device says that it has left: a job to that end is done."""
        job = next((job for job in self._jobs.values() if self.unenrols(job)), None)
        account, done = left(account, job, now)
        if done is not None:
            self._change(done)
        return account

    def _change(self, job: QueuedJob) -> QueuedJob:
        self._jobs[job.id] = self._changed[job.id] = job
        return job


def _is_of_user(commands: Collection[AnyCommand]) -> bool:
    return any(parse_uri(uri).context == "user" for uri in _targets(commands))


def _targets(commands: Collection[AnyCommand]) -> Iterator[str]:
    for command in walk_commands(commands):
        if isinstance(command, Command):
            yield from (item.target for item in command.items if item.target)
