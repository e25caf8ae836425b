"""Marks that a person sets while testing: noted by a command, taken by every running proxy.

A mark stays in the table for a day, so that each proxy that shares the state finds it there; which
ones it has taken is known to the proxy alone.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, insert

from mdmcore.records import Mark
from mdmcore.store import rows, tables
from mdmcore.store.storage import Storage

KEPT = timedelta(days=1)
"""A mark that is older when another one is set goes."""

_WAIT_S = 1.0
_NEW = "SELECT id, text, at FROM marks WHERE id > ? ORDER BY id"
_LAST = "SELECT coalesce(max(id), 0) FROM marks"


class Marks(Storage):
    """Each public method is one durable transaction."""

    def set_mark(self, text: str, now: datetime) -> Mark:
        """Note a mark for the proxies that run now."""
        table = tables.marks
        values = {"text": text, "at": rows.time_text(now)}
        with self._transaction() as connection:
            key = connection.execute(insert(table).values(values)).inserted_primary_key
            assert key is not None
            # ISO 8601 texts of one zone stand in the order of their times.
            connection.execute(delete(table).where(table.c.at < rows.time_text(now - KEPT)))
        return Mark(id=key[0], text=text, at=now)


class NewMarks:
    """The marks that are set from now on, for somebody who asks often.

    A question costs microseconds as long as nobody has written to the state, and never waits for
    somebody who does: it is no transaction. The file must exist, with the present schema. Raises
    sqlite3.Error. For one thread.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)
        try:
            self._version = self._changes()
            (self._last,) = self._connection.execute(_LAST).fetchone()
        except sqlite3.Error:
            self._connection.close()
            raise

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def take(self) -> tuple[Mark, ...]:
        """The marks that were set since the last question, in their order."""
        version = self._changes()
        if version == self._version:
            return ()
        self._version = version
        found = self._connection.execute(_NEW, (self._last,)).fetchall()
        marks = tuple(
            Mark(id=number, text=text, at=datetime.fromisoformat(at)) for number, text, at in found
        )
        if marks:
            self._last = marks[-1].id
        return marks

    def _changes(self) -> int:
        """A number that changes when another connection has written."""
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        return int(version)
