"""What a device may answer to a command, and what the server makes of it (ets.md 4, role E).

The job is queued as raw commands, the device answers by hand; the state is read by sqlite3.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.ets import text as t
from tests.ets.device import Answering, Bench, Device, answer_with, queue, sent_commands
from tests.ets.text import Message
from tests.support.ets import SERVER

ets = pytest.mark.ets

LEAF = "./Vendor/MSFT/DeviceLock/Provider/MDMProxy/MinDevicePasswordLength"
NODE = "./Vendor/MSFT/DeviceLock/Provider/MDMProxy"
OTHER = "./Vendor/MSFT/DeviceLock/Provider/MDMProxy/DevicePasswordHistory"
GONE = "./Vendor/MSFT/Storage/Nothing"
MARKUP = "&lt;a b=&quot;1&quot;&gt;x &amp;amp; y&lt;/a&gt;"
PLAIN = '<a b="1">x &amp; y</a>'


def outcome(bench: Bench, job: int) -> tuple[str, list[tuple[Any, ...]]]:
    """The job's state, and (command, uri, code, value) of each of its results in order."""
    (state,) = bench.rows("select state from queue where id = ?", job)
    rows = bench.rows(
        "select command, uri, code, value from job_results where job = ? order by position, item",
        job,
    )
    return state["state"], [tuple(row.values()) for row in rows]


def run(bench: Bench, device: Device, commands: str, answering: Answering) -> int:
    """Queue commands and hold a session; it must close well and leave nothing to send again."""
    job = queue(bench, device, commands)
    got = device.session(answering, session_id="2")
    assert got[-1].is_final
    assert got[-1].commands == []
    return job


ONE_COMMAND = [
    # id, command, uri, code, value in Results, state
    ("DMC-201", t.get("", LEAF), LEAF, "200", "6", "done"),
    ("DMC-202", t.get("", NODE), NODE, "200", "A/B%20b/C", "done"),
    ("DMC-203", t.get("", NODE), NODE, "200", "", "done"),
    ("DMC-204", t.get("", GONE), GONE, "404", None, "failed"),
    ("DMC-205", t.get("", f"{NODE}?list=TNDS"), f"{NODE}?list=TNDS", "406", None, "failed"),
    ("DMC-205", t.get("", f"{NODE}?list=Struct"), f"{NODE}?list=Struct", "415", None, "failed"),
    ("DMC-206", t.get("", f"{LEAF}?prop=Format"), f"{LEAF}?prop=Format", "200", "int", "done"),
    ("DMC-206", t.get("", f"{LEAF}?prop=TStamp"), f"{LEAF}?prop=TStamp", "406", None, "failed"),
    ("DMC-207", t.add("", LEAF, "6", "int"), LEAF, "200", None, "done"),
    ("DMC-207", t.add_node("", NODE), NODE, "200", None, "done"),
    ("DMC-208", t.add("", LEAF, "6", "int"), LEAF, "418", None, "failed"),
    ("DMC-209", t.add("", f"{LEAF}/X", "6", "int"), f"{LEAF}/X", "405", None, "failed"),
    ("DMC-210", t.replace("", LEAF, "6", "int"), LEAF, "200", None, "done"),
    ("DMC-211", t.replace("", LEAF, "6", "int"), LEAF, "404", None, "failed"),
    ("DMC-212", t.replace("", LEAF, "six"), LEAF, "415", None, "failed"),
    ("DMC-213", t.delete("", NODE), NODE, "200", None, "done"),
    ("DMC-214", t.delete("", "./DevInfo"), "./DevInfo", "405", None, "failed"),
    ("DMC-216", t.execute("", "./Vendor/MSFT/RemoteLock/Lock"), "./Vendor/MSFT/RemoteLock/Lock",
     "200", None, "done"),
    ("DMC-216", t.execute("", LEAF), LEAF, "406", None, "failed"),
    ("DMC-216", t.execute("", LEAF), LEAF, "405", None, "failed"),
    ("DMC-228", t.get("", f"./A/{'x' * 300}"), f"./A/{'x' * 300}", "414", None, "failed"),
    ("DMC-229", t.replace("", "./DevInfo/Man", "X"), "./DevInfo/Man", "425", None, "failed"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("commands", "uri", "code", "value", "state"),
    [pytest.param(*row, marks=ets(name, SERVER), id=f"{name}-{row[2]}")
     for name, *row in ONE_COMMAND],
)  # fmt: skip
def test_one_command_and_its_status(
    bench: Bench,
    device: Device,
    commands: str,
    uri: str,
    code: str,
    value: str | None,
    state: str,
) -> None:
    job = run(bench, device, commands, answer_with({uri: code}, {uri: value or ""}))
    name = commands[1 : commands.index(">")]
    assert outcome(bench, job) == (state, [(name, uri, code, value)])
    assert sent_commands(device.session(session_id="3"), name, uri) == 0


@ets("DMC-201", SERVER)
def test_results_keep_their_format_and_type(bench: Bench, device: Device) -> None:
    def answering(command: ET.Element, ref: str, ids: Any) -> str:
        if t.uris(command) != [LEAF]:
            return answer_with({})(command, ref, ids)
        number = t.text(command, "CmdID")
        told = t.results(str(next(ids)), ref, number, LEAF, "6", Format="int", Type="text/plain")
        return t.status(str(next(ids)), ref, number, "Get", "200") + told

    job = run(bench, device, t.get("", LEAF), answering)
    rows = bench.rows("select format, type, value from job_results where job = ?", job)
    assert rows == [{"format": "int", "type": "text/plain", "value": "6"}]


@ets("DMC-201", SERVER)
def test_results_without_references_mean_message_1_command_1(bench: Bench, device: Device) -> None:
    answer = device.open()
    body = t.status("1", answer.msg_id, "0", "SyncHdr", "212", t.chal(b"r" * 16))
    bare = f"<Results><CmdID>2</CmdID>{t.item(source='./X', data='1')}</Results>"
    assert device.say(body + bare).header_code in {"200", "212"}


@ets("DMC-205", SERVER)
def test_a_struct_data_answer_has_an_item_for_each_node(bench: Bench, device: Device) -> None:
    uri = f"{NODE}?list=StructData"
    found = {NODE: "", LEAF: "6", OTHER: "0"}

    def answering(command: ET.Element, ref: str, ids: Any) -> str:
        if t.uris(command) != [uri]:
            return answer_with({})(command, ref, ids)
        number = t.text(command, "CmdID")
        items = "".join(
            t.item(source=one, data=value, info=t.meta(Format="int" if value else "node"))
            for one, value in found.items()
        )
        return t.status(str(next(ids)), ref, number, "Get", "200") + (
            f"<Results><CmdID>{next(ids)}</CmdID><MsgRef>{ref}</MsgRef><CmdRef>{number}</CmdRef>"
            f"{items}</Results>"
        )

    job = run(bench, device, t.get("", uri), answering)
    state, rows = outcome(bench, job)
    assert state == "done"
    assert {row[1]: row[3] or "" for row in rows if row[1] != uri} == found


@ets("DMC-215", SERVER)
@pytest.mark.parametrize(("code", "state"), [("200", "done"), ("406", "failed")])
def test_copy(bench: Bench, device: Device, code: str, state: str) -> None:
    copy = f"<Copy><CmdID>1</CmdID>{t.item(OTHER, source=LEAF)}</Copy>"
    job = run(bench, device, copy, answer_with({"Copy": code}))
    assert outcome(bench, job)[0] == state


@ets("DMC-216", SERVER)
def test_202_is_no_failure(bench: Bench, device: Device) -> None:
    uri = "./Vendor/MSFT/RemoteLock/Lock"
    job = run(bench, device, t.execute("", uri), answer_with({uri: "202"}))
    state, rows = outcome(bench, job)
    assert state in {"done", "running"}
    assert rows == [("Exec", uri, "202", None)]


PAIR = t.replace("", LEAF, "6", "int") + t.replace("", OTHER, "3", "int")


@ets("DMC-218", SERVER)
def test_a_sequence_goes_out_as_one_and_each_part_is_stored(bench: Bench, device: Device) -> None:
    job = run(bench, device, t.sequence("", PAIR), answer_with({}))
    assert outcome(bench, job) == (
        "done",
        [
            ("Sequence", "", "200", None),
            ("Replace", LEAF, "200", None),
            ("Replace", OTHER, "200", None),
        ],
    )
    assert whole_containers(device.log, "Sequence") == [[LEAF, OTHER]]


def whole_containers(log: list[Message], name: str) -> list[list[str]]:
    """The targets inside each container of that name that the server sent."""
    return [
        [uri for child in element for uri in t.uris(child)]
        for answer in log
        for element in answer.commands
        if t.local(element) == name
    ]


@ets("DMC-220", SERVER)
def test_an_atomic_that_works(bench: Bench, device: Device) -> None:
    job = run(bench, device, t.atomic("", PAIR), answer_with({}))
    state, rows = outcome(bench, job)
    assert state == "done"
    assert [row[2] for row in rows] == ["200", "200", "200"]
    assert whole_containers(device.log, "Atomic") == [[LEAF, OTHER]]


THREE = PAIR + t.add("", f"{NODE}/AllowSimpleDevicePassword", "1", "int")


@pytest.mark.parametrize(
    ("codes", "atomic"),
    [
        pytest.param(["216", "500", "215"], "507", marks=ets("DMC-221", SERVER)),
        pytest.param(["516", "500", "215"], "507", marks=ets("DMC-222", SERVER)),
        pytest.param(["516", "500", "516"], "516", marks=ets("DMC-222", SERVER)),
        pytest.param(["500", "215", "215"], "507", marks=ets("DMC-223", SERVER)),
        pytest.param(["216", "404", "215"], "500", marks=ets("DMC-221", SERVER)),
    ],
)
def test_an_atomic_that_fails(bench: Bench, device: Device, codes: list[str], atomic: str) -> None:
    uris = [LEAF, OTHER, f"{NODE}/AllowSimpleDevicePassword"]
    told = {**dict(zip(uris, codes, strict=True)), "Atomic": atomic}
    job = run(bench, device, t.atomic("", THREE), answer_with(told))
    state, rows = outcome(bench, job)
    assert state == "failed"
    assert [row[2] for row in rows] == [atomic, *codes]
    (row,) = bench.rows("select outcome from queue where id = ?", job)
    assert row["outcome"]


@ets("DMC-223", SERVER)
def test_nested_atomics_get_their_codes_stored(bench: Bench, device: Device) -> None:
    nested = t.atomic("", t.add("", OTHER, "1", "int") + t.atomic("", t.add("", LEAF, "6", "int")))
    job = queue(bench, device, nested)
    codes = iter(["507", "500"])

    def answering(command: ET.Element, ref: str, ids: Any) -> str:
        name, number = t.local(command), t.text(command, "CmdID")
        if name != "Atomic":
            return answer_with({})(command, ref, ids)
        body = t.status(str(next(ids)), ref, number, name, next(codes))
        for child in command:
            if t.local(child) == "Add":
                code = "216" if t.uris(child) == [OTHER] else "215"
                body += t.status(str(next(ids)), ref, t.text(child, "CmdID"), "Add", code)
            elif t.local(child) == "Atomic":
                body += answering(child, ref, ids)
        return body

    device.session(answering)
    state, rows = outcome(bench, job)
    assert state == "failed"
    assert [row[2] for row in rows] == ["507", "216", "500", "215"]


@ets("DMC-225", SERVER)
def test_one_status_for_each_item(bench: Bench, device: Device) -> None:
    both = t.command("Get", "", t.item(LEAF), t.item(GONE))

    def answering(command: ET.Element, ref: str, ids: Any) -> str:
        number = t.text(command, "CmdID")
        if t.uris(command) != [LEAF, GONE]:
            return answer_with({})(command, ref, ids)
        return (
            t.status(str(next(ids)), ref, number, "Get", "200", target=LEAF)
            + t.status(str(next(ids)), ref, number, "Get", "404", target=GONE)
            + t.results(str(next(ids)), ref, number, LEAF, "6")
        )

    job = run(bench, device, both, answering)
    state, rows = outcome(bench, job)
    assert state == "failed"
    assert rows == [("Get", LEAF, "200", "6"), ("Get", GONE, "404", None)]


@ets("DMC-225", SERVER)
def test_one_status_for_all_items(bench: Bench, device: Device) -> None:
    both = t.command("Get", "", t.item(LEAF), t.item(OTHER))
    job = run(bench, device, both, answer_with({}, {LEAF: "6", OTHER: "3"}))
    state, rows = outcome(bench, job)
    assert state == "done"
    assert [(row[1], row[3]) for row in rows] == [(LEAF, "6"), (OTHER, "3")]


@ets("DMC-226", SERVER)
@pytest.mark.parametrize("code", ["400", "406"])
def test_a_command_the_device_does_not_know(bench: Bench, device: Device, code: str) -> None:
    job = run(bench, device, t.execute("", LEAF), answer_with({"Exec": code}))
    assert outcome(bench, job)[0] == "failed"


@ets("DMC-226", SERVER)
@pytest.mark.parametrize("name", ["Put", "Map", "Sync", "Search", "Blah"])
def test_a_command_the_server_does_not_know(device: Device, name: str) -> None:
    answer = device.open(more=f"<{name}><CmdID>77</CmdID></{name}>")
    assert answer.code("77") in {"400", "406"}
    assert answer.header_code == "212"


@ets("DMC-227", SERVER)
def test_400_with_an_empty_reference_ends_nothing(bench: Bench, device: Device) -> None:
    def answering(command: ET.Element, ref: str, ids: Any) -> str:
        if t.uris(command) != [LEAF]:
            return answer_with({})(command, ref, ids)
        return t.status(str(next(ids)), ref, "", "Get", "400")

    job = queue(bench, device, t.get("", LEAF))
    for number in range(2, 12):
        got = device.session(answering, session_id=f"{number:X}")
        assert got[-1].is_final
    assert outcome(bench, job)[0] == "failed", "it is not sent for ever"
    assert device.session(session_id="F0")[-1].is_final


@ets("DMC-227", SERVER)
def test_a_device_that_sends_no_command_id(device: Device) -> None:
    answer = device.open(more=t.command("Replace", "", t.item(source="./DevInfo/X", data="1")))
    assert ("", "400") in [(one.cmd_ref, one.code) for one in answer.statuses]


@ets("DMC-230", SERVER)
@pytest.mark.parametrize("told", [MARKUP, f"<![CDATA[{PLAIN}]]>"])
def test_markup_in_results_is_kept_as_text(bench: Bench, device: Device, told: str) -> None:
    job = run(bench, device, t.get("", LEAF), answer_with({}, {LEAF: told}))
    assert outcome(bench, job)[1] == [("Get", LEAF, "200", PLAIN)]


@ets("DMC-230", SERVER)
@pytest.mark.parametrize("given", [MARKUP, f"<![CDATA[{PLAIN}]]>"])
def test_markup_in_a_job_reaches_the_device_as_text(
    bench: Bench, device: Device, given: str
) -> None:
    run(bench, device, t.replace("", LEAF, given), answer_with({}))
    (sent,) = [found for one in device.log if (found := one.find("Replace", LEAF)) is not None]
    assert t.text(sent, "Item/Data") == PLAIN
