"""Jobs from one state to the next, with commands as text and answers as a device gives them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mdmcore.records import JobResult, QueuedJob, QueueState, WatchedNode
from mdmcore.server.jobs import (
    LONGEST_RUN,
    MAX_ATTEMPTS,
    answered,
    commands_of,
    first_position,
    lost,
    sent,
    unenrolls,
)
from mdmcore.syncml.model import Command, Container, Item, Meta

NOW = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)
NS = "xmlns='SYNCML:SYNCML1.2'"
INSTALL = (
    f"<SyncBody {NS}><Atomic><CmdID>1</CmdID>"
    "<Replace><CmdID>2</CmdID><Item><Target><LocURI>./Vendor/MSFT/EnterpriseAppManagement/77/"
    "EnterpriseApps/Download/%7BA%7D/URL</LocURI></Target><Data>https://x.test/a.xap</Data></Item>"
    "</Replace>"
    "<Exec><CmdID>3</CmdID><Item><Target><LocURI>./Vendor/MSFT/EnterpriseAppManagement/77/"
    "EnterpriseApps/Download/%7BA%7D/DownloadInstall</LocURI></Target>"
    "<Meta><Format xmlns='syncml:metinf'>int</Format></Meta><Data>0</Data></Item></Exec>"
    "</Atomic></SyncBody>"
)
DOWNLOAD = "./Vendor/MSFT/EnterpriseAppManagement/77/EnterpriseApps/Download/%7BA%7D"
STATUS = WatchedNode(
    uri=f"{DOWNLOAD}/Status", done=("5",), failed=("6", "7"), error=f"{DOWNLOAD}/LastError"
)


def job(commands: str = "", **others: object) -> QueuedJob:
    values: dict[str, object] = {"id": 7, "account": "A", "device_id": "dev", "recipe": "send"}
    return QueuedJob(**(values | {"queued": NOW, "commands": commands} | others))  # type: ignore[arg-type]


def body(*commands: str) -> str:
    return f"<SyncBody {NS}>{''.join(commands)}</SyncBody>"


def command(name: str, uri: str, format: str = "", data: str = "") -> str:
    meta = f"<Meta><Format xmlns='syncml:metinf'>{format}</Format></Meta>" if format else ""
    value = f"<Data>{data}</Data>" if data else ""
    target = f"<Target><LocURI>{uri}</LocURI></Target>"
    return f"<{name}><Item>{target}{meta}{value}</Item></{name}>"


def result(position: int, name: str, code: str, uri: str = "./A", **others: object) -> JobResult:
    values: dict[str, object] = {"job": 7, "position": position, "command": name, "uri": uri}
    return JobResult(**(values | {"code": code, "at": NOW} | others))  # type: ignore[arg-type]


def end(commands: str, *results: JobResult, profile: str = "wp8") -> QueuedJob:
    return answered(job(commands, state=QueueState.SENT), results, now=NOW, profile=profile)


def running(**others: object) -> QueuedJob:
    values: dict[str, object] = {"state": QueueState.RUNNING, "sent": NOW, "watched": (STATUS,)}
    return job(INSTALL, **(values | others))


# --- going out ------------------------------------------------------------------------------


def test_commands_lose_their_ids() -> None:
    (atomic,) = commands_of(job(INSTALL), provider_id="P")
    assert isinstance(atomic, Container)
    assert [atomic.cmd_id, *(inner.cmd_id for inner in atomic.commands)] == ["", "", ""]
    assert [inner.name for inner in atomic.commands] == ["Replace", "Exec"]


def test_an_old_job_to_unenrol_is_the_exec() -> None:
    (found,) = commands_of(job(recipe="unenroll"), provider_id="Example MDM")
    item = Item(
        target="./Vendor/MSFT/DMClient/Unenroll", meta=Meta(format="chr"), data="Example MDM"
    )
    assert found == Command(name="Exec", cmd_id="", items=(item,))


@pytest.mark.parametrize("text", ["", "<SyncBody", "<SyncML xmlns='SYNCML:SYNCML1.2'/>"])
def test_what_cannot_be_read_fails_and_blocks_nothing(text: str) -> None:
    assert commands_of(job(text), provider_id="P") == ()
    ended = end(text)
    assert (ended.state, ended.ended) == (QueueState.FAILED, NOW)
    assert ended.outcome == "nothing that can be sent"


def test_a_running_job_reads_how_far_it_is_behind_its_own_commands() -> None:
    gets = commands_of(running(), provider_id="P")
    assert [get.items[0].target for get in gets if isinstance(get, Command)] == [
        f"{DOWNLOAD}/Status",
        f"{DOWNLOAD}/LastError",
    ]
    assert first_position(running()) == 3
    assert first_position(job(INSTALL)) == 0


def test_sending_counts_and_names_the_session() -> None:
    later = NOW + timedelta(hours=1)
    out = sent(job(INSTALL, attempts=1, outcome="no answer"), session_id="1A", now=later)
    assert (out.state, out.attempts, out.session_id) == (QueueState.SENT, 2, "1A")
    assert (out.sent, out.outcome) == (later, "")
    assert sent(running(), session_id="1B", now=later) == running()


@pytest.mark.parametrize(
    ("commands", "recipe", "leaves"),
    [
        ("", "unenroll", True),
        (command("Exec", "./Vendor/MSFT/DMClient/Unenroll"), "send", True),
        (command("Exec", "./Device/Vendor/MSFT/DMClient/Provider/My%20MDM/Unenroll"), "send", True),
        (
            f"<Atomic>{command('Exec', 'Vendor/MSFT/DMClient/Unenroll')}</Atomic>",
            "from-a-file",
            True,
        ),
        (command("Get", "./Vendor/MSFT/DMClient/Unenroll"), "send", False),
        (command("Exec", "./Vendor/MSFT/DMClient/Provider/P/Poll"), "send", False),
    ],
)
def test_an_exec_of_unenroll_is_known_wherever_it_stands(
    commands: str, recipe: str, leaves: bool
) -> None:
    assert unenrolls(job(body(commands), recipe=recipe)) is leaves


# --- answered -------------------------------------------------------------------------------


def test_a_job_with_good_statuses_is_done() -> None:
    ended = end(body(command("Get", "./DevInfo/Man")), result(0, "Get", "200", value="NOKIA"))
    assert (ended.state, ended.outcome, ended.ended) == (QueueState.DONE, "", NOW)


def test_202_without_a_node_to_read_is_the_last_word() -> None:
    ended = end(body(command("Exec", "./X")), result(0, "Exec", "202", "./X"))
    assert (ended.state, ended.outcome) == (
        QueueState.DONE,
        "accepted, the device goes on by itself",
    )


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("Replace", "404", "Replace ./X: 404 not found, use Add"),
        ("Add", "418", "Add ./X: 418 already exists, use Replace"),
        ("Get", "404", "Get ./X: 404 not found"),
        ("Exec", "405", "Exec ./X: 405 command not allowed"),
        ("Exec", "215", "Exec ./X: 215 not executed"),
        ("Alert", "214", "Alert ./X: 214 operation cancelled"),
        ("Exec", "599", "Exec ./X: 599"),
        ("Exec", "", "Exec ./X: no Status"),
        ("Exec", "20", "Exec ./X: 20"),
        ("Exec", "²⁰⁰", "Exec ./X: ²⁰⁰"),
    ],
)
def test_a_failure_says_what_which_and_why(name: str, code: str, words: str) -> None:
    ended = end(body(command("Get", "./X")), result(0, name, code, "./X"))
    assert (ended.state, ended.outcome, ended.ended) == (QueueState.FAILED, words, NOW)


def test_the_code_of_windows_is_told() -> None:
    bad = result(0, "Replace", "500", "./X", original_error="0x80070005")
    assert end(body(command("Replace", "./X")), bad).outcome == (
        "Replace ./X: 500 command failed, 0x80070005"
    )


def test_an_answer_to_a_question_is_no_failure() -> None:
    alert = "<Alert><Data>1101</Data></Alert>"
    assert end(body(alert), result(0, "Alert", "304", "")).state is QueueState.DONE


def test_the_cause_goes_before_the_atomic_that_fell_with_it() -> None:
    ended = end(
        INSTALL,
        result(0, "Atomic", "507", ""),
        result(1, "Replace", "404", f"{DOWNLOAD}/URL"),
        result(2, "Exec", "216", f"{DOWNLOAD}/DownloadInstall"),
    )
    assert ended.state is QueueState.FAILED
    assert ended.outcome == f"Replace {DOWNLOAD}/URL: 404 not found, use Add"


def test_further_failures_are_counted_and_results_of_others_stand() -> None:
    ended = end(
        body(command("Get", "./A"), command("Get", "./B"), command("Get", "./C")),
        result(0, "Get", "404", "./A"),
        result(1, "Get", "200", "./B", value="1"),
        result(2, "Get", "405", "./C"),
    )
    assert ended.outcome == "Get ./A: 404 not found (and 1 more)"
    assert ended.state is QueueState.FAILED


def test_a_node_that_is_not_there_does_not_spoil_what_a_recipe_reads() -> None:
    gets = body(command("Get", "./A"), command("Get", "./B"))
    missing = result(0, "Get", "404", "./A")

    def state(second: JobResult, *, commands: str = gets, recipe: str = "info") -> QueueState:
        sent = job(commands, state=QueueState.SENT, recipe=recipe)
        ended = answered(sent, (missing, second), now=NOW, profile="wp8")
        assert ended.outcome.startswith("Get ./A: 404 not found")
        return ended.state

    read = result(1, "Get", "200", "./B", value="1")
    assert state(read) is QueueState.DONE
    assert state(read, recipe="send") is QueueState.FAILED
    assert state(result(1, "Get", "404", "./B")) is QueueState.FAILED
    assert state(result(1, "Get", "500", "./B")) is QueueState.FAILED
    mixed = body(command("Get", "./A"), command("Exec", "./B"))
    assert state(result(1, "Exec", "200", "./B"), commands=mixed) is QueueState.FAILED


def test_a_parent_that_is_there_already_is_no_failure() -> None:
    add = body(command("Add", "./X", "node"), command("Replace", "./X/Y"))
    good = result(1, "Replace", "200", "./X/Y")
    assert end(add, result(0, "Add", "418", "./X"), good).state is QueueState.DONE
    leaf = body(command("Add", "./X", "int"), command("Replace", "./X/Y"))
    assert end(leaf, result(0, "Add", "418", "./X"), good).state is QueueState.FAILED


def test_items_of_one_answer_need_one_code() -> None:
    results = (
        result(0, "Get", "200", "./A/B", value="1"),
        result(0, "Get", "", "./A/C", item=1, value="2"),
    )
    listing = body(command("Get", "./A?list=StructData"))
    assert end(listing, *results).state is QueueState.DONE


@pytest.mark.parametrize("code", ["200", "202"])
def test_what_only_started_runs_on(code: str) -> None:
    started = end(
        INSTALL,
        result(0, "Atomic", "200", ""),
        result(1, "Replace", "200", f"{DOWNLOAD}/URL"),
        result(2, "Exec", code, f"{DOWNLOAD}/DownloadInstall"),
    )
    assert (started.state, started.watched) == (QueueState.RUNNING, (STATUS,))
    assert started.ended is None
    assert f"{DOWNLOAD}/Status" in started.outcome


# --- running --------------------------------------------------------------------------------


def poll(value: str | None, code: str = "200", error: str | None = None) -> tuple[JobResult, ...]:
    return (
        result(2, "Exec", "200", f"{DOWNLOAD}/DownloadInstall"),
        result(3, "Get", code, f"{DOWNLOAD}/Status", value=value),
        result(4, "Get", "200" if error else "404", f"{DOWNLOAD}/LastError", value=error),
    )


def test_an_unfinished_value_keeps_it_running() -> None:
    later = answered(running(), poll("2"), now=NOW + timedelta(days=1), profile="wp8")
    assert (later.state, later.outcome) == (QueueState.RUNNING, "Status 2 (downloading)")


def test_the_final_value_ends_it() -> None:
    ended = answered(running(), poll(" 5 "), now=NOW, profile="wp8")
    assert (ended.state, ended.outcome, ended.ended) == (
        QueueState.DONE,
        "Status 5 (installed)",
        NOW,
    )


def test_a_failed_value_ends_it_with_the_reason() -> None:
    ended = answered(running(), poll("7", error="-2147012889"), now=NOW, profile="wp8")
    assert ended.state is QueueState.FAILED
    assert ended.outcome == (
        "Status 7 (download failed), LastError -2147012889 (ERROR_INTERNET_NAME_NOT_RESOLVED)"
    )


def test_an_end_that_never_comes_is_bounded() -> None:
    just = answered(running(), poll("2"), now=NOW + LONGEST_RUN, profile="wp8")
    assert just.state is QueueState.RUNNING
    over = NOW + LONGEST_RUN + timedelta(seconds=1)
    ended = answered(running(), poll("2"), now=over, profile="wp8")
    assert (ended.state, ended.ended) == (QueueState.FAILED, over)
    assert ended.outcome == "no end seen within 7 days: Status 2 (downloading)"
    assert lost(running(), now=over).state is QueueState.FAILED


# --- lost -----------------------------------------------------------------------------------


def test_a_lost_job_goes_out_again_but_not_for_ever() -> None:
    one = job(INSTALL)
    for _ in range(MAX_ATTEMPTS - 1):
        one = lost(sent(one, session_id="1", now=NOW), now=NOW)
        assert (one.state, one.outcome) == (QueueState.QUEUED, "no answer")
    one = lost(sent(one, session_id="1", now=NOW), now=NOW)
    assert (one.state, one.outcome, one.ended) == (QueueState.FAILED, "no answer", NOW)


def test_a_running_job_is_read_again_and_one_that_waits_or_ended_stays() -> None:
    for one in (running(), job(INSTALL), replace(job(INSTALL), state=QueueState.DONE)):
        assert lost(one, now=NOW + timedelta(hours=1)) == one
