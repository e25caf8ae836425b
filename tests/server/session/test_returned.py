"""Answers to our commands: each in its row, however a device spells and orders them."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from mdmcore.records import QueueState
from tests.server.dm_device import NS
from tests.server.session.conftest import Bench, atomic, get, header_ok, item, replace, source
from tests.support import messages as m
from tests.support.dm_talker import Talker, work

A, B = "./Vendor/MSFT/A", "./Vendor/MSFT/B"
MSFT = 'xmlns:msft="http://schemas.microsoft.com/MobileDevice/MDM" msft:originalerror="0x86000002"'


class Asked:
    """A device that was sent one job, and answers it by hand."""

    def __init__(self, bench: Bench, commands: str) -> None:
        self.bench = bench
        self.number = bench.queue(commands)
        self.talker: Talker = bench.talker()
        self.answer = ET.fromstring(bench.post(self.talker.open()))
        ids = self.answer.iterfind(".//s:SyncBody//s:CmdID", NS)
        statuses = self.answer.findall(".//s:Status", NS)
        self.ids = [each.text or "" for each in ids][len(statuses) :]
        assert len(work(self.answer)) >= 1

    def say(self, *parts: str, is_final: bool = True) -> None:
        reference = str(self.talker.msg_id + 1)
        body = header_ok(reference) + "".join(parts)
        self.bench.post(self.talker.message(body, is_final=is_final))

    def status(self, index: int, code: str, refs: str = "", attributes: str = "") -> str:
        text = m.status("2", "2", self.ids[index], "Get", code)
        text = text.replace(
            "<Data>", f"{refs}<Data {attributes}>" if attributes else f"{refs}<Data>"
        )
        return text

    def results(self, index: int | None, *items: str, msg_ref: str = "2", meta: str = "") -> str:
        reference = f"<MsgRef>{msg_ref}</MsgRef>" if msg_ref else ""
        command = f"<CmdRef>{self.ids[index]}</CmdRef>" if index is not None else ""
        return f"<Results><CmdID>9</CmdID>{reference}{command}{meta}{''.join(items)}</Results>"

    def rows(self) -> list[tuple[str, str, str, str | None]]:
        return self.bench.results(self.number)

    @property
    def state(self) -> QueueState:
        return self.bench.job(self.number).state


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("one_message", [True, False])
def test_results_before_or_after_their_status(
    bench: Bench, is_first: bool, one_message: bool
) -> None:
    asked = Asked(bench, get(A))
    parts = [asked.results(0, source(A, "x")), asked.status(0, "200")]
    if not is_first:
        parts.reverse()
    if one_message:
        asked.say(*parts)
    else:
        asked.say(parts[0], is_final=False)
        asked.say(parts[1])
    assert asked.rows() == [("Get", A, "200", "x")]
    assert asked.state is QueueState.DONE


@pytest.mark.parametrize(
    ("asked_for", "spelled"),
    [
        ("./Device/Vendor/MSFT/A", "./Vendor/MSFT/A"),
        ("./Vendor/MSFT/A", "Vendor/MSFT/A"),
        ("./Vendor/MSFT/A", "./Device/Vendor/MSFT/A"),
        ("./Vendor/MSFT/%7BA%7D", "./Vendor/MSFT/{A}"),
    ],
)
def test_a_uri_is_known_by_what_it_means(bench: Bench, asked_for: str, spelled: str) -> None:
    asked = Asked(bench, get(A) + get(asked_for))
    asked.say(
        asked.status(0, "404"),
        asked.status(1, "200"),
        asked.results(None, source(spelled, "x"), msg_ref=""),
    )
    assert asked.rows() == [("Get", A, "404", None), ("Get", asked_for, "200", "x")]
    assert bench.store.inventory(m.DEVICE_ID)[asked_for] == "x"


def test_several_items_have_a_row_each(bench: Bench) -> None:
    asked = Asked(bench, f"<Get>{item(A)}{item(B)}</Get>")
    asked.say(
        asked.status(0, "405", f"<TargetRef>{B}</TargetRef>"),
        asked.status(0, "200", f"<TargetRef>{A}</TargetRef>"),
        asked.results(0, source(A, "x")),
    )
    assert asked.rows() == [("Get", A, "200", "x"), ("Get", B, "405", None)]
    assert asked.state is QueueState.FAILED


def test_one_status_speaks_for_all_items(bench: Bench) -> None:
    asked = Asked(bench, f"<Get>{item(A)}{item(B)}</Get>")
    asked.say(asked.status(0, "200"), asked.results(0, source(A, "x"), source(B, "y")))
    assert asked.rows() == [("Get", A, "200", "x"), ("Get", B, "200", "y")]


def test_a_listing_has_a_row_for_each_node_and_the_same_ones_again(bench: Bench) -> None:
    uri = f"{A}?list=StructData"
    for session in ("1A", "1B"):  # the first one breaks off after the values came
        asked = Asked.__new__(Asked)
        if session == "1A":
            asked = Asked(bench, get(uri))
            number = asked.number
        else:
            asked.bench, asked.number = bench, number
            asked.talker = bench.talker(session_id=session)
            asked.answer = ET.fromstring(bench.post(asked.talker.open()))
            asked.ids = [work(asked.answer)[0].findtext("s:CmdID", "", NS)]
        found = [source(A, ""), source(f"{A}/x", "1"), source(f"{A}/y", session)]
        asked.say(asked.results(0, *found), is_final=False)
    asked.say(asked.status(0, "200"))
    assert asked.rows() == [
        ("Get", uri, "200", None),
        ("Get", A, "200", ""),
        ("Get", f"{A}/x", "200", "1"),
        ("Get", f"{A}/y", "200", "1B"),
    ]
    assert asked.state is QueueState.DONE


def test_format_type_and_windows_error_are_kept(bench: Bench) -> None:
    asked = Asked(bench, get(A) + replace(B, "1"))
    meta = (
        '<Meta><Format xmlns="syncml:metinf">int</Format>'
        '<Type xmlns="syncml:metinf">text/plain</Type></Meta>'
    )
    asked.say(
        asked.status(0, "200"),
        asked.results(0, source(A, "5"), meta=meta),
        asked.status(1, "500", attributes=MSFT),
    )
    got, failed = bench.store.job_results(asked.number)
    assert (got.format, got.type, got.value) == ("int", "text/plain", "5")
    assert failed.original_error == "0x86000002"


def test_a_property_is_not_the_value_of_its_node(bench: Bench) -> None:
    asked = Asked(bench, get(f"{A}?prop=Format"))
    asked.say(asked.status(0, "200"), asked.results(0, source(f"{A}?prop=Format", "int")))
    assert asked.rows() == [("Get", f"{A}?prop=Format", "200", "int")]
    assert A not in bench.store.inventory(m.DEVICE_ID)


def test_what_a_failed_container_holds_needs_no_status(bench: Bench) -> None:
    asked = Asked(bench, atomic(replace(A, "1"), replace(B, "1")) + get(A))
    asked.say(asked.status(0, "500"), asked.status(3, "200"))
    assert asked.rows() == [("Atomic", "", "500", None), ("Get", A, "200", None)]
    assert asked.state is QueueState.FAILED


def test_what_it_holds_is_kept_where_it_comes(bench: Bench) -> None:
    asked = Asked(bench, atomic(replace(A, "1"), replace(B, "1")))
    asked.say(*(asked.status(n, code) for n, code in enumerate(("507", "216", "404"))))
    assert [row[2] for row in asked.rows()] == ["507", "216", "404"]
    assert asked.state is QueueState.FAILED


def test_in_progress_is_no_answer_yet(bench: Bench) -> None:
    asked = Asked(bench, get(A))
    asked.say(asked.status(0, "101"), is_final=False)
    assert asked.rows() == []
    asked.say(asked.status(0, "200"))
    assert asked.rows() == [("Get", A, "200", None)]
