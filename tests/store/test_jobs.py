"""The queue of a device: what may wait, what is taken back, and what was answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mdmcore.errors import ConfigError
from mdmcore.records import (
    Account,
    AccountStatus,
    JobResult,
    PlannedJob,
    QueueState,
)
from mdmcore.store import Database
from mdmcore.store.jobs import MAX_WAITING
from tests.store.samples import NOW, SESSION, account, certificate

GET = "<SyncBody xmlns='SYNCML:SYNCML1.2'><Get/></SyncBody>"
OTHER = "<SyncBody xmlns='SYNCML:SYNCML1.2'><Exec/></SyncBody>"
LATER = NOW + timedelta(hours=1)


def bound(number: int = 1) -> Account:
    return account(number, device_id="dev")


def states(database: Database, of: Account) -> list[str]:
    return [job.state.value for job in database.jobs(of, 10)]


def test_different_jobs_wait_in_order_and_are_listed_the_newest_first(database: Database) -> None:
    one = database.queue_job(bound(), "send", NOW, commands=GET)
    two = database.queue_job(bound(), "send", NOW, commands=OTHER, values=(("pin", "***"),))
    assert database.waiting_jobs("DEVICE-1", "dev") == (one, two)
    assert database.jobs(bound(), 10) == (two, one)
    assert database.jobs(bound(), 1) == (two,)
    assert database.job(two.id) == two
    assert two.values == (("pin", "***"),)


def test_the_same_job_waits_once_unless_asked_again(database: Database) -> None:
    first = database.queue_job(bound(), "send", NOW, commands=GET)
    with pytest.raises(ConfigError, match=rf"send is queued for dev since .*\(job {first.id}\)"):
        database.queue_job(bound(), "send", NOW, commands=GET)
    database.queue_job(bound(), "send", NOW, commands=GET, again=True)
    database.queue_job(bound(), "other", NOW, commands=GET)
    database.queue_job(account(2, device_id="second"), "send", NOW, commands=GET)
    assert states(database, bound()) == ["queued"] * 3


def test_an_old_job_without_commands_is_the_same_by_its_recipe(database: Database) -> None:
    database.queue_job(bound(), "unenroll", NOW)
    with pytest.raises(ConfigError, match="unenroll is queued"):
        database.queue_job(bound(), "unenroll", NOW, commands=GET)


def test_all_of_a_scenario_is_queued_or_nothing(database: Database) -> None:
    twice = PlannedJob(recipe="poll", commands=GET)
    database.queue_jobs(bound(), (twice, twice), NOW)
    assert states(database, bound()) == ["queued"] * 2
    with pytest.raises(ConfigError, match="poll is queued"):
        database.queue_jobs(bound(), (PlannedJob(recipe="new", commands=GET), twice), NOW)
    assert states(database, bound()) == ["queued"] * 2


def test_a_queue_does_not_grow_for_ever(database: Database) -> None:
    database.queue_jobs(bound(), [PlannedJob(recipe="r", commands=GET)] * MAX_WAITING, NOW)
    with pytest.raises(ConfigError, match=f"{MAX_WAITING} jobs wait for dev, and no more than"):
        database.queue_job(bound(), "one", NOW, commands=GET)


def test_what_cannot_be_sent_to_a_device_is_kept_as_failed(database: Database) -> None:
    planned = PlannedJob(recipe="wifi", problem="not for wp8")
    (job,) = database.queue_jobs(bound(), (planned,), NOW)
    assert (job.state, job.outcome, job.ended) == (QueueState.FAILED, "not for wp8", NOW)
    assert database.waiting_jobs("DEVICE-1", "dev") == ()


def test_jobs_of_the_enrolment_wait_for_the_first_session(database: Database) -> None:
    planned = (PlannedJob(recipe="a", commands=GET), PlannedJob(recipe="b", problem="no"))
    assert database.enroll(account(1), certificate(1), jobs=planned)
    (job,) = database.waiting_jobs("DEVICE-1", "whatever it calls itself")
    assert (job.recipe, job.commands, job.queued) == ("a", GET, NOW)
    assert [job.recipe for job in database.jobs(account(1), 10)] == ["b", "a"]


def test_a_refused_enrolment_queues_nothing(database: Database) -> None:
    database.enroll(account(1), certificate(1))
    planned = (PlannedJob(recipe="a", commands=GET),)
    assert not database.enroll(account(2), certificate(2), device_cap=1, jobs=planned)
    assert database.jobs(account(2), 10) == ()


def test_a_job_is_taken_back_once(database: Database) -> None:
    made = database.queue_job(bound(), "send", NOW, commands=GET)
    cancelled = database.cancel_job(made.id, LATER)
    assert cancelled == replace(
        made, state=QueueState.CANCELLED, outcome="cancelled by hand", ended=LATER
    )
    assert database.job(made.id) == cancelled
    assert database.waiting_jobs("DEVICE-1", "dev") == ()
    with pytest.raises(ConfigError, match=rf"job {made.id} \(send\) is cancelled already"):
        database.cancel_job(made.id, LATER)
    # The session that had it in hand cannot bring it back.
    database.save_message(SESSION, jobs=(replace(made, state=QueueState.DONE),))
    assert database.job(made.id).state is QueueState.CANCELLED


def test_there_is_no_job_of_that_number(database: Database) -> None:
    for ask in (database.job, lambda id: database.cancel_job(id, NOW)):
        with pytest.raises(ConfigError, match="no job 99"):
            ask(99)


@pytest.mark.parametrize("before", [None, "dev"])
def test_a_device_that_need_not_leave_any_more_is_enrolled_again(
    database: Database, before: str | None
) -> None:
    database.enroll(account(1), certificate(1))
    made = database.queue_job(account(1, device_id=before), "unenroll", NOW)
    leaving = replace(bound(), status=AccountStatus.UNENROLLING, unenrolling_since=NOW)
    database.save_message(SESSION, account=leaving, jobs=(replace(made, state=QueueState.SENT),))
    database.cancel_job(made.id, LATER, stays=True)
    found = database.devices()[0].account
    assert (found.status, found.unenrolling_since) == (AccountStatus.ENROLLED, None)


def test_a_new_enrolment_ends_the_jobs_of_the_old_one(database: Database) -> None:
    database.enroll(account(1, hardware_id="h"), certificate(1))
    ended = database.queue_job(account(1), "send", NOW, commands=OTHER)
    database.save_message(SESSION, jobs=(replace(ended, state=QueueState.DONE),))
    made = database.queue_job(account(1), "send", NOW, commands=GET)
    database.enroll(account(2, hardware_id="h"), certificate(2, issued=LATER))
    old = database.job(made.id)
    # What was sent may have been a password.
    assert (old.commands, database.job(ended.id).commands) == ("", "")
    assert (old.state, old.outcome, old.ended) == (QueueState.CANCELLED, "enrolled anew", LATER)


def test_results_are_kept_in_the_order_of_the_commands(database: Database) -> None:
    made = database.queue_job(bound(), "send", NOW, commands=GET)

    def result(position: int, item: int, value: str | None) -> JobResult:
        return JobResult(
            job=made.id,
            position=position,
            item=item,
            command="Get",
            uri="./A",
            code="200",
            value=value,
            original_error="0x80070002",
            format="int",
            type="text/plain",
            at=NOW,
        )

    database.save_message(SESSION, results=(result(1, 0, "b"), result(0, 1, None)))
    database.save_message(SESSION, results=(result(0, 0, "a"), result(1, 0, "new")))
    assert database.job_results(made.id) == (
        result(0, 0, "a"),
        result(0, 1, None),
        result(1, 0, "new"),
    )
    assert database.job_results(made.id + 1) == ()
