"""What management keeps: which account a device has, its sessions, values, statuses and jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from mdmcore.records import (
    Account,
    AccountStatus,
    CommandStatus,
    InventoryValue,
    JobResult,
    QueuedJob,
    SessionState,
)
from mdmcore.store import rows, tables
from mdmcore.store.accounts import end_accounts, forget, is_active, is_waiting, save_account
from mdmcore.store.storage import Storage, put, put_all

_FORGET_SESSIONS_AFTER = timedelta(days=7)
"""Sessions are needed for retries only; strangers' sessions must not pile up."""


class Sessions(Storage):
    """Each public method is one durable transaction."""

    def accounts_for(self, device_id: str, name: str | None) -> tuple[Account, ...]:
        """Accounts that device may mean: bound to it (newest first), then unbound of that name.

        One that has ended is not among them.
        """
        table = tables.accounts
        condition = table.c.device_id == device_id
        if name is not None:
            condition |= table.c.device_id.is_(None) & (table.c.name == name)
        query = select(table).where(condition, is_active())
        return self._accounts(query.order_by(table.c.device_id.is_(None), table.c.id.desc()))

    def unbound_accounts(self, limit: int) -> tuple[Account, ...]:
        """The newest accounts that no device has used yet."""
        table = tables.accounts
        query = select(table).where(table.c.device_id.is_(None), is_active())
        return self._accounts(query.order_by(table.c.id.desc()).limit(limit))

    def has_left(self, device_id: str, name: str) -> bool:
        """Whether that device told to have left the account of that name."""
        table = tables.accounts
        query = select(table.c.id).where(
            table.c.device_id == device_id, table.c.name == name, ~is_active()
        )
        with self._transaction() as connection:
            return connection.execute(query).first() is not None

    def _accounts(self, query: Any) -> tuple[Account, ...]:
        with self._transaction() as connection:
            found = connection.execute(query).mappings().all()
        return tuple(rows.account_record(row) for row in found)

    def session(self, device_id: str, session_id: str) -> SessionState | None:
        """The session as its last answer left it."""
        table = tables.sessions
        query = select(table).where(
            table.c.device_id == device_id, table.c.session_id == session_id
        )
        with self._transaction() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else rows.session_record(row)

    def open_sessions(self, device_id: str, without: str) -> tuple[SessionState, ...]:
        """The device's sessions that are not closed and in which it has proven itself, but for
        the one of that SessionID."""
        table = tables.sessions
        query = select(table).where(
            table.c.device_id == device_id,
            table.c.session_id != without,
            ~table.c.is_closed,
            table.c.is_client_authenticated,
        )
        with self._transaction() as connection:
            found = connection.execute(query.order_by(table.c.session_id)).mappings().all()
        return tuple(rows.session_record(row) for row in found)

    def waiting_jobs(self, account: str, device_id: str) -> tuple[QueuedJob, ...]:
        """The account's jobs on that device that are not settled, oldest first."""
        table = tables.queue
        query = select(table).where(
            table.c.account == account,
            (table.c.device_id == device_id) | table.c.device_id.is_(None),
            is_waiting(),
        )
        with self._transaction() as connection:
            found = connection.execute(query.order_by(table.c.id)).mappings().all()
        return tuple(rows.job_record(row) for row in found)

    def save_message(
        self,
        session: SessionState,
        *,
        account: Account | None = None,
        inventory: Sequence[InventoryValue] = (),
        statuses: Sequence[CommandStatus] = (),
        jobs: Sequence[QueuedJob] = (),
        results: Sequence[JobResult] = (),
        others: Sequence[SessionState] = (),
    ) -> None:
        """Everything one message changed, in one transaction, before the answer leaves.

        ``others`` are further sessions of the device that end with it.
        An account that is new on the device ends the one it had before. An account that has ended
        takes with it what was known of the device.
        """
        with self._transaction() as connection:
            for job in jobs:
                this = (tables.queue.c.id == job.id) & is_waiting()
                connection.execute(update(tables.queue).where(this).values(rows.job_row(job)))
            answers = [rows.job_result_row(result) for result in results]
            put_all(connection, tables.job_results, answers, "job", "position", "item")
            if account is not None:
                _keep_account(connection, account, rows.time_text(session.updated) or "")
            for each in (*others, session):
                put(connection, tables.sessions, rows.session_row(each), "device_id", "session_id")
            if session.updated is not None:
                oldest = rows.time_text(session.updated - _FORGET_SESSIONS_AFTER)
                connection.execute(
                    delete(tables.sessions).where(tables.sessions.c.updated < oldest)
                )
            values = [_value_row(session, value) for value in inventory]
            put_all(connection, tables.inventory, values, "device_id", "uri")
            if statuses:
                evidence = [_status_row(status) for status in statuses]
                connection.execute(insert(tables.command_statuses), evidence)

    def inventory(self, device_id: str) -> dict[str, str]:
        """The last known value of each node the device reported."""
        table = tables.inventory
        query = select(table.c.uri, table.c.value).where(table.c.device_id == device_id)
        with self._transaction() as connection:
            found = connection.execute(query.order_by(table.c.uri)).all()
        return {row.uri: row.value for row in found}


def _keep_account(connection: Connection, account: Account, at: str) -> None:
    table = tables.accounts
    if save_account(connection, account):
        others = (table.c.device_id == account.device_id) & (table.c.name != account.name)
        end_accounts(connection, others, at)
    if account.status is AccountStatus.UNENROLLED:
        forget(connection, account.name, account.device_id, at=at, why="left")


def _value_row(session: SessionState, value: InventoryValue) -> dict[str, Any]:
    return {
        "device_id": session.device_id,
        "uri": value.uri,
        "value": value.value,
        "format": value.format,
        "type": value.type,
        "read": rows.time_text(value.read),
    }


def _status_row(status: CommandStatus) -> dict[str, Any]:
    return {
        "device_id": status.device_id,
        "session_id": status.session_id,
        "uri": status.uri,
        "command": status.command,
        "code": status.code,
        "at": rows.time_text(status.at),
    }
