"""What the store promises of certificates: the cap of devices, and renewals that happen once."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from mdmcore.records import AccountStatus
from mdmcore.store import Database
from tests.store.samples import NOW, SESSION, account, certificate


def test_the_cap_counts_the_users_devices(database: Database) -> None:
    assert database.enroll(account(1), certificate(1), device_cap=2)
    assert database.enroll(account(2, username="DEMO@example.TEST"), certificate(2), device_cap=2)
    assert database.devices_beside(account(3)) == 2
    assert not database.enroll(account(3), certificate(3), device_cap=2)
    assert database.certificate(3) is None
    assert database.enroll(account(4, username="other"), certificate(4), device_cap=2)
    assert database.enroll(account(5), certificate(5))


def test_a_device_that_enrols_again_does_not_count_twice(database: Database) -> None:
    assert database.enroll(account(1, hardware_id="h"), certificate(1), device_cap=1)
    assert database.enroll(account(2, hardware_id="h"), certificate(2), device_cap=1)
    assert not database.enroll(account(3, hardware_id="i"), certificate(3), device_cap=1)


def test_a_device_that_left_does_not_count(database: Database) -> None:
    assert database.enroll(account(1), certificate(1), device_cap=1)
    left = account(1, device_id="dev", status=AccountStatus.UNENROLLED, unenrolled=NOW)
    database.save_message(SESSION, account=left)
    assert database.enroll(account(2), certificate(2), device_cap=1)


def test_of_many_at_once_no_more_than_the_cap_get_in(database: Database) -> None:
    accepted: list[bool] = []

    def enroll(number: int) -> None:
        accepted.append(database.enroll(account(number), certificate(number), device_cap=3))

    threads = [threading.Thread(target=enroll, args=(number,)) for number in range(1, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(accepted) == [False] * 7 + [True] * 3
    assert len(database.certificates()) == 3


def test_an_account_may_be_told_other_nonces_until_a_device_uses_it(database: Database) -> None:
    database.enroll(account(1), certificate(1))
    told = account(1, nonce_c2s=b"other", secret="not looked at")
    database.correct_account(told)
    found = database.enrolled_account("DEVICE-1")
    assert found is not None
    assert (found.nonce_c2s, found.nonce_s2c, found.secret) == (b"other", b"\x01", "s")
    database.save_message(SESSION, account=replace(found, device_id="dev", nonce_c2s=b"later"))
    database.correct_account(told)
    (used,) = database.accounts_for("dev", None)
    assert used.nonce_c2s == b"later"


def test_a_renewal_moves_the_account_on(database: Database) -> None:
    database.enroll(account(1), certificate(1))
    assert database.renew(certificate(1, serial=2), signer=1, digest="a")
    found = database.enrolled_account("DEVICE-1")
    assert found is not None
    assert (found.certificate_serial, found.previous_serial) == (2, 1)
    assert [(c.serial, c.superseded_by) for c in database.certificates()] == [(1, 2), (2, None)]
    assert database.is_key_certified("k2")
    assert not database.is_key_certified("k3")
    assert database.is_renewal_answered("a")
    assert not database.is_renewal_answered("b")


def test_the_signer_may_renew_again_until_its_successor_did(database: Database) -> None:
    database.enroll(account(1), certificate(1))
    assert database.renew(certificate(1, serial=2), signer=1, digest="a")
    assert database.renew(certificate(1, serial=3), signer=1, digest="b")
    # The answer with 2 was lost: nothing stands on it.
    assert not database.renew(certificate(1, serial=4), signer=2, digest="c")
    assert database.renew(certificate(1, serial=5), signer=3, digest="d")
    assert not database.renew(certificate(1, serial=6), signer=1, digest="e")
    assert [c.serial for c in database.certificates() if c.superseded_by is None] == [5]


@pytest.mark.parametrize("status", [AccountStatus.UNENROLLED, AccountStatus.UNENROLLING])
def test_who_leaves_gets_no_certificate(database: Database, status: AccountStatus) -> None:
    database.enroll(account(1), certificate(1))
    database.save_message(SESSION, account=account(1, device_id="dev", status=status))
    assert not database.renew(certificate(1, serial=2), signer=1, digest="a")
    assert database.certificate(2) is None


def test_the_same_request_is_answered_once_even_at_once(database: Database) -> None:
    database.enroll(account(1), certificate(1))
    accepted: list[bool] = []

    def renew(serial: int) -> None:
        made = certificate(1, serial=serial)
        accepted.append(database.renew(made, signer=1, digest="same"))

    threads = [threading.Thread(target=renew, args=(serial,)) for serial in range(2, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(accepted) == [False] * 5 + [True]


def test_a_certificate_is_found_by_its_serial(database: Database) -> None:
    made = replace(certificate(1, serial=2**150), issuer_thumbprint="CA")
    database.enroll(account(1), made)
    assert database.certificate(2**150) == made
    assert database.certificate(1) is None
