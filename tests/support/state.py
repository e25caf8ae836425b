"""The store's file as the standard library's sqlite3 sees it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

type Rows = list[dict[str, Any]]


def state_rows(folder: Path) -> dict[str, Rows]:
    """Every table's rows in the order of their keys, of a state that a test server keeps."""
    with closing(sqlite3.connect(folder / "state.sqlite3")) as connection:
        connection.row_factory = sqlite3.Row
        names = [
            row[0]
            for row in connection.execute("select name from sqlite_master where type='table'")
        ]
        return {
            name: [dict(row) for row in connection.execute(f"select * from {name} order by 1, 2")]
            for name in sorted(names)
        }
