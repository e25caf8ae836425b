"""Values that do not fit into one message (ets.md 6), by raw chunks."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.ets import text as t
from tests.ets.device import Bench, Device, answer_with, queue
from tests.ets.text import Message
from tests.support.ets import SERVER

ets = pytest.mark.ets

URI = "./Vendor/MSFT/WiFi/Profile/Example/WlanXml"
OTHER = "./DevDetail/SwV"
VALUE = "".join(f"{number:05}" for number in range(600))
CHUNKS = [VALUE[:1200], VALUE[1200:2400], VALUE[2400:]]


def asked_for(bench: Bench, device: Device, commands: str, **header: Any) -> Message:
    """The message in which the server asks for the large value; what came before is answered."""
    queue(bench, device, commands)
    answer = device.open(**header)
    for _ in range(10):
        if answer.find("Get", URI) is not None:
            return answer
        answer = device.reply(answer, **header)
    raise AssertionError("the Get did not come")


def chunk(
    ids: Any, ref: str, number: str, data: str, *, size: int | None = None, more: bool = True
) -> str:
    info = {"Format": "chr"} | ({} if size is None else {"Size": str(size)})
    one = t.item(source=URI, data=data, info=t.meta(**info), more=more)
    return (
        f"<Results><CmdID>{next(ids)}</CmdID><MsgRef>{ref}</MsgRef><CmdRef>{number}</CmdRef>"
        f"{one}</Results>"
    )


class Upload:
    """The device's side of an upload in chunks."""

    def __init__(self, bench: Bench, device: Device, commands: str = t.get("", URI)) -> None:
        self.device = device
        self.asked = asked_for(bench, device, commands)
        get = self.asked.find("Get", URI)
        assert get is not None
        self.number = t.text(get, "CmdID")
        self.last = self.asked

    def send(
        self, data: str, *, size: int | None = None, more: bool = True, extra: str = ""
    ) -> Message:
        ids = iter(range(1, 999))
        ref, asked = self.last.msg_id, self.asked
        code, chal = ("212", t.chal(b"u" * 16)) if self.last.has("Cred") else ("200", "")
        body = t.status(str(next(ids)), ref, "0", "SyncHdr", code, chal)
        if self.last is asked:
            for command in asked.commands:
                if t.uris(command) == [URI]:
                    body += t.status(str(next(ids)), ref, self.number, "Get", "200")
                else:
                    body += answer_with({})(command, ref, ids)
        else:
            for command in self.last.commands:
                body += answer_with({})(command, ref, ids)
        body += chunk(ids, asked.msg_id, self.number, data, size=size, more=more) + extra
        self.last = self.device.say(body, final=not more)
        return self.last

    def results_code(self) -> list[str]:
        return [one.code for one in self.last.statuses if one.cmd == "Results"]


def stored(bench: Bench) -> list[Any]:
    return [row["value"] for row in bench.rows(
        "select value from job_results where uri = ?", URI
    )]  # fmt: skip


@ets("DMX-401", SERVER)
def test_an_upload_in_three_chunks(bench: Bench) -> None:
    device = bench.enroll("win10")
    upload = Upload(bench, device)
    upload.send(CHUNKS[0], size=len(VALUE))
    assert upload.results_code() == ["213"]
    assert (upload.last.alerts, upload.last.is_final) == (["1222"], False)
    assert stored(bench) in ([], [None])
    upload.send(CHUNKS[1])
    assert upload.results_code() == ["213"]
    assert (upload.last.alerts, upload.last.is_final) == (["1222"], False)
    upload.send(CHUNKS[2], more=False)
    assert upload.results_code() in ([], ["200"])
    assert stored(bench) == [VALUE]
    assert bench.rows("select state from queue") == [{"state": "done"}]


@ets("DMX-401", SERVER)
def test_a_repeated_chunk_is_not_added_twice(bench: Bench) -> None:
    device = bench.enroll("win10")
    upload = Upload(bench, device)
    upload.send(CHUNKS[0], size=len(VALUE))
    again = bench.post(device.sent[-1])
    assert again.body == upload.last.data
    upload.send(CHUNKS[1])
    upload.send(CHUNKS[2], more=False)
    assert stored(bench) == [VALUE]


@ets("DMX-403", SERVER)
@pytest.mark.parametrize("size", [len(VALUE) - 1, len(VALUE) + 1])
def test_a_size_that_does_not_agree(bench: Bench, size: int) -> None:
    device = bench.enroll("win10")
    upload = Upload(bench, device)
    for data in CHUNKS[:-1]:
        upload.send(data, size=size if data is CHUNKS[0] else None)
    upload.send(CHUNKS[2], more=False)
    assert upload.results_code() == ["424"]
    assert stored(bench) in ([], [None])
    assert upload.last.is_final


@ets("DMX-404", SERVER)
def test_something_new_before_the_end(bench: Bench) -> None:
    device = bench.enroll("win10")
    upload = Upload(bench, device, t.get("", URI) + t.get("", OTHER))
    upload.send(CHUNKS[0], size=len(VALUE))
    body = t.status("1", upload.last.msg_id, "0", "SyncHdr", "200") + t.results(
        "2", upload.asked.msg_id, upload.number, OTHER, "8.0"
    )
    answer = device.say(body)
    assert "1225" in answer.alerts
    (alert,) = [e for e in answer.commands if t.text(e, "Data") == "1225"]
    names = {t.text(alert, "Item/Source/LocURI"), t.text(alert, "Item/Target/LocURI")}
    assert URI in names
    assert CHUNKS[0] not in stored(bench)


type Told = list[tuple[str, bool, str]]


def download(bench: Bench, device: Device, *, header: str, answer_code: str = "200") -> Told:
    """(data, has MoreData, Size) of each piece of the value that the server sent."""
    commands = t.add("", URI, VALUE)
    queue(bench, device, commands)
    pieces: Told = []

    def answering(command: ET.Element, ref: str, ids: Any) -> str:
        if t.uris(command) == ["./DevDetail/LrgObj"]:
            return answer_with({}, {"./DevDetail/LrgObj": "true"})(command, ref, ids)
        if t.local(command) != "Add":
            return answer_with({})(command, ref, ids)
        has_more = command.find("{*}Item/{*}MoreData") is not None
        pieces.append((t.text(command, "Item/Data"), has_more, t.text(command, "Item/Meta/Size")))
        assert t.uris(command) == [URI]
        code = "213" if has_more else answer_code
        return t.status(str(next(ids)), ref, t.text(command, "CmdID"), "Add", code)

    answer = device.open(header=header)
    for _ in range(60):
        if not answer.commands:
            break
        pending = [e for e in answer.commands if e.find("{*}Item/{*}MoreData") is not None]
        if pending:
            assert not answer.is_final
            assert answer.commands[-1] is pending[0], "nothing behind an unfinished piece"
        more = t.alert("900", "1222") if pending else ""
        answer = device.reply(answer, answering, more=more, header=header)
    return pieces


def limits(**values: int) -> str:
    """The device's header."""
    return t.meta(**{name: str(value) for name, value in values.items()})


@ets("DMX-402", SERVER)
def test_a_download_in_pieces(bench: Bench) -> None:
    device = bench.enroll("win10")
    pieces = download(bench, device, header=limits(MaxMsgSize=2400, MaxObjSize=100_000))
    assert "".join(data for data, _, _ in pieces) == VALUE
    assert len(pieces) >= 3
    assert [more for _, more, _ in pieces] == [True] * (len(pieces) - 1) + [False]
    assert [size for _, _, size in pieces] == [str(len(VALUE))] + [""] * (len(pieces) - 1)
    assert bench.rows("select state from queue") == [{"state": "done"}]
    assert max(len(answer.data) for answer in device.log) <= 2400


@ets("DMX-402", SERVER)
def test_a_piece_that_is_refused_ends_the_object(bench: Bench) -> None:
    device = bench.enroll("win10")
    queue(bench, device, t.add("", URI, VALUE))
    header = limits(MaxMsgSize=2400)
    told = 0

    def answering(command: ET.Element, ref: str, ids: Any) -> str:
        nonlocal told
        if t.local(command) != "Add":
            return answer_with({}, {"./DevDetail/LrgObj": "true"})(command, ref, ids)
        told += 1
        return t.status(str(next(ids)), ref, t.text(command, "CmdID"), "Add", "420")

    answer = device.open(header=header)
    while answer.commands:
        answer = device.reply(answer, answering, header=header)
    assert told == 1
    assert bench.rows("select state from queue") == [{"state": "failed"}]


@ets("DMX-405", SERVER)
def test_nothing_larger_than_the_devices_max_obj_size(bench: Bench) -> None:
    device = bench.enroll("win10")
    assert download(bench, device, header=limits(MaxMsgSize=100_000, MaxObjSize=2000)) == []
    (row,) = bench.rows("select state, outcome from queue")
    assert row["state"] == "failed"
    assert "2000" in row["outcome"]


@ets("DMX-405", SERVER)
def test_an_object_of_just_that_size_goes_out(bench: Bench) -> None:
    device = bench.enroll("win10")
    header = limits(MaxMsgSize=100_000, MaxObjSize=len(VALUE))
    assert download(bench, device, header=header) == [(VALUE, False, "")]


@ets("DMX-407", SERVER)
@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81"])
def test_a_device_without_large_objects_gets_it_in_one_piece(bench: Bench, profile: str) -> None:
    device = bench.enroll(profile)
    pieces = download(bench, device, header="", answer_code="413")
    assert pieces == [(VALUE, False, "")]
    (row,) = bench.rows("select state, outcome from queue")
    assert row["state"] == "failed"
    assert "413" in row["outcome"]


@ets("DMX-407", SERVER)
@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_what_does_not_fit_is_reported_and_not_sent(bench: Bench, profile: str) -> None:
    device = bench.enroll(profile)
    assert download(bench, device, header=limits(MaxMsgSize=2400)) == []
    (row,) = bench.rows("select state, outcome from queue")
    assert row["state"] == "failed"
    assert row["outcome"]
    assert device.session(session_id="2")[-1].is_final
