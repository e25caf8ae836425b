"""Writing accounts inside a transaction: binding one to its device, and ending it.

An enrolment ends when the device left or enrolled anew. Its secrets and nonces are erased, so that
nothing proves it any more; its certificates are revoked; what was known of the device, its sessions
and its waiting jobs go, and what its jobs sent, since a wiped device comes back under the same id.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from mdmcore.records import Account, AccountStatus, QueueState
from mdmcore.store import rows, tables

_ACTIVE = (QueueState.QUEUED.value, QueueState.SENT.value, QueueState.RUNNING.value)

_CHANGED_BY_SESSIONS = (
    "device_id",
    "last_session",
    "status",
    "unenrolling_since",
    "unenrolled",
    *rows.ERASED,
)
"""Columns of an account that a DM message may change."""


def is_waiting() -> ColumnElement[bool]:
    """The condition for jobs that are not settled."""
    return tables.queue.c.state.in_(_ACTIVE)


def is_active() -> ColumnElement[bool]:
    """The condition for accounts that may prove themselves."""
    return tables.accounts.c.status != AccountStatus.UNENROLLED.value


def save_account(connection: Connection, account: Account) -> bool:
    """Update the device's own row, else bind the enrolment's row to it, else make one.

    Only what sessions change is written, and never into a row that has ended: a renewal or a new
    enrolment may have come between. Returns whether the account is new on the device.
    """
    table = tables.accounts
    row = rows.account_row(account)
    changed = {name: row[name] for name in _CHANGED_BY_SESSIONS}
    same_name = table.c.name == account.name
    for owner, is_new in ((table.c.device_id == account.device_id, False), (_unbound(), True)):
        done = connection.execute(
            update(table).where(same_name, owner, is_active()).values(changed)
        )
        if done.rowcount:
            return is_new
    is_given_by_hand = account.enrolled is None
    ended = select(table.c.id).where(same_name, table.c.device_id == account.device_id)
    if not is_given_by_hand or connection.execute(ended).first() is not None:
        return False
    connection.execute(insert(table).values(row))
    return True


def _unbound() -> ColumnElement[bool]:
    return tables.accounts.c.device_id.is_(None)


def end_accounts(connection: Connection, condition: ColumnElement[bool], at: str) -> None:
    """End every active account that meets the condition: its device has enrolled anew."""
    table = tables.accounts
    for row in connection.execute(select(table).where(condition, is_active())).mappings().all():
        this = table.c.id == row["id"]
        if row["enrolled"] is None:
            # Given by hand: it may be used again, and then starts without nonces.
            connection.execute(delete(table).where(this))
        else:
            ended = {"status": AccountStatus.UNENROLLED.value, "unenrolled": at, **rows.ERASED}
            connection.execute(update(table).where(this).values(ended))
        forget(connection, row["name"], row["device_id"], at=at, why="enrolled anew")


def forget(connection: Connection, name: str, device_id: str | None, *, at: str, why: str) -> None:
    """What goes with an account that has ended: certificates, sessions, values, waiting jobs."""
    certificates, queue = tables.certificates, tables.queue
    held = (certificates.c.account == name) & certificates.c.revoked.is_(None)
    connection.execute(update(certificates).where(held).values(revoked=at))
    jobs = queue.c.account == name
    if device_id is not None:
        jobs &= (queue.c.device_id == device_id) | queue.c.device_id.is_(None)
        for table in (tables.sessions, tables.inventory):
            connection.execute(delete(table).where(table.c.device_id == device_id))
    cancelled = {"state": QueueState.CANCELLED.value, "outcome": why, "ended": at}
    connection.execute(update(queue).where(jobs, is_waiting()).values(cancelled))
    # What was sent may hold passwords and keys.
    connection.execute(update(queue).where(jobs).values(commands=""))
