"""``device history``: jobs with what came back for them, and the sessions."""

from __future__ import annotations

from dataclasses import replace

from mdmcore.records import CommandStatus, SessionState
from mdmcore.store import Database
from tests.cli.device.support import DEVICE, Cli, answer, enroll, result
from tests.store.samples import NOW, account, certificate


def two_jobs(store: Database) -> None:
    enroll(store)
    device = account(1, device_id=DEVICE)
    first = store.queue_job(device, "send", NOW, values=(("pin", "***"),))
    answer(
        store,
        first,
        result(first.id, 0, "Get", "./DevDetail/LrgObj", value="true", format="bool"),
        result(first.id, 1, "Get", "./X", value="\x07 evil", type="text/plain"),
    )
    second = store.queue_job(device, "lock", NOW)
    bad = result(second.id, 0, "Exec", "./L", code="405", original_error="0x8007")
    answer(store, second, bad, outcome="Exec ./L: 405 command not allowed")
    store.save_message(
        replace(SessionState(device_id=DEVICE, session_id="3"), updated=NOW, started=NOW),
        statuses=[
            CommandStatus(
                device_id=DEVICE, session_id="3", uri="./L", command="Exec", code="405", at=NOW
            )
        ],
    )


def test_json_tells_jobs_the_newest_first_with_their_results(store: Database, cli: Cli) -> None:
    two_jobs(store)
    found = cli.json("history", "DEVICE-1")
    second, first = found["jobs"]
    assert (second["recipe"], second["state"]) == ("lock", "failed")
    assert second["outcome"] == "Exec ./L: 405 command not allowed"
    (bad,) = second["results"]
    assert (bad["code"], bad["meaning"]) == ("405", "Command not allowed")
    assert bad["original_error"] == "0x8007"
    assert (first["state"], first["outcome"], first["values"]) == ("done", None, {"pin": "***"})
    assert first["ended"] == NOW.isoformat()
    good = first["results"][0]
    assert (good["value"], good["format"], good["position"]) == (True, "bool", 0)
    assert {one["session_id"] for one in found["sessions"]} == {"1A", "2", "3"}
    (status,) = found["statuses"]
    assert (status["code"], status["meaning"]) == ("405", "Command not allowed")


def test_text_has_one_line_for_each_answer(store: Database, cli: Cli) -> None:
    two_jobs(store)
    out = cli.out("history", DEVICE)
    assert out.startswith(
        "2  2026-11-23 12:00 UTC  lock failed, sent 1 time: Exec ./L: 405 command not allowed\n"
        "  Exec ./L: 405 Command not allowed, 0x8007\n"
        "1  2026-11-23 12:00 UTC  send done, sent 1 time\n"
        "  with pin=***\n"
        "  Get ./DevDetail/LrgObj: 200 OK = true\n"
        "  Get ./X: 200 OK = \\x07 evil\n"
        "sessions: 3\n"
    )


def test_a_limit_and_nothing_at_all(store: Database, cli: Cli) -> None:
    two_jobs(store)
    found = cli.json("history", DEVICE, "--limit", "1")
    assert [job["id"] for job in found["jobs"]] == [2]
    assert len(found["sessions"]) == 1
    assert "--limit" in cli.error("history", DEVICE, "--limit", "0")


def test_a_device_without_a_past(store: Database, cli: Cli) -> None:
    store.enroll(account(1), certificate(1))
    assert cli.out("history", "DEVICE-1") == "no job was ever queued\nsessions: none kept\n"
