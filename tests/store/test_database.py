"""What the store promises: durable, per device, refused with one clear line when unusable."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mdmcore.errors import AlreadyRecorded, ConfigError
from mdmcore.records import CommandStatus, DiscoveryRecord, InventoryValue, SessionState
from mdmcore.store import Database
from tests.store.samples import ACCOUNT, CERTIFICATE, NOW, SESSION


def test_state_survives_a_restart(path: Path) -> None:
    with closing(Database(path)) as first:
        first.enroll(ACCOUNT, CERTIFICATE)
        (enrolled,) = first.unbound_accounts(1)
        first.save_message(SESSION, account=replace(enrolled, device_id="dev", nonce_s2c=b"\x02"))
    with closing(Database(path)) as second:
        (account,) = second.accounts_for("dev", None)
        assert account.nonce_s2c == b"\x02"
        assert account.certificate_serial == 2**150
        assert second.certificates() == (CERTIFICATE,)
        assert second.session("dev", "1A") == SESSION


def test_an_enrolled_account_is_bound_to_the_first_device_that_proves_it(
    database: Database,
) -> None:
    database.enroll(ACCOUNT, CERTIFICATE)
    assert [a.name for a in database.unbound_accounts(5)] == ["DEVICE-1"]
    database.save_message(SESSION, account=replace(ACCOUNT, device_id="dev"))
    assert database.unbound_accounts(5) == ()
    assert database.accounts_for("other", "DEVICE-1") == ()
    assert [a.device_id for a in database.accounts_for("dev", None)] == ["dev"]


def test_a_certificate_is_never_issued_twice(database: Database) -> None:
    database.enroll(ACCOUNT, CERTIFICATE)
    with pytest.raises(AlreadyRecorded, match="serial number"):
        database.enroll(ACCOUNT, CERTIFICATE)
    assert len(database.unbound_accounts(5)) == 1  # the account went back with it


def test_discovery_is_found_without_case(database: Database) -> None:
    record = DiscoveryRecord(
        email_address="Demo@Example.test", request_version="2.0", device_type="x", seen=NOW
    )
    database.record_discovery(record)
    database.record_discovery(replace(record, request_version="4.0"))
    found = database.discovery("demo@example.TEST")
    assert found is not None
    assert found.request_version == "4.0"


def test_inventory_and_statuses_are_kept(database: Database, path: Path) -> None:
    status = CommandStatus(
        device_id="dev", session_id="1A", uri="./A", command="Get", code="404", at=NOW
    )
    database.save_message(
        SESSION, inventory=[InventoryValue(uri="./A", value="1", read=NOW)], statuses=[status]
    )
    database.save_message(SESSION, inventory=[InventoryValue(uri="./A", value="2", read=NOW)])
    assert database.inventory("dev") == {"./A": "2"}
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT uri, code FROM command_statuses").fetchall()
    connection.close()
    assert rows == [("./A", "404")]


def test_old_sessions_are_forgotten(database: Database) -> None:
    database.save_message(SESSION)
    later = NOW + timedelta(days=8)
    database.save_message(SessionState(device_id="other", session_id="1", updated=later))
    assert database.session("dev", "1A") is None


def test_many_threads_write_at_once(database: Database) -> None:
    def write(number: int) -> None:
        for turn in range(10):
            database.save_message(replace(SESSION, device_id=str(number), session_id=str(turn)))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(database.session(str(n), str(t)) for n in range(8) for t in range(10))


def test_a_newer_schema_is_refused(path: Path) -> None:
    Database(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(ConfigError, match="newer mdmproxy"):
        Database(path)


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_bytes(b"this is not a database, it is a text of some length" * 50)
    with pytest.raises(ConfigError, match="cannot be used as state"):
        Database(path)


def test_commits_are_durable(database: Database, path: Path) -> None:
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    with database._transaction() as inner:
        assert inner.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2  # FULL
