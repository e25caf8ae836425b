"""How sessions begin and end: versions, odd ids, time-outs, neighbours, aborts, bad input."""

from __future__ import annotations

from time import perf_counter
from xml.etree import ElementTree as ET

import pytest

from mdmcore.records import QueueState
from mdmcore.server.management import ManagementService
from mdmcore.server.session import turn
from mdmcore.server.session.limits import SILENCE
from mdmcore.server.settings import DM_PATH, ServerSettings
from tests.server.dm_device import NS, statuses
from tests.server.session.conftest import Bench, get, header_ok, replace
from tests.support import messages as m
from tests.support.dm_talker import NEXT, names, work
from tests.support.server import counted_random, post_syncml
from tests.support.state import state_rows

NS_11 = {"s": "SYNCML:SYNCML1.1"}
A = "./Vendor/MSFT/A"


# --- versions -------------------------------------------------------------------------------------


def in_version(body: bytes, *, root: str = "1.1", dtd: str = "1.1", proto: str = "DM/1.1") -> bytes:
    text = body.decode().replace("SYNCML:SYNCML1.2", f"SYNCML:SYNCML{root}")
    text = text.replace("<VerDTD>1.2<", f"<VerDTD>{dtd}<")
    return text.replace("<VerProto>DM/1.2<", f"<VerProto>{proto}<").encode()


def test_dm_1_1_is_answered_in_1_1(bench: Bench) -> None:
    bench.queue(get(A))
    answer = ET.fromstring(bench.post(in_version(bench.talker().open())))
    assert answer.tag == "{SYNCML:SYNCML1.1}SyncML"
    assert answer.findtext("s:SyncHdr/s:VerDTD", "", NS_11) == "1.1"
    assert answer.findtext("s:SyncHdr/s:VerProto", "", NS_11) == "DM/1.1"
    codes = [each.text for each in answer.iterfind(".//s:Status/s:Data", NS_11)]
    assert codes == ["212", "200", "200"]
    assert answer.findtext(".//s:Get//s:LocURI", "", NS_11) == A


@pytest.mark.parametrize(
    ("version", "code", "answered"),
    [
        ({"root": "1.2", "dtd": "1.3", "proto": "DM/1.3"}, "505", "1.2"),
        ({"root": "1.2", "dtd": "1.1", "proto": "DM/1.1"}, "505", "1.2"),
        ({"root": "1.1", "dtd": "1.2", "proto": "DM/1.2"}, "505", "1.1"),
        ({"root": "1.2", "dtd": "1.2", "proto": "DM/1.3"}, "513", "1.2"),
        ({"root": "1.1", "dtd": "1.1", "proto": "SyncML/1.1"}, "513", "1.1"),
    ],
)
def test_another_version_is_refused_in_one_of_ours(
    bench: Bench, version: dict[str, str], code: str, answered: str
) -> None:
    number = bench.queue(get(A))
    data = bench.post(in_version(bench.talker().open(), **version))
    answer = ET.fromstring(data.replace(b"SYNCML1.1", b"SYNCML1.2"))
    assert f"SYNCML:SYNCML{answered}".encode() in data
    assert [each for *_, each in statuses(answer)] == [code] * 3
    assert answer.findtext("s:SyncHdr/s:VerDTD", "", NS) == answered
    assert names(answer) == ["Final"]
    assert bench.job(number).state is QueueState.QUEUED
    # Falling back within the session, as BACKCOMPATRETRYDISABLED tells devices not to.
    again = in_version(bench.talker().open())
    assert b"<Data>212</Data>" in bench.post(again)


# --- ids ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ids", [("a", "b", "c"), ("0", "1", "2"), ("7", "3", "7"), ("9" * 30,) * 3]
)
def test_odd_message_ids_are_text(bench: Bench, ids: tuple[str, str, str]) -> None:
    number = bench.queue(get(A))
    talker = bench.talker()

    def renamed(message: bytes, own: str) -> bytes:
        return message.replace(f"<MsgID>{talker.msg_id}<".encode(), f"<MsgID>{own}<".encode())

    server_ids = []
    message = renamed(talker.open(), ids[0])
    for own in ids[1:]:
        answer = ET.fromstring(bench.post(message))
        server_ids.append(int(answer.findtext("s:SyncHdr/s:MsgID", "", NS)))
        message = renamed(talker.reply(answer), own)
    answer = ET.fromstring(bench.post(message))
    assert statuses(answer)[0][0] == ids[-1]
    assert names(answer) == ["Final"]
    assert bench.job(number).state is QueueState.DONE
    assert server_ids == sorted(set(server_ids))


def test_a_message_id_that_comes_again_with_other_bytes(bench: Bench) -> None:
    number = bench.queue(get(A))
    talker = bench.talker()
    first = ET.fromstring(bench.post(talker.open()))
    again = talker.copy()
    bench.post(talker.reply(first))
    again.values[A] = "another"
    answer = ET.fromstring(bench.post(again.reply(first)))
    assert statuses(answer)[0][3] == "200"
    assert bench.results(number) == [("Get", A, "200", f"value of {A}")]
    assert bench.job(number).state is QueueState.DONE


# --- the end --------------------------------------------------------------------------------------


def test_an_abort_puts_the_job_back(bench: Bench) -> None:
    number = bench.queue(get(A) + replace(A, "1"))
    talker = bench.talker()
    first = ET.fromstring(bench.post(talker.open()))
    cmd_id = work(first)[0].findtext("s:CmdID", "", NS)
    body = header_ok("2") + m.status("2", "2", cmd_id, "Get", "200")
    body += "<Alert><CmdID>3</CmdID><Data>1223</Data></Alert>"
    answer = ET.fromstring(bench.post(talker.message(body)))
    assert statuses(answer)[1:] == [("2", "3", "Alert", "200")]
    assert names(answer) == ["Final"]
    assert bench.job(number).state is QueueState.QUEUED
    assert bench.results(number)[0][2] == "200"
    late = ET.fromstring(bench.post(talker.message(header_ok("3"))))
    assert names(late) == ["Final"]


def test_a_phone_has_one_session(bench: Bench) -> None:
    number = bench.queue(get(A))
    bench.post(bench.talker().open())
    other = ET.fromstring(bench.post(bench.talker(session_id="1B").open()))
    assert names(other) == [f"Get {A}", "Final"]
    job = bench.job(number)
    assert (job.session_id, job.attempts) == ("1B", 2)
    old = bench.store.session(m.DEVICE_ID, "1A")
    assert old is not None
    assert old.is_closed


def test_a_pc_has_two_sessions_and_each_its_jobs(desktop: Bench) -> None:
    first, second = desktop.queue(get(A)), desktop.queue(get(f"{A}/2"))
    one, other = desktop.talker(), desktop.talker(session_id="1B")
    answer_one = ET.fromstring(desktop.post(one.open()))
    answer_other = ET.fromstring(desktop.post(other.open()))
    assert (names(answer_one)[0], names(answer_other)[0]) == (f"Get {A}", f"Get {A}/2")
    desktop.post(one.reply(answer_one))
    desktop.post(other.reply(answer_other))
    assert [desktop.job(each).state for each in (first, second)] == [QueueState.DONE] * 2
    assert [desktop.job(each).session_id for each in (first, second)] == ["1A", "1B"]


def test_a_third_session_of_a_pc_ends_the_oldest(desktop: Bench) -> None:
    number = desktop.queue(get(A))
    for each in ("1A", "1B", "1C"):
        desktop.clock.advance(seconds=1)
        desktop.post(desktop.talker(session_id=each).open())
    old = desktop.store.session(m.DEVICE_ID, "1A")
    assert old is not None
    assert old.is_closed
    assert desktop.job(number).session_id == "1C"


def test_what_is_silent_is_dead(desktop: Bench) -> None:
    number = desktop.queue(get(A))
    talker = desktop.talker()
    answer = ET.fromstring(desktop.post(talker.open()))
    desktop.clock.now += SILENCE * 2
    late = ET.fromstring(desktop.post(talker.reply(answer)))
    assert statuses(late)[0][3] == "407"
    assert desktop.job(number).state is QueueState.SENT
    again = ET.fromstring(desktop.post(desktop.talker(session_id="1B").open()))
    assert names(again) == [f"Get {A}", "Final"]
    assert desktop.job(number).attempts == 2


def test_after_three_sessions_without_an_answer_a_job_is_given_up(bench: Bench) -> None:
    number = bench.queue(get(A))
    for each in range(4):
        bench.post(bench.talker(session_id=f"S{each}").open())
    job = bench.job(number)
    assert (job.state, job.attempts, job.outcome) == (QueueState.FAILED, 3, "no answer")


def test_a_session_without_end_is_broken_off(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "MAX_UNFINISHED", 3)
    talker = bench.talker()
    bench.post(talker.open(is_final=False))
    for _ in range(2):
        answer = ET.fromstring(bench.post(talker.message(NEXT, is_final=False)))
        assert names(answer) == ["Alert 1222"]
    answer = ET.fromstring(bench.post(talker.message(NEXT, is_final=False)))
    assert names(answer) == ["Alert 1223", "Final"]


def test_running_work_is_read_once_in_a_session(desktop: Bench) -> None:
    base = "./Vendor/MSFT/EnterpriseAppManagement/1/EnterpriseApps/Download/%7BA%7D"
    number = desktop.queue(
        f"<Exec><Item><Target><LocURI>{base}/DownloadInstall</LocURI></Target></Item></Exec>"
    )
    talker = desktop.talker(values={f"{base}/Status": "2"})
    talker.session(desktop.post)
    assert desktop.job(number).state is QueueState.RUNNING
    assert f"Get {base}/Status" not in talker.executed
    talker.session_id = "1B"
    talker.session(desktop.post)
    assert talker.executed.count(f"Get {base}/Status") == 1
    assert desktop.job(number).state is QueueState.RUNNING
    talker.values[f"{base}/Status"] = "5"
    talker.session_id = "1C"
    talker.session(desktop.post)
    assert desktop.job(number).state is QueueState.DONE
    assert [row[:2] for row in desktop.results(number)][:2] == [
        ("Exec", f"{base}/DownloadInstall"),
        ("Get", f"{base}/Status"),
    ]


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        b"<SyncBody><Sequence>" + b"<Sequence><CmdID>1</CmdID>" * 9 + b"</Sequence>" * 10,
        b"<SyncBody><unclosed>",
        b"<SyncBody>&undeclared;",
        b"<SyncBody><Status><CmdID>1</CmdID></Status>",
        b"<SyncBody><Alert><CmdID>1</CmdID><CmdID>2</CmdID></Alert>",
    ],
)
def test_a_bad_message_leaves_session_and_queue_as_they_were(bench: Bench, bad: bytes) -> None:
    number = bench.queue(get(A))
    talker = bench.talker()
    first = ET.fromstring(bench.post(talker.open()))
    before = state_rows(bench.folder)
    good = talker.reply(first)
    broken = good.replace(b"<SyncBody>", bad, 1)
    answer = post_syncml(bench.server, DM_PATH, broken)
    assert answer.status in {200, 400}
    if answer.status == 200:
        assert [each[3] for each in statuses(ET.fromstring(answer.body or b""))] == ["400"]
    after = state_rows(bench.folder)
    for rows in (before, after):
        for row in rows["sessions"]:
            del row["server_msg_id"]
    assert after == before
    bench.post(good)
    assert bench.job(number).state is QueueState.DONE


def test_references_to_nothing_are_left_out(bench: Bench) -> None:
    number = bench.queue(get(A))
    talker = bench.talker()
    first = ET.fromstring(bench.post(talker.open()))
    cmd_id = work(first)[0].findtext("s:CmdID", "", NS)
    strays = [("9", cmd_id), ("2", "77"), ("1", cmd_id), ("x", "y"), ("-1", "0")]
    body = header_ok("2") + "".join(
        m.status(str(n), message, command, "Get", "200")
        for n, (message, command) in enumerate(strays, start=2)
    )
    answer = ET.fromstring(bench.post(talker.message(body)))
    assert names(answer) == ["Final"]
    assert bench.results(number) == []
    assert bench.job(number).state is QueueState.QUEUED


def test_many_commands_are_answered_in_linear_time(bench: Bench) -> None:
    """20 times the commands may cost 20 times as much, and not 400 times."""

    def spent(count: int, session: str) -> float:
        uris = [f"{A}/{number}" for number in range(count)]
        bench.queue("".join(map(get, uris)))
        talker = bench.talker(session_id=session, max_message=10_000_000)
        message = talker.open("".join(f"<Alert><CmdID>{n}</CmdID></Alert>" for n in range(count)))
        begin = perf_counter()
        answer = ET.fromstring(bench.post(message))
        reply = talker.reply(answer)
        bench.post(reply)
        return perf_counter() - begin

    few, many = spent(100, "A"), spent(2000, "B")
    assert many < 80 * few + 1


# --- checkpoints ----------------------------------------------------------------------------------


def test_each_message_reaches_both_points(bench: Bench) -> None:
    reached: list[tuple[str, bool]] = []
    talker = bench.talker()

    def checkpoint(label: str) -> None:
        known = bench.store.session(m.DEVICE_ID, "1A")
        reached.append((label, known is not None and known.last_response != b""))

    service = ManagementService(
        ServerSettings(domains=("example.test",)),
        store=bench.store,
        clock=bench.clock,
        random=counted_random(),
        checkpoint=checkpoint,
    )
    bench.server._management = service
    message = talker.open()
    assert bench.post(message) == bench.post(message)
    assert reached == [
        ("received 1A/1", False),
        ("stored 1A/1", True),
        ("received 1A/1", True),
        ("stored 1A/1", True),
    ]
