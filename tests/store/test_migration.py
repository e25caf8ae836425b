"""A state file that version 1 of the schema wrote is taken over with all it holds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mdmcore.records import IssuedUserToken
from mdmcore.store import Database

VERSION_1 = Path(__file__).parent.parent / "data" / "store" / "version1.sql"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_version_1_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1.read_text())
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    token = IssuedUserToken(digest="d", username="u", expires=NOW + timedelta(minutes=1))
    with closing(Database(path)) as store:
        found = store.discovery("demo@EXAMPLE.test")
        assert found is not None
        assert found.device_type == "WindowsPhone"
        assert [certificate.serial for certificate in store.certificates()] == [2**150]
        assert [account.name for account in store.accounts_for("dev", None)] == ["DEVICE-1"]
        assert store.inventory("dev") == {"./DevInfo/Man": "NOKIA"}
        store.add_user_token(token)
    with closing(Database(path)) as store:
        assert store.user_token("d") == token
        assert store.spend_user_token("d", NOW)
        assert not store.spend_user_token("d", NOW)
        assert not store.spend_user_token("unknown", NOW)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
