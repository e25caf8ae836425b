"""The SQLite file: opened, brought up to date, and one durable transaction at a time.

WAL with ``synchronous=FULL``: what a device was told survives a power cut. Safe to use from
several threads; each transaction takes a connection of its own from the pool. What is kept in the
file stands in the modules beside this one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, create_engine, event
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool

from mdmcore.errors import ConfigError
from mdmcore.store import rows, tables
from mdmcore.store.migrations import migrate


class Storage:
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
            if version == 0:
                tables.metadata.create_all(connection)
            else:
                migrate(connection, version)
            connection.exec_driver_sql(f"PRAGMA user_version = {tables.SCHEMA_VERSION}")

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection


def put(connection: Connection, table: Table, row: dict[str, Any], *key: str) -> None:
    """Insert the row, or change the one that has the same values in the columns ``key``."""
    statement = upsert(table).values(row)
    connection.execute(
        statement.on_conflict_do_update(index_elements=key, set_=rows.changed(row, *key))
    )


def put_all(
    connection: Connection, table: Table, values: Sequence[dict[str, Any]], *key: str
) -> None:
    """As ``put`` for many rows of the same columns, in their order."""
    if not values:
        return
    statement = upsert(table)
    changes = {name: statement.excluded[name] for name in values[0] if name not in key}
    statement = statement.on_conflict_do_update(index_elements=key, set_=changes)
    connection.execute(statement, list(values))


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
