"""State files that older versions of the schema wrote are taken over with all they hold."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mdmcore.errors import ConfigError
from mdmcore.records import AccountStatus, IssuedUserToken, QueueState
from mdmcore.store import Database
from mdmcore.store.marks import NewMarks
from mdmcore.store.migrations import STEPS
from mdmcore.store.tables import SCHEMA_VERSION

DATA = Path(__file__).parent.parent / "data" / "store"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def old_file(folder: Path, version: int) -> Path:
    """A state file as that version left it."""
    path = folder / "state.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((DATA / f"version{version}.sql").read_text(encoding="utf-8"))
        assert connection.execute("PRAGMA user_version").fetchone() == (version,)
    return path


def schema(path: Path) -> dict[str, object]:
    """Columns, and indexes with their columns, of every table."""
    found: dict[str, object] = {}
    with closing(sqlite3.connect(path)) as connection:
        names = [
            row[0]
            for row in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            )
        ]
        for name in names:
            indexes = connection.execute(f"PRAGMA index_list({name})").fetchall()
            # The number and the order of making tell nothing; an index is its columns.
            described = {
                (
                    unique,
                    origin,
                    tuple(row[2] for row in connection.execute(f"PRAGMA index_info({index})")),
                )
                for _, index, unique, origin, _ in indexes
            }
            named = {index for _, index, _, origin, _ in indexes if origin == "c"}
            columns = connection.execute(f"PRAGMA table_info({name})").fetchall()
            found[name] = (columns, described, named)
    return found


def test_there_is_a_step_to_every_version() -> None:
    assert list(STEPS) == list(range(2, SCHEMA_VERSION + 1))


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_an_old_file_gets_the_schema_of_a_new_one(tmp_path: Path, version: int) -> None:
    new = tmp_path / "new.sqlite3"
    Database(new).close()
    old = old_file(tmp_path, version)
    Database(old).close()
    assert schema(old) == schema(new)
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


def test_version_1_is_taken_over(tmp_path: Path) -> None:
    path = old_file(tmp_path, 1)
    token = IssuedUserToken(digest="d", username="u", expires=NOW + timedelta(minutes=1))
    with closing(Database(path)) as store:
        found = store.discovery("demo@EXAMPLE.test")
        assert found is not None
        assert found.device_type == "WindowsPhone"
        (certificate,) = store.certificates()
        assert (certificate.serial, certificate.account) == (2**150, "DEVICE-1")
        (account,) = store.accounts_for("dev", None)
        assert (account.name, account.certificate_serial) == ("DEVICE-1", 2**150)
        assert store.inventory("dev") == {"./DevInfo/Man": "NOKIA"}
        store.add_user_token(token)
    with closing(Database(path)) as store:
        assert store.user_token("d") == token
        assert store.spend_user_token("d", NOW)
        assert not store.spend_user_token("d", NOW)
        assert not store.spend_user_token("unknown", NOW)


def test_version_2_is_taken_over(tmp_path: Path) -> None:
    path = old_file(tmp_path, 2)
    for _ in range(2):
        with closing(Database(path)) as store:
            assert [(c.serial, c.account, c.revoked) for c in store.certificates()] == [
                (2**150 + 1, "DEVICE-1", None),
                (2**150 + 2, "DEVICE-2", None),
            ]
            (account,) = store.accounts_for("dev", None)
            assert account.status is AccountStatus.ENROLLED
            assert account.ent_dmid == account.name == "DEVICE-1"
            assert account.certificate_serial == 2**150 + 1
            assert account.nonce_c2s == b"\x00\xff"
            (waiting,) = store.unbound_accounts(5)
            assert waiting.username == "Ändi@example.test"
            (given,) = store.accounts_for("other", None)
            assert (given.ent_dmid, given.enrolled) == ("", None)
            token = store.user_token("ab" * 32)
            assert token is not None
            assert token.used is None
            assert store.session("dev", "1A") is not None
            assert store.enrolled_account("DEVICE-2") == waiting


def test_version_3_is_taken_over(tmp_path: Path) -> None:
    with closing(Database(old_file(tmp_path, 3))) as store:
        (job,) = store.waiting_jobs("DEVICE-1", "dev")
        assert (job.recipe, job.state, job.queued) == ("unenroll", QueueState.QUEUED, NOW)
        assert (job.commands, job.values, job.watched, job.ended) == ("", (), (), None)
        session = store.session("dev", "1A")
        assert session is not None
        assert session.work == "{}"
        assert store.inventory("dev") == {"./DevInfo/Man": "NOKIA"}


def test_version_4_is_taken_over(tmp_path: Path) -> None:
    path = old_file(tmp_path, 4)
    with closing(Database(path)) as store, closing(NewMarks(path)) as marks:
        assert [(one.fault, one.remaining) for one in store.fault_orders()] == [
            ("missing-212", 2),
            ("digest-missing-colon", None),
        ]
        mark = store.set_mark("now", NOW)
        assert marks.take() == (mark,)


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = old_file(tmp_path, 1)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE accounts ADD COLUMN profile VARCHAR")
        connection.commit()
        before = list(connection.iterdump())
    with pytest.raises(ConfigError, match="cannot be used as state"):
        Database(path)
    with closing(sqlite3.connect(path)) as connection:
        assert list(connection.iterdump()) == before
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
