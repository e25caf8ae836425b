"""What an administrator sees of the devices, and the jobs they get."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mdmcore.errors import ConfigError
from mdmcore.records import (
    Account,
    AccountStatus,
    AuthScheme,
    CommandStatus,
    InventoryValue,
    QueuedJob,
    QueueState,
    ServerFacts,
)
from mdmcore.store import Database
from tests.store.samples import CERTIFICATE, NOW, SESSION, account, certificate

DUMMY = Account(name="dummy", secret="x", scheme=AuthScheme.BASIC, device_id="other")


def job_of(database: Database, name: str = "DEVICE-1", device_id: str = "dev") -> QueuedJob:
    (found,) = database.waiting_jobs(name, device_id)
    return found


def test_every_account_is_listed_the_newest_first(database: Database) -> None:
    database.enroll(account(1), certificate(1))
    database.save_message(replace(SESSION, device_id="other"), account=DUMMY)
    listed = database.devices()
    assert [device.account.name for device in listed] == ["dummy", "DEVICE-1"]
    assert [device.not_after for device in listed] == [None, CERTIFICATE.not_after]
    assert [device.job for device in listed] == [None, None]


def test_a_job_waits_for_the_device_whatever_its_id_will_be(database: Database) -> None:
    database.enroll(account(1), certificate(1))
    (enrolled,) = database.unbound_accounts(1)
    made = database.queue_job(enrolled, "unenroll", NOW)
    assert job_of(database) == made
    assert database.waiting_jobs("DEVICE-2", "dev") == ()
    assert database.devices()[0].job == made


def test_a_job_of_an_account_given_by_hand_is_for_one_device(database: Database) -> None:
    made = database.queue_job(DUMMY, "unenroll", NOW)
    assert job_of(database, "dummy", "other") == made
    assert database.waiting_jobs("dummy", "third") == ()


def test_what_became_of_a_job_is_kept_with_the_message(database: Database) -> None:
    database.enroll(account(1), certificate(1))
    made = database.queue_job(account(1), "unenroll", NOW)
    sent = replace(made, state=QueueState.SENT, attempts=1, sent=NOW + timedelta(hours=1))
    database.save_message(SESSION, account=account(1, device_id="dev"), jobs=(sent,))
    assert job_of(database) == sent
    with pytest.raises(ConfigError, match="unenroll is sent for dev since 2026-11-23 13:00 UTC"):
        database.queue_job(account(1, device_id="dev"), "unenroll", NOW)
    done = replace(sent, state=QueueState.DONE)
    database.save_message(SESSION, jobs=(done,))
    assert database.waiting_jobs("DEVICE-1", "dev") == ()
    database.queue_job(account(1, device_id="dev"), "unenroll", NOW)


def test_a_job_that_was_cancelled_stays_cancelled(database: Database) -> None:
    database.enroll(account(1, hardware_id="h"), certificate(1))
    made = database.queue_job(account(1), "unenroll", NOW)
    database.enroll(account(2, hardware_id="h"), certificate(2))
    database.save_message(SESSION, jobs=(replace(made, state=QueueState.SENT),))
    (job,) = [d.job for d in database.devices() if d.account.name == "DEVICE-1"]
    assert job is not None
    assert (job.state, job.outcome) == (QueueState.CANCELLED, "enrolled anew")


def test_nothing_is_queued_twice_or_for_who_left(database: Database) -> None:
    database.queue_job(account(1), "unenroll", NOW)
    with pytest.raises(ConfigError, match="unenroll is queued for DEVICE-1 since"):
        database.queue_job(account(1), "unenroll", NOW)
    with pytest.raises(ConfigError, match="DEVICE-2 is not enrolled any more"):
        database.queue_job(account(2, status=AccountStatus.UNENROLLED), "unenroll", NOW)


def test_what_a_device_reported_is_told_with_its_form(database: Database) -> None:
    values = (
        InventoryValue(uri="./B", value="1", format="int", type="text/plain", read=NOW),
        InventoryValue(uri="./A", value="x"),
    )
    database.save_message(SESSION, inventory=values)
    assert database.inventory_values("dev") == (values[1], values[0])
    assert database.inventory_values("other") == ()


def test_sessions_and_statuses_are_told_the_newest_first(database: Database) -> None:
    statuses = [
        CommandStatus(
            device_id="dev", session_id="1A", uri=f"./{number}", command="Get", code="200", at=NOW
        )
        for number in range(3)
    ]
    for number, status in enumerate(statuses):
        session = replace(
            SESSION,
            session_id=str(number),
            started=NOW + timedelta(hours=number),
            updated=NOW + timedelta(hours=number),
        )
        database.save_message(session, statuses=(status,))
    assert [one.session_id for one in database.sessions("dev", 2)] == ["2", "1"]
    assert database.command_statuses("dev", 2) == (statuses[2], statuses[1])
    assert (database.sessions("x", 2), database.command_statuses("x", 2)) == ((), ())


def test_the_server_that_uses_a_state_is_remembered(database: Database) -> None:
    assert database.server_facts() is None
    database.keep_server_facts(ServerFacts(provider_id="One", hub_url="https://h.test/a.xap"))
    facts = ServerFacts(provider_id="Two", enterprise_id="77", product_id="{A}")
    database.keep_server_facts(facts)
    assert database.server_facts() == facts
