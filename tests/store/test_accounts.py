"""An account is bound to one device, and ends with all that proved it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mdmcore.records import (
    Account,
    AccountStatus,
    AuthScheme,
    InventoryValue,
    SessionState,
)
from mdmcore.store import Database
from tests.store.samples import NOW, SESSION, account, certificate

LATER = NOW + timedelta(days=3)
OTHER_SESSION = replace(SESSION, session_id="2", updated=LATER)
VALUE = InventoryValue(uri="./DevInfo/Man", value="NOKIA", read=NOW)


def enroll(database: Database, number: int, **ids: str) -> Account:
    made = account(number, **ids)
    assert database.enroll(made, certificate(number, issued=LATER if number > 1 else NOW))
    return made


def bind(database: Database, bound: Account, session: SessionState = SESSION) -> None:
    database.save_message(session, account=replace(bound, device_id="dev"), inventory=[VALUE])


def secrets_in(path: Path, name: str) -> tuple[object, ...]:
    columns = "secret, server_secret, nonce_c2s, previous_nonce_c2s, nonce_s2c"
    with closing(sqlite3.connect(path)) as connection:
        row: tuple[object, ...] = connection.execute(
            f"SELECT {columns} FROM accounts WHERE name = ?", (name,)
        ).fetchone()
        return row


ERASED = ("", None, b"", None, b"")


def test_a_new_account_on_a_device_ends_the_old_one(database: Database, path: Path) -> None:
    old = enroll(database, 1)
    bind(database, old)
    database.queue_job(replace(old, device_id="dev"), "unenroll", NOW)
    new = enroll(database, 2)
    assert [a.name for a in database.accounts_for("dev", "DEVICE-2")] == ["DEVICE-1", "DEVICE-2"]
    database.save_message(OTHER_SESSION, account=replace(new, device_id="dev"))
    assert [a.name for a in database.accounts_for("dev", None)] == ["DEVICE-2"]
    ended = database.enrolled_account("DEVICE-1")
    assert ended is not None
    assert (ended.status, ended.unenrolled) == (AccountStatus.UNENROLLED, LATER)
    assert secrets_in(path, "DEVICE-1") == ERASED
    assert secrets_in(path, "DEVICE-2") == ("s", "t", b"\x00\xff", None, b"\x01")
    assert database.session("dev", "1A") is None
    assert database.session("dev", "2") == OTHER_SESSION
    assert database.inventory("dev") == {}
    assert database.waiting_jobs("DEVICE-1", "dev") == ()
    assert [c.revoked for c in database.certificates()] == [LATER, None]


@pytest.mark.parametrize("field", ["reported_device_id", "hardware_id"])
def test_the_same_hardware_enrolled_again_ends_the_old_account(
    database: Database, field: str
) -> None:
    bind(database, enroll(database, 1, **{field: "ABC1"}))
    enroll(database, 2, **{field: "abc1"})
    assert database.accounts_for("dev", None) == ()
    assert [a.name for a in database.unbound_accounts(5)] == ["DEVICE-2"]
    assert database.session("dev", "1A") is None


@pytest.mark.parametrize("ids", [{}, {"reported_device_id": "x"}, {"hardware_id": "x"}])
def test_other_devices_stay(database: Database, ids: dict[str, str]) -> None:
    bind(database, enroll(database, 1, reported_device_id="a", hardware_id="b"))
    enroll(database, 2, **ids)
    assert [a.name for a in database.accounts_for("dev", None)] == ["DEVICE-1"]


def test_an_account_given_by_hand_may_be_used_again(database: Database) -> None:
    given = Account(name="dummy", secret="x", scheme=AuthScheme.MD5, nonce_c2s=b"n")
    bind(database, given)
    bind(database, enroll(database, 2), OTHER_SESSION)
    assert [a.name for a in database.accounts_for("dev", None)] == ["DEVICE-2"]
    assert not database.has_left("dev", "dummy")


def test_a_device_that_leaves_takes_everything_with_it(database: Database, path: Path) -> None:
    held = replace(enroll(database, 1), device_id="dev")
    database.save_message(SESSION, account=held, inventory=[VALUE])
    left = replace(held, status=AccountStatus.UNENROLLED, unenrolled=LATER)
    database.save_message(OTHER_SESSION, account=left)
    assert database.accounts_for("dev", "DEVICE-1") == ()
    assert database.has_left("dev", "DEVICE-1")
    assert not database.has_left("other", "DEVICE-1")
    assert secrets_in(path, "DEVICE-1") == ERASED
    assert (database.session("dev", "1A"), database.inventory("dev")) == (None, {})
    assert database.session("dev", "2") == OTHER_SESSION
    assert [c.revoked for c in database.certificates()] == [LATER]


def test_a_late_message_does_not_revive_an_account_that_ended(
    database: Database, path: Path
) -> None:
    held = replace(enroll(database, 1, hardware_id="h"), device_id="dev")
    database.save_message(SESSION, account=held)
    enroll(database, 2, hardware_id="h")
    database.save_message(OTHER_SESSION, account=replace(held, nonce_c2s=b"new"))
    assert database.accounts_for("dev", None) == ()
    assert secrets_in(path, "DEVICE-1") == ERASED


def test_a_late_message_does_not_take_a_renewal_back(database: Database) -> None:
    held = replace(enroll(database, 1), device_id="dev", certificate_serial=1)
    database.save_message(SESSION, account=held)
    assert database.renew(certificate(1, serial=7), signer=1, digest="d")
    database.save_message(OTHER_SESSION, account=replace(held, nonce_c2s=b"new"))
    (found,) = database.accounts_for("dev", None)
    assert (found.certificate_serial, found.previous_serial) == (7, 1)
    assert found.nonce_c2s == b"new"


def test_an_account_that_ended_before_its_first_session_is_not_bound(database: Database) -> None:
    lost = enroll(database, 1, hardware_id="h")
    enroll(database, 2, hardware_id="h")
    bind(database, lost)
    assert database.accounts_for("dev", None) == ()
