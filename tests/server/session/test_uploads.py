"""Objects from a device in chunks: answered one by one, whole or not at all."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from mdmcore.records import QueueState
from mdmcore.server.session import uploads
from tests.server.dm_device import NS, statuses
from tests.server.session.conftest import Bench, get, header_ok, source
from tests.support import messages as m
from tests.support.dm_talker import NEXT, Talker, names, work

URI = "./DevInfo/Ext/Large"
NODE = "./Vendor/MSFT/A/Large"


def size(value: object, format: str = "chr") -> str:
    kind = f'<Format xmlns="syncml:metinf">{format}</Format>'
    return f'<Meta>{kind}<Size xmlns="syncml:metinf">{value}</Size></Meta>'


def value(data: str, meta: str = "", *, more: bool = True, uri: str = URI) -> str:
    return f"<Replace><CmdID>7</CmdID>{source(uri, data, meta, more)}</Replace>"


class Sender:
    """A device with an open session that sends one message after another."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.talker: Talker = bench.talker()
        self.answer = ET.fromstring(bench.post(self.talker.open(is_final=False)))

    def say(self, body: str, *, is_final: bool = False) -> ET.Element:
        reference = self.answer.findtext("s:SyncHdr/s:MsgID", "", NS)
        message = self.talker.message(header_ok(reference) + body, is_final=is_final)
        self.answer = ET.fromstring(self.bench.post(message))
        return self.answer

    def kept(self) -> str | None:
        return self.bench.store.inventory(m.DEVICE_ID).get(URI)


def code(answer: ET.Element, command: str = "Replace") -> str:
    return next(data for _, _, name, data in statuses(answer) if name == command)


def test_three_chunks_become_one_value(bench: Bench) -> None:
    sender = Sender(bench)
    for data, meta in (("ab ", size(10)), ("\u00e4&amp;", "")):
        answer = sender.say(value(data, meta))
        assert code(answer) == "213"
        assert names(answer) == ["Alert 1222"]
        assert sender.kept() is None
    answer = sender.say(value(" cde", more=False), is_final=True)
    assert code(answer) == "200"
    assert work(answer)
    assert sender.kept() == "ab \u00e4& cde"


def test_state_between_chunks_outlives_the_server(bench: Bench) -> None:
    sender = Sender(bench)
    sender.say(value("abc", size(6)))
    bench.restart()
    assert code(sender.say(value("def", more=False), is_final=True)) == "200"
    assert sender.kept() == "abcdef"


@pytest.mark.parametrize(
    ("announced", "chunks", "codes"),
    [
        ("6", ["abc", "de"], ["213", "424"]),
        ("6", ["abc", "defg"], ["213", "424"]),
        ("6", ["abcdefgh", "x"], ["424", "411"]),
        ("", ["abc"], ["411"]),
        ("-1", ["abc"], ["400"]),
        ("six", ["abc"], ["400"]),
        ("4194305", ["abc"], ["413"]),
        ("9" * 5000, ["abc"], ["413"]),
    ],
)
def test_what_does_not_fit_its_size_is_not_kept(
    bench: Bench, announced: str, chunks: list[str], codes: list[str]
) -> None:
    sender = Sender(bench)
    for number, data in enumerate(chunks):
        is_last = number == len(chunks) - 1 and codes[-1] == "424"
        meta = size(announced) if number == 0 else ""
        answer = sender.say(value(data, meta, more=not is_last), is_final=is_last)
        assert code(answer) == codes[number]
    assert sender.kept() is None


def test_a_chunk_without_size_is_asked_for_it(bench: Bench) -> None:
    assert code(Sender(bench).say(value("abc"))) == "411"


@pytest.mark.parametrize(
    "other",
    [
        value("new", more=False, uri="./DevInfo/Lang"),
        f"<Replace><CmdID>8</CmdID>{source(URI + '2', 'x', size(5), True)}</Replace>",
        "<Alert><CmdID>8</CmdID><Data>1201</Data></Alert>",
        "<Add><CmdID>8</CmdID></Add>",
    ],
)
def test_a_new_command_before_the_end_breaks_it_off(bench: Bench, other: str) -> None:
    sender = Sender(bench)
    sender.say(value("abc", size(6)))
    answer = sender.say(other)
    alerts = answer.findall(".//s:Alert", NS)
    assert [alert.findtext("s:Data", "", NS) for alert in alerts] == ["1225", "1222"]
    assert alerts[0].findtext("s:Item/s:Source/s:LocURI", "", NS) == URI
    assert code(sender.say(value("def", more=False), is_final=True)) == "200"
    assert sender.kept() in {None, "def"}


def test_a_package_that_ends_without_the_rest_breaks_it_off(bench: Bench) -> None:
    sender = Sender(bench)
    sender.say(value("abc", size(6)))
    answer = sender.say("", is_final=True)
    assert names(answer)[0] == "Alert 1225"
    assert "Alert 1222" not in names(answer)
    assert sender.kept() is None


def test_asking_for_the_next_message_breaks_nothing_off(bench: Bench) -> None:
    sender = Sender(bench)
    sender.say(value("abc", size(6)))
    assert names(sender.say(NEXT)) == ["Alert 1222"]
    assert code(sender.say(value("def", more=False), is_final=True)) == "200"
    assert sender.kept() == "abcdef"


def test_a_final_with_a_chunk_does_not_end_the_package(bench: Bench) -> None:
    sender = Sender(bench)
    answer = sender.say(value("abc", size(6)), is_final=True)
    assert names(answer) == ["Alert 1222"]
    assert code(sender.say(value("def", more=False), is_final=True)) == "200"


def test_results_in_chunks_are_the_answer_of_the_job(bench: Bench) -> None:
    number = bench.queue(get(NODE))
    talker = bench.talker()
    answer = ET.fromstring(bench.post(talker.open()))
    cmd_id = work(answer)[0].findtext("s:CmdID", "", NS)

    def results(data: str, meta: str, *, more: bool) -> str:
        return (
            f"<Results><CmdID>9</CmdID><MsgRef>2</MsgRef><CmdRef>{cmd_id}</CmdRef>"
            f"{source(NODE, data, meta, more)}</Results>"
        )

    first = header_ok("2") + m.status("2", "2", cmd_id, "Get", "200")
    body = first + results("abc", size(6, "xml"), more=True)
    answer = ET.fromstring(bench.post(talker.message(body, is_final=False)))
    assert statuses(answer)[-1] == ("2", "9", "Results", "213")
    assert names(answer) == ["Alert 1222"]
    body = header_ok("3") + results("def", "", more=False)
    answer = ET.fromstring(bench.post(talker.message(body)))
    assert [name for _, _, name, _ in statuses(answer)] == ["SyncHdr"]
    assert bench.results(number) == [("Get", NODE, "200", "abcdef")]
    assert bench.store.job_results(number)[0].format == "xml"
    assert bench.job(number).state is QueueState.DONE


def test_no_object_grows_beyond_the_bound(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing grows beyond the bound, whatever is announced."""
    monkeypatch.setattr(uploads, "MAX_UPLOAD_BYTES", 100)
    sender = Sender(bench)
    assert code(sender.say(value("a" * 60, size(100)))) == "213"
    assert code(sender.say(value("a" * 60))) == "424"
    assert code(sender.say(value("a", size(101)))) == "413"
