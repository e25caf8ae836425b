"""What an administrator sees and does: the list of devices, and jobs queued for them.

A running proxy sees a new job at the device's next message: both read and write the same file.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from mdmcore.errors import ConfigError
from mdmcore.records import Account, AccountStatus, ManagedDevice, QueuedJob, QueueState
from mdmcore.store import rows, tables
from mdmcore.store.storage import Storage

_WAITING = (QueueState.QUEUED, QueueState.SENT, QueueState.RUNNING)


class Devices(Storage):
    """Each public method is one durable transaction."""

    def devices(self) -> tuple[ManagedDevice, ...]:
        """Every account with its certificate and its last job, the newest first."""
        table = tables.accounts
        with self._transaction() as connection:
            found = connection.execute(select(table).order_by(table.c.id.desc())).mappings().all()
            accounts = [rows.account_record(row) for row in found]
            return tuple(_managed(connection, account) for account in accounts)

    def queue_job(self, account: Account, recipe: str, now: datetime) -> QueuedJob:
        """Queue a job for the device; ConfigError when it has left, or one of the kind waits."""
        if account.status is AccountStatus.UNENROLLED:
            raise ConfigError(f"{account.device_id or account.name} is not enrolled any more")
        values = {
            "account": account.name,
            "device_id": account.device_id,
            "recipe": recipe,
            "state": QueueState.QUEUED.value,
            "attempts": 0,
            "outcome": "",
            "queued": rows.time_text(now),
            "sent": None,
        }
        with self._transaction() as connection:
            last = _last_job(connection, account)
            if last is not None and last.recipe == recipe and last.state in _WAITING:
                since = last.sent or last.queued
                raise ConfigError(
                    f"{recipe} is {last.state} for {account.device_id or account.name} since "
                    f"{since:%Y-%m-%d %H:%M} UTC"
                )
            key = connection.execute(insert(tables.queue).values(values)).inserted_primary_key
            assert key is not None
        return QueuedJob(
            id=key[0],
            account=account.name,
            device_id=account.device_id,
            recipe=recipe,
            queued=now,
        )


def _managed(connection: Connection, account: Account) -> ManagedDevice:
    table = tables.certificates
    query = select(table.c.not_after).where(table.c.serial == str(account.certificate_serial))
    row = connection.execute(query).first()
    return ManagedDevice(
        account=account,
        not_after=None if row is None else rows.time_value(row.not_after),
        job=_last_job(connection, account),
    )


def _last_job(connection: Connection, account: Account) -> QueuedJob | None:
    table = tables.queue
    query = select(table).where(
        table.c.account == account.name,
        (table.c.device_id == account.device_id) | table.c.device_id.is_(None),
    )
    row = connection.execute(query.order_by(table.c.id.desc())).mappings().first()
    return None if row is None else rows.job_record(row)
