"""The server's packages in one session: jobs, then the inventory, each until it is answered.

What goes into a message of them is the concern of ``sending``, when they go out that of ``turn``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mdmcore.records import Account, JobResult, QueuedJob, QueueState
from mdmcore.server.inventory import INVENTORY_NODES
from mdmcore.server.jobs import first_position
from mdmcore.server.session.queue import Queue
from mdmcore.server.session.work import Package, Work
from mdmcore.syncml.model import AnyCommand, Command, Item

logger = logging.getLogger(__name__)

_INVENTORY: tuple[AnyCommand, ...] = tuple(
    Command(name="Get", cmd_id="", items=(Item(target=uri),)) for uri in INVENTORY_NODES
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    """What becomes of packages and their jobs; each step returns the work after it."""

    queue: Queue
    profile: str
    now: datetime

    def following(self, work: Work) -> Package | None:
        """The package after the one that is answered; ``None`` when all is said."""
        job = self.queue.next(polled=work.polled, login=work.login)
        if job is not None:
            return Package(job=job.id, total=len(self.queue.commands(job)))
        if work.has_asked_inventory:
            return None
        return Package(total=len(INVENTORY_NODES))

    def commands_of(self, package: Package) -> tuple[Sequence[AnyCommand], int]:
        """Its commands, and the position of the first among the job's results."""
        if package.job is None:
            return _INVENTORY, 0
        job = self.queue.job(package.job)
        if job is None:
            return (), 0
        return self.queue.commands(job), first_position(job)

    def opened(
        self, work: Work, package: Package, account: Account, *, session_id: str
    ) -> tuple[Work, Account]:
        """The package begins."""
        work = _taken_up(replace(work, package=package), package)
        job = self._job_of(package)
        if job is not None and job.state is QueueState.QUEUED:
            account = self.queue.send(job, account, session_id=session_id, now=self.now)
        return work, account

    def refused(self, work: Work, package: Package, problem: str) -> Work:
        """The device can never take the package: the job has failed before anything was sent."""
        job = self._job_of(package)
        if job is not None and job.state is QueueState.QUEUED:
            logger.warning("job %d cannot be sent: %s", job.id, problem)
            self.queue.refuse(job, problem, now=self.now)
        return _taken_up(work, package)

    def settled(self, work: Work, results: Iterable[JobResult]) -> Work:
        """Every command of the package has its Status; ``results`` are those of this message."""
        package, work = work.package, replace(work, package=None)
        job = None if package is None or package.job is None else self.queue.job(package.job)
        if job is None:
            return work
        rows = {(row.position, row.item): row for row in self.queue.results(job.id)}
        for row in results:
            rows[row.position, row.item] = row
        self.queue.answered(job, tuple(rows.values()), profile=self.profile, now=self.now)
        return work

    def lost(self, work: Work) -> Work:
        """Not every command has its Status, and none will come: the job goes back, or has been told
        to leave."""
        self.queue.lose(None if work.package is None else work.package.job, now=self.now)
        return replace(work, package=None)

    def tells_to_leave(self, work: Work) -> bool:
        """Whether the device was told to leave: nothing more is asked of it in this session."""
        number = None if work.package is None else work.package.job
        job = None if number is None else self.queue.job(number)
        return job is not None and self.queue.unenrols(job)

    def _job_of(self, package: Package) -> QueuedJob | None:
        if package.job is None:
            return None
        job = self.queue.job(package.job)
        assert job is not None
        return job


def rewound(work: Work, *, server_msg_id: int) -> Work:
    """The device refused our proof and executed nothing: the last message goes out again."""
    package = work.package
    if package is None:
        return work
    last = str(server_msg_id)
    sent = tuple(command for command in package.sent if command.msg_id != last)
    following, offset = package.before
    return replace(work, package=replace(package, next=following, offset=offset, sent=sent))


def _taken_up(work: Work, package: Package) -> Work:
    """The package is not the next one again in this session."""
    if package.job is None:
        return replace(work, has_asked_inventory=True)
    return replace(work, polled=(*work.polled, package.job))
