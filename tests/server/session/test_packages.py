"""Jobs on their way: one package after another, in messages that the device can take."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from mdmcore.records import QueueState
from mdmcore.server.inventory import INVENTORY_NODES
from mdmcore.server.session.limits import LARGEST_MESSAGE
from tests.server.dm_device import NS, send, statuses
from tests.server.session.conftest import Bench, atomic, get, header_ok, item, replace
from tests.support import messages as m
from tests.support.dm_talker import NEXT, names, work

A, B = "./Vendor/MSFT/A/One", "./Vendor/MSFT/A/Two"
GETS = [f"Get {uri}" for uri in INVENTORY_NODES]


def test_jobs_go_out_one_after_another_then_the_inventory(bench: Bench) -> None:
    first = bench.queue(replace(A, "1") + get(A))
    second = bench.queue(atomic(replace(A, "2"), replace(B, "3")))
    got = bench.talker(values={A: "1"}).session(bench.post)
    assert [names(answer) for answer in got] == [
        [f"Replace {A}", f"Get {A}", "Final"],
        ["Atomic", "Final"],
        [*GETS, "Final"],
        ["Final"],
    ]
    assert set(bench.states().values()) == {QueueState.DONE}
    assert bench.results(first) == [("Replace", A, "200", None), ("Get", A, "200", "1")]
    assert bench.results(second) == [
        ("Atomic", "", "200", None),
        ("Replace", A, "200", None),
        ("Replace", B, "200", None),
    ]
    job = bench.job(first)
    assert (job.attempts, job.session_id, job.sent) == (1, "1A", bench.clock())


def test_each_command_has_an_id_of_its_own_in_the_message(bench: Bench) -> None:
    bench.queue(atomic(replace(A, "2"), f"<Sequence>{get(A)}</Sequence>") + get(B))
    answer = ET.fromstring(bench.post(bench.talker().open()))
    ids = [each.text for each in answer.iterfind(".//s:SyncBody//s:CmdID", NS)]
    assert ids == [str(number) for number in range(1, len(ids) + 1)]


def test_a_job_fails_by_the_code_of_its_command(bench: Bench) -> None:
    number = bench.queue(replace(A, "1"))
    bench.talker(codes={A: "404"}).session(bench.post)
    job = bench.job(number)
    assert job.state is QueueState.FAILED
    assert f"Replace {A}" in job.outcome
    assert "404" in job.outcome


def test_no_new_commands_before_all_have_a_status(bench: Bench) -> None:
    number = bench.queue(replace(A, "1") + replace(B, "1"))
    talker = bench.talker()
    first = ET.fromstring(bench.post(talker.open()))
    (one, other) = (each.findtext("s:CmdID", "", NS) for each in work(first))
    some = header_ok("2") + m.status("2", "2", one, "Replace", "200")
    asked = ET.fromstring(bench.post(talker.message(some, is_final=False)))
    assert names(asked) == ["Alert 1222"]
    rest = m.status("2", "2", other, "Replace", "200")
    after = ET.fromstring(bench.post(talker.message(header_ok("3") + rest)))
    assert names(after) == [*GETS, "Final"]
    assert bench.job(number).state is QueueState.DONE


def test_a_package_closed_without_all_statuses_ends_the_session(bench: Bench) -> None:
    number = bench.queue(replace(A, "1") + replace(B, "1"))
    bench.queue(get(A))
    talker = bench.talker()
    first = ET.fromstring(bench.post(talker.open()))
    one = work(first)[0].findtext("s:CmdID", "", NS)
    some = header_ok("2") + m.status("2", "2", one, "Replace", "200")
    assert names(ET.fromstring(bench.post(talker.message(some)))) == ["Final"]
    job = bench.job(number)
    assert (job.state, job.outcome) == (QueueState.QUEUED, "no answer")
    assert bench.results(number) == [("Replace", A, "200", None)]


@pytest.mark.parametrize("limit", [1500, 2000, 2600, 4000, 9000])
def test_no_message_is_larger_than_the_device_takes(bench: Bench, limit: int) -> None:
    """The talker measures each answer; order and content stay."""
    uris = [f"./Vendor/MSFT/A/Node{number}" for number in range(40)]
    number = bench.queue("".join(replace(uri, "x" * 60) for uri in uris) + get(*uris[:1]))
    talker = bench.talker(max_message=limit)
    got = talker.session(bench.post)
    assert [line for line in talker.executed if line.startswith("Replace")] == [
        f"Replace {uri}" for uri in uris
    ]
    assert bench.job(number).state is QueueState.DONE
    assert len(bench.results(number)) == 41
    finals = [answer.find(".//s:Final", NS) is not None for answer in got]
    assert finals[-1]
    assert finals.count(False) >= (limit < 9000)
    assert all("Alert 1222" not in names(answer) for answer in got)


def test_an_atomic_is_never_split(bench: Bench) -> None:
    small = replace("./Vendor/MSFT/A/Before", "x" * 900)
    whole = atomic(*(replace(f"./Vendor/MSFT/A/N{number}", "y" * 100) for number in range(4)))
    bench.queue(small + whole + get(A))
    got = bench.talker(max_message=2400).session(bench.post)
    parts = [names(answer) for answer in got[:3]]
    assert parts[0] == ["Replace ./Vendor/MSFT/A/Before"]
    assert parts[1] == ["Atomic", f"Get {A}", "Final"]


def test_statuses_without_room_come_later_and_before_commands(bench: Bench) -> None:
    bench.queue(get(A))
    more = "".join(f"<Alert><CmdID>{n}</CmdID><Data>1100</Data></Alert>" for n in range(10, 40))
    talker = bench.talker(max_message=1700)
    answered: list[tuple[str, str, str, str]] = []
    answer = ET.fromstring(bench.post(talker.open(more)))
    while not work(answer):
        answered += statuses(answer)[1:]
        assert answer.find(".//s:Final", NS) is None
        body = header_ok(answer.findtext("s:SyncHdr/s:MsgID", "", NS)) + NEXT
        data = bench.post(talker.message(body, is_final=False))
        assert len(data) <= 1700
        answer = ET.fromstring(data)
    answered += statuses(answer)[1:]
    expected = [("1", "2", "Alert", "200"), ("1", "3", "Replace", "200")]
    expected += [("1", str(number), "Alert", "406") for number in range(10, 40)]
    assert [each for each in answered if each[1] != "9999"] == expected
    assert names(answer) == [f"Get {A}", "Final"]


@pytest.mark.parametrize("limit", ["0", "-5", "x", "99999999999999999999", "1.5", ""])
def test_a_limit_that_is_none_is_no_limit(bench: Bench, limit: str) -> None:
    meta = f'<Meta><MaxMsgSize xmlns="syncml:metinf">{limit}</MaxMsgSize></Meta>'
    message = m.syncml(m.PACKAGE_1, cred=bench.account.cred() + meta)
    assert names(send(bench.server, message)) == [*GETS, "Final"]


@pytest.mark.parametrize("limit", [1, 100, 600])
def test_too_small_a_limit_still_gets_an_answer(bench: Bench, limit: int) -> None:
    number = bench.queue(get(A))
    meta = f'<Meta><MaxMsgSize xmlns="syncml:metinf">{limit}</MaxMsgSize></Meta>'
    message = m.syncml(m.PACKAGE_1, cred=bench.account.cred() + meta)
    assert statuses(send(bench.server, message))[0][3] == "212"
    assert bench.job(number).state is not QueueState.SENT


# --- large objects --------------------------------------------------------------------------------

LARGE = "ab&lt;&amp;\u00e4\u20ac" * 700
VALUE = "ab<&\u00e4\u20ac" * 700


def test_an_object_goes_in_chunks_each_waited_for(desktop: Bench) -> None:
    number = desktop.queue(replace(A, LARGE) + get(B))
    talker = desktop.talker(max_message=3000)
    got = talker.session(desktop.post)
    assert talker.written[A] == VALUE
    chunked = [answer for answer in got if f"Replace {A}" in names(answer)]
    assert len(chunked) > 3
    for answer in chunked[:-1]:
        assert names(answer) == [f"Replace {A}"]
        assert answer.find(".//s:MoreData", NS) is not None
        assert answer.find(".//s:Final", NS) is None
    size = chunked[0].findtext(".//m:Size", "", NS)
    assert size == str(len(VALUE.encode()))
    assert all(answer.find(".//m:Size", NS) is None for answer in chunked[1:])
    assert desktop.results(number) == [
        ("Replace", A, "200", None),
        ("Get", B, "200", f"value of {B}"),
    ]
    assert desktop.job(number).state is QueueState.DONE


def test_no_chunk_before_the_last_one_is_answered(desktop: Bench) -> None:
    desktop.queue(replace(A, LARGE))
    talker = desktop.talker(max_message=3000)
    desktop.post(talker.open())
    answer = ET.fromstring(desktop.post(talker.message(header_ok("1") + NEXT, is_final=False)))
    assert names(answer) == ["Alert 1222"]


def test_a_refused_chunk_ends_the_object_not_the_job(desktop: Bench) -> None:
    number = desktop.queue(replace(A, LARGE) + get(B))
    talker = desktop.talker(max_message=3000, codes={"chunk": "413"})
    talker.session(desktop.post)
    assert desktop.results(number)[0] == ("Replace", A, "413", None)
    assert desktop.results(number)[1][2] == "200"
    assert desktop.job(number).state is QueueState.FAILED
    assert talker.executed.count(f"Replace {A}") == 1


def test_a_phone_gets_no_chunks_and_the_job_says_why(bench: Bench) -> None:
    number = bench.queue(get(B) + replace(A, LARGE))
    later = bench.queue(get(B))
    talker = bench.talker(max_message=3000)
    talker.session(bench.post)
    assert f"Replace {A}" not in talker.executed
    job = bench.job(number)
    assert (job.state, job.attempts, job.ended) == (QueueState.FAILED, 0, bench.clock())
    assert f"Replace {A} takes" in job.outcome
    assert "takes no large objects" in job.outcome
    assert bench.results(number) == []
    assert bench.job(later).state is QueueState.DONE


def test_a_phone_that_says_it_takes_large_objects_gets_them(bench: Bench) -> None:
    talker = bench.talker(max_message=3000, values={"./DevDetail/LrgObj": "true"})
    talker.session(bench.post)
    bench.queue(replace(A, LARGE))
    talker.session_id = "1B"
    talker.session(bench.post)
    assert talker.written[A] == VALUE


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        (atomic(replace(A, "y" * 4000)), "Atomic takes"),
        (f"<Replace>{item(A, 'y' * 4000)}{item(B, 'z')}</Replace>", f"Replace {A} takes"),
    ],
)
def test_what_cannot_be_divided_fails_at_once(desktop: Bench, commands: str, words: str) -> None:
    number = desktop.queue(commands)
    desktop.talker(max_message=3000).session(desktop.post)
    assert desktop.job(number).state is QueueState.FAILED
    assert words in desktop.job(number).outcome


def test_no_object_is_larger_than_the_device_takes(desktop: Bench) -> None:
    too_large = desktop.queue(atomic(replace(A, "y" * 101)))
    right = desktop.queue(replace(A, "y" * 100))
    desktop.talker(max_object=100).session(desktop.post)
    assert desktop.job(too_large).outcome == (
        f"Replace {A}: 101 bytes of data, the device's MaxObjSize is 100"
    )
    assert desktop.job(right).state is QueueState.DONE


@pytest.mark.parametrize("takes_large_objects", [True, False])
def test_a_job_too_large_for_any_message_does_not_block_the_queue(
    bench: Bench, desktop: Bench, takes_large_objects: bool
) -> None:
    """The device names no limit of its own."""
    chosen = desktop if takes_large_objects else bench
    number = chosen.queue(replace(A, "x" * (LARGEST_MESSAGE + 1)))
    later = chosen.queue(get(B))
    talker = chosen.talker()
    got = talker.session(chosen.post)
    assert chosen.job(later).state is QueueState.DONE
    state = QueueState.DONE if takes_large_objects else QueueState.FAILED
    assert chosen.job(number).state is state
    assert (len(talker.written.get(A, "")) > LARGEST_MESSAGE) is takes_large_objects
    assert len(got) == 3 + 2 * takes_large_objects


def test_a_cancelled_job_is_not_sent_to_its_end(bench: Bench) -> None:
    uris = [f"./Vendor/MSFT/A/Node{number}" for number in range(40)]
    number = bench.queue("".join(replace(uri, "x" * 60) for uri in uris))
    talker = bench.talker(max_message=2600)
    first = ET.fromstring(bench.post(talker.open()))
    bench.store.cancel_job(number, bench.clock())
    after = ET.fromstring(bench.post(talker.reply(first)))
    assert names(after)[0] == GETS[0]


# --- who is logged on -----------------------------------------------------------------------------


def login(status: str) -> str:
    return (
        "<Alert><CmdID>4</CmdID><Data>1224</Data><Item><Meta>"
        '<Type xmlns="syncml:metinf">com.microsoft/MDM/LoginStatus</Type></Meta>'
        f"<Data>{status}</Data></Item></Alert>"
    )


@pytest.mark.parametrize(
    ("status", "is_sent"), [("user", True), ("none", False), ("others", False)]
)
def test_nodes_of_the_user_wait_for_one(desktop: Bench, status: str, is_sent: bool) -> None:
    uri = "./User/Vendor/MSFT/Policy/Config/A/B"
    waiting = desktop.queue(atomic(replace(uri, "1")))
    other = desktop.queue(get(A))
    desktop.talker().session(desktop.post, login(status))
    assert desktop.job(waiting).state is (QueueState.DONE if is_sent else QueueState.QUEUED)
    assert desktop.job(other).state is QueueState.DONE
