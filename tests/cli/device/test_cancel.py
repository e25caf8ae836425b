"""``device cancel``: by number, and a device that need not leave stays."""

from __future__ import annotations

from dataclasses import replace

from mdmcore.records import AccountStatus, QueueState, SessionState
from mdmcore.store import Database
from tests.cli.device.support import DEVICE, Cli, enroll, waiting
from tests.store.samples import NOW, account


def test_jobs_are_taken_back_by_number(store: Database, cli: Cli) -> None:
    enroll(store)
    for name in ("a", "b", "c"):
        store.queue_job(account(1, device_id=DEVICE), name, NOW)
    assert cli.out("cancel", "1", "3") == "job 1 (a) is cancelled\njob 3 (c) is cancelled\n"
    assert [job.recipe for job in waiting(store)] == ["b"]
    assert "job 1 (a) is cancelled already" in cli.error("cancel", "1")
    assert "no job 99" in cli.error("cancel", "99")
    assert "'x' is not a valid int" in cli.error("cancel", "x")


def test_a_device_that_was_told_to_leave_counts_as_enrolled(store: Database, cli: Cli) -> None:
    enroll(store)
    job = store.queue_job(account(1, device_id=DEVICE), "unenroll", NOW)
    leaving = account(1, device_id=DEVICE, status=AccountStatus.UNENROLLING, unenrolling_since=NOW)
    store.save_message(
        SessionState(device_id=DEVICE, session_id="2", updated=NOW),
        account=leaving,
        jobs=(replace(job, state=QueueState.SENT),),
    )
    assert cli.json("list")["devices"][0]["status"] == "unenrolling"
    cli.out("cancel", str(job.id))
    assert cli.json("list")["devices"][0]["status"] == "enrolled"


def test_another_job_changes_nothing_in_that(store: Database, cli: Cli) -> None:
    enroll(store)
    job = store.queue_job(account(1, device_id=DEVICE), "lock", NOW)
    leaving = account(1, device_id=DEVICE, status=AccountStatus.UNENROLLING, unenrolling_since=NOW)
    store.save_message(SessionState(device_id=DEVICE, session_id="2", updated=NOW), account=leaving)
    cli.out("cancel", str(job.id))
    assert cli.json("list")["devices"][0]["status"] == "unenrolling"
