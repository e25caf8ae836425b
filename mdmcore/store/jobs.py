"""The queue: jobs that a person queued for a device, and what the device answered.

A running proxy sees a new job at the device's next message: both read and write the same file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from mdmcore.errors import ConfigError
from mdmcore.records import (
    Account,
    AccountStatus,
    JobResult,
    PlannedJob,
    QueuedJob,
    QueueState,
)
from mdmcore.store import rows, tables
from mdmcore.store.accounts import is_waiting
from mdmcore.store.storage import Storage

MAX_WAITING = 200
"""Jobs that may wait for one device: more is a loop in somebody's script."""

CANCELLED_BY_HAND = "cancelled by hand"
"""The outcome of a job that a person took back."""


class Jobs(Storage):
    """Each public method is one durable transaction."""

    def queue_job(
        self,
        account: Account,
        recipe: str,
        now: datetime,
        *,
        commands: str = "",
        values: tuple[tuple[str, str], ...] = (),
        again: bool = False,
    ) -> QueuedJob:
        """Queue one job for the device; see ``queue_jobs``."""
        planned = PlannedJob(recipe=recipe, commands=commands, values=values)
        (job,) = self.queue_jobs(account, (planned,), now, again=again)
        return job

    def queue_jobs(
        self, account: Account, jobs: Sequence[PlannedJob], now: datetime, *, again: bool = False
    ) -> tuple[QueuedJob, ...]:
        """Queue all of the jobs for the device, or none.

        ConfigError when the device has left, when a job with the same recipe and commands waits
        already (unless ``again``), or when more than ``MAX_WAITING`` would wait.
        """
        if account.status is AccountStatus.UNENROLLED:
            raise ConfigError(f"{_name(account)} is not enrolled any more")
        with self._transaction() as connection:
            waiting = _count_waiting(connection, account)
            if waiting + len(jobs) > MAX_WAITING:
                raise ConfigError(
                    f"{waiting} jobs wait for {_name(account)}, and no more than {MAX_WAITING} may"
                )
            if not again:
                for job in jobs:
                    _refuse_twin(connection, account, job)
            return tuple(add_job(connection, account, job, now) for job in jobs)

    def cancel_job(self, id: int, now: datetime, *, stays: bool = False) -> QueuedJob:
        """Take back a job that is not settled; what the device does already goes on there.

        With ``stays`` the device was to leave by that job: it counts as enrolled again.
        ConfigError when there is no such job, or it has ended.
        """
        with self._transaction() as connection:
            job = _job(connection, id)
            this = (tables.queue.c.id == id) & is_waiting()
            cancelled = replace(
                job, state=QueueState.CANCELLED, outcome=CANCELLED_BY_HAND, ended=now
            )
            done = connection.execute(
                update(tables.queue).where(this).values(rows.job_row(cancelled))
            )
            if not done.rowcount:
                raise ConfigError(f"job {id} ({job.recipe}) is {job.state} already")
            if stays:
                _enroll_again(connection, job)
        return cancelled

    def job(self, id: int) -> QueuedJob:
        """The job of that number; ConfigError when there is none."""
        with self._transaction() as connection:
            return _job(connection, id)

    def jobs(self, account: Account, limit: int) -> tuple[QueuedJob, ...]:
        """The last jobs of the account on its device, the newest first."""
        table = tables.queue
        query = select(table).where(of_device(account)).order_by(table.c.id.desc()).limit(limit)
        with self._transaction() as connection:
            found = connection.execute(query).mappings().all()
        return tuple(rows.job_record(row) for row in found)

    def job_results(self, job: int) -> tuple[JobResult, ...]:
        """What the device answered so far to the commands of the job, in their order."""
        table = tables.job_results
        query = select(table).where(table.c.job == job).order_by(table.c.position, table.c.item)
        with self._transaction() as connection:
            found = connection.execute(query).mappings().all()
        return tuple(rows.job_result_record(row) for row in found)


def add_job(connection: Connection, account: Account, job: PlannedJob, now: datetime) -> QueuedJob:
    """Put the job at the end of the device's queue, or among its failed ones."""
    queued = QueuedJob(
        id=0,
        account=account.name,
        device_id=account.device_id,
        recipe=job.recipe,
        queued=now,
        commands=job.commands,
        values=job.values,
        state=QueueState.FAILED if job.problem else QueueState.QUEUED,
        outcome=job.problem,
        ended=now if job.problem else None,
    )
    row = rows.changed(rows.job_row(queued), "id")
    key = connection.execute(insert(tables.queue).values(row)).inserted_primary_key
    assert key is not None
    return replace(queued, id=key[0])


def of_device(account: Account) -> ColumnElement[bool]:
    """The condition for the jobs of an account on its device."""
    table = tables.queue
    return (table.c.account == account.name) & (
        (table.c.device_id == account.device_id) | table.c.device_id.is_(None)
    )


def _job(connection: Connection, id: int) -> QueuedJob:
    table = tables.queue
    row = connection.execute(select(table).where(table.c.id == id)).mappings().first()
    if row is None:
        raise ConfigError(f"no job {id}")
    return rows.job_record(row)


def _enroll_again(connection: Connection, job: QueuedJob) -> None:
    table = tables.accounts
    leaving = (table.c.name == job.account) & (table.c.status == AccountStatus.UNENROLLING.value)
    if job.device_id is not None:
        leaving &= table.c.device_id == job.device_id
    enrolled = {"status": AccountStatus.ENROLLED.value, "unenrolling_since": None}
    connection.execute(update(table).where(leaving).values(enrolled))


def _count_waiting(connection: Connection, account: Account) -> int:
    query = select(func.count()).select_from(tables.queue).where(of_device(account), is_waiting())
    count: int = connection.execute(query).scalar_one()
    return count


def _refuse_twin(connection: Connection, account: Account, job: PlannedJob) -> None:
    table = tables.queue
    same = (
        (table.c.recipe == job.recipe)
        # A job that was queued before jobs had commands is the same if its recipe is.
        & ((table.c.commands == job.commands) | (table.c.commands == ""))
    )
    query = select(table).where(of_device(account), is_waiting(), same)
    row = connection.execute(query.order_by(table.c.id.desc())).mappings().first()
    if row is not None:
        twin = rows.job_record(row)
        raise ConfigError(
            f"{job.recipe} is {twin.state} for {_name(account)} since "
            f"{twin.sent or twin.queued:%Y-%m-%d %H:%M} UTC (job {twin.id})"
        )


def _name(account: Account) -> str:
    return account.device_id or account.name
