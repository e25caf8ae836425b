"""The state store on SQLite: every public method is one durable transaction.

WAL with ``synchronous=FULL``: what a device was told survives a power cut. Safe to call from
several threads; each call takes a connection of its own from the pool.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, delete, event, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool

from mdmcore.errors import ConfigError
from mdmcore.records import (
    Account,
    CommandStatus,
    DiscoveryRecord,
    InventoryValue,
    IssuedCertificate,
    IssuedUserToken,
    SessionState,
)
from mdmcore.store import rows, tables

_FORGET_SESSIONS_AFTER = timedelta(days=7)
"""Sessions are needed for retries only; strangers' sessions must not pile up."""

_FORGET_TOKENS_AFTER = timedelta(days=7)
"""A used or expired token is still named as such for so long."""


class Database:
    """SQLite file at ``path``, made when it does not exist; ConfigError if it is unusable."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = create_engine(
            f"sqlite:///{path}", poolclass=QueuePool, connect_args={"timeout": 30}
        )
        event.listen(self._engine, "connect", _configure)
        event.listen(self._engine, "begin", _begin_immediate)
        try:
            self._prepare()
        except DatabaseError as error:
            self._engine.dispose()
            raise ConfigError(f"{path}: cannot be used as state: {error.orig}") from None
        except ConfigError:
            self._engine.dispose()
            raise

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def _prepare(self) -> None:
        with self._transaction() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if version > tables.SCHEMA_VERSION:
                raise ConfigError(
                    f"{self._path}: written by a newer mdmproxy (schema {version}, this one knows "
                    f"{tables.SCHEMA_VERSION}); use that version or another --state directory"
                )
            tables.metadata.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {tables.SCHEMA_VERSION}")

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection

    # --- enrolment --------------------------------------------------------------------------

    def record_discovery(self, record: DiscoveryRecord) -> None:
        """Keep what a device said in its last Discover, one record for each e-mail address."""
        row = {
            "key": record.email_address.casefold(),
            "email_address": record.email_address,
            "request_version": record.request_version,
            "device_type": record.device_type,
            "seen": rows.time_text(record.seen),
        }
        with self._transaction() as connection:
            _put(connection, tables.discoveries, row, "key")

    def discovery(self, email_address: str) -> DiscoveryRecord | None:
        """The last Discover for that address (without case)."""
        table = tables.discoveries
        query = select(table).where(table.c.key == email_address.casefold())
        with self._transaction() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else rows.discovery_record(row)

    def add_user_token(self, token: IssuedUserToken) -> None:
        """Record a token before the user's browser is given it; forgets long expired ones."""
        oldest = rows.time_text(token.expires - _FORGET_TOKENS_AFTER)
        table = tables.user_tokens
        with self._transaction() as connection:
            connection.execute(delete(table).where(table.c.expires < oldest))
            connection.execute(insert(table).values(rows.user_token_row(token)))

    def user_token(self, digest: str) -> IssuedUserToken | None:
        """The token with that SHA-256."""
        table = tables.user_tokens
        query = select(table).where(table.c.digest == digest)
        with self._transaction() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else rows.user_token_record(row)

    def spend_user_token(self, digest: str, now: datetime) -> bool:
        """Mark a token as used; ``False`` when there is none or it was used before."""
        table = tables.user_tokens
        unused = (table.c.digest == digest) & table.c.used.is_(None)
        with self._transaction() as connection:
            done = connection.execute(update(table).where(unused).values(used=rows.time_text(now)))
        return bool(done.rowcount)

    def enroll(self, account: Account, certificate: IssuedCertificate) -> None:
        """Record an issued certificate and its account, before the device is told of them."""
        row = rows.account_row(account) | {"certificate_serial": str(certificate.serial)}
        with self._transaction() as connection:
            connection.execute(
                insert(tables.certificates).values(rows.certificate_row(certificate))
            )
            connection.execute(insert(tables.accounts).values(row))

    def certificates(self) -> tuple[IssuedCertificate, ...]:
        """Every certificate ever issued, oldest first."""
        table = tables.certificates
        with self._transaction() as connection:
            found = connection.execute(select(table).order_by(table.c.issued)).mappings().all()
        return tuple(rows.certificate_record(row) for row in found)

    # --- management -------------------------------------------------------------------------

    def accounts_for(self, device_id: str, name: str | None) -> tuple[Account, ...]:
        """Accounts that device may mean: bound to it (newest first), then unbound of that name."""
        table = tables.accounts
        condition = table.c.device_id == device_id
        if name is not None:
            condition |= table.c.device_id.is_(None) & (table.c.name == name)
        query = select(table).where(condition)
        return self._accounts(query.order_by(table.c.device_id.is_(None), table.c.id.desc()))

    def unbound_accounts(self, limit: int) -> tuple[Account, ...]:
        """The newest accounts that no device has used yet."""
        table = tables.accounts
        query = select(table).where(table.c.device_id.is_(None))
        return self._accounts(query.order_by(table.c.id.desc()).limit(limit))

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

    def save_message(
        self,
        session: SessionState,
        *,
        account: Account | None = None,
        inventory: Sequence[InventoryValue] = (),
        statuses: Sequence[CommandStatus] = (),
    ) -> None:
        """Everything one message changed, in one transaction, before the answer leaves."""
        with self._transaction() as connection:
            _put(connection, tables.sessions, rows.session_row(session), "device_id", "session_id")
            if session.updated is not None:
                oldest = rows.time_text(session.updated - _FORGET_SESSIONS_AFTER)
                connection.execute(
                    delete(tables.sessions).where(tables.sessions.c.updated < oldest)
                )
            if account is not None:
                _save_account(connection, account)
            for value in inventory:
                row = {
                    "device_id": session.device_id,
                    "uri": value.uri,
                    "value": value.value,
                    "format": value.format,
                    "read": rows.time_text(value.read),
                }
                _put(connection, tables.inventory, row, "device_id", "uri")
            for status in statuses:
                connection.execute(
                    insert(tables.command_statuses).values(
                        device_id=status.device_id,
                        session_id=status.session_id,
                        uri=status.uri,
                        command=status.command,
                        code=status.code,
                        at=rows.time_text(status.at),
                    )
                )

    def inventory(self, device_id: str) -> dict[str, str]:
        """The last known value of each node the device reported."""
        table = tables.inventory
        query = select(table.c.uri, table.c.value).where(table.c.device_id == device_id)
        with self._transaction() as connection:
            found = connection.execute(query.order_by(table.c.uri)).all()
        return {row.uri: row.value for row in found}


def _save_account(connection: Connection, account: Account) -> None:
    """Update the device's own row, else bind the enrolment's row to it, else make one."""
    table = tables.accounts
    row = rows.account_row(account)
    same_name = table.c.name == account.name
    for owner in (table.c.device_id == account.device_id, table.c.device_id.is_(None)):
        done = connection.execute(update(table).where(same_name, owner).values(row))
        if done.rowcount:
            return
    connection.execute(insert(table).values(row))


def _put(connection: Connection, table: Any, row: dict[str, Any], *key: str) -> None:
    statement = upsert(table).values(row)
    connection.execute(
        statement.on_conflict_do_update(index_elements=key, set_=rows.changed(row, *key))
    )


def _configure(connection: sqlite3.Connection, _record: object) -> None:
    # SQLAlchemy's recipe: the driver must not begin transactions by itself.
    connection.isolation_level = None
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.DatabaseError:  # not a database: the pool never gets to own, and close, it
        connection.close()
        raise


def _begin_immediate(connection: Connection) -> None:
    # Immediate: a read that turns into a write later could otherwise fail with "locked".
    connection.exec_driver_sql("BEGIN IMMEDIATE")
