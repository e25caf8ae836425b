"""What an administrator sees: the list of devices, and what each of them reported."""

from __future__ import annotations

from sqlalchemy import Connection, select

from mdmcore.records import (
    Account,
    CommandStatus,
    InventoryValue,
    ManagedDevice,
    ServerFacts,
    SessionState,
)
from mdmcore.store import rows, tables
from mdmcore.store.jobs import of_device
from mdmcore.store.storage import Storage, put


class Devices(Storage):
    """Each public method is one durable transaction."""

    def devices(self) -> tuple[ManagedDevice, ...]:
        """Every account with its certificate and its last job, the newest first."""
        table = tables.accounts
        with self._transaction() as connection:
            found = connection.execute(select(table).order_by(table.c.id.desc())).mappings().all()
            accounts = [rows.account_record(row) for row in found]
            return tuple(_managed(connection, account) for account in accounts)

    def inventory_values(self, device_id: str) -> tuple[InventoryValue, ...]:
        """What the device last reported, by LocURI."""
        table = tables.inventory
        query = select(table).where(table.c.device_id == device_id).order_by(table.c.uri)
        with self._transaction() as connection:
            found = connection.execute(query).mappings().all()
        return tuple(rows.inventory_record(row) for row in found)

    def sessions(self, device_id: str, limit: int) -> tuple[SessionState, ...]:
        """The device's sessions that are still kept, the newest first."""
        table = tables.sessions
        query = select(table).where(table.c.device_id == device_id)
        with self._transaction() as connection:
            found = connection.execute(
                query.order_by(table.c.started.desc()).limit(limit)
            ).mappings()
            return tuple(rows.session_record(row) for row in found.all())

    def command_statuses(self, device_id: str, limit: int) -> tuple[CommandStatus, ...]:
        """The Statuses that the device returned, the newest first."""
        table = tables.command_statuses
        query = select(table).where(table.c.device_id == device_id)
        with self._transaction() as connection:
            found = connection.execute(query.order_by(table.c.id.desc()).limit(limit)).mappings()
            return tuple(rows.status_record(row) for row in found.all())

    def keep_server_facts(self, facts: ServerFacts) -> None:
        """Remember which server uses this state, for whoever queues jobs beside it."""
        with self._transaction() as connection:
            for row in rows.server_facts_rows(facts):
                put(connection, tables.server_facts, row, "name")

    def server_facts(self) -> ServerFacts | None:
        """The server that last used this state; ``None`` if that was before it was kept."""
        with self._transaction() as connection:
            found = connection.execute(select(tables.server_facts)).all()
        return rows.server_facts_record({row.name: row.value for row in found})


def _managed(connection: Connection, account: Account) -> ManagedDevice:
    table = tables.certificates
    query = select(table.c.not_after).where(table.c.serial == str(account.certificate_serial))
    row = connection.execute(query).first()
    last = select(tables.queue).where(of_device(account)).order_by(tables.queue.c.id.desc())
    job = connection.execute(last).mappings().first()
    return ManagedDevice(
        account=account,
        not_after=None if row is None else rows.time_value(row.not_after),
        job=None if job is None else rows.job_record(job),
    )
