"""Mistakes that the running server is to make: ordered by commands, spent by the server."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from mdmcore.records import FaultOrder
from mdmcore.store import rows, tables
from mdmcore.store.storage import Storage


class Faults(Storage):
    """Each public method is one durable transaction."""

    def order_fault(
        self,
        fault: str,
        now: datetime,
        *,
        account: str | None = None,
        step: str = "",
        times: int | None = None,
    ) -> FaultOrder:
        """Let the server make a mistake from the next answer on, ``times`` times or always."""
        values = {
            "fault": fault,
            "account": account,
            "step": step,
            "remaining": times,
            "ordered": rows.time_text(now),
        }
        with self._transaction() as connection:
            key = connection.execute(insert(tables.faults).values(values)).inserted_primary_key
            assert key is not None
        return FaultOrder(
            id=key[0], fault=fault, account=account, step=step, remaining=times, ordered=now
        )

    def fault_orders(self) -> tuple[FaultOrder, ...]:
        """The mistakes that are to be made, the oldest first."""
        query = select(tables.faults).order_by(tables.faults.c.id)
        with self._transaction() as connection:
            found = connection.execute(query).mappings().all()
        return tuple(
            FaultOrder(**dict(row) | {"ordered": datetime.fromisoformat(row["ordered"])})
            for row in found
        )

    def spend_fault(self, order: int) -> None:
        """Count that it was made once; an order that is used up ends."""
        table = tables.faults
        this = table.c.id == order
        with self._transaction() as connection:
            connection.execute(
                update(table)
                .where(this, table.c.remaining.is_not(None))
                .values(remaining=table.c.remaining - 1)
            )
            connection.execute(delete(table).where(this, table.c.remaining <= 0))

    def clear_faults(self, fault: str | None = None, account: str | None = None) -> int:
        """Take orders back: of one mistake, of one device, or all; how many there were."""
        table = tables.faults
        query = delete(table)
        if fault is not None:
            query = query.where(table.c.fault == fault)
        if account is not None:
            query = query.where(table.c.account == account)
        with self._transaction() as connection:
            return connection.execute(query).rowcount
