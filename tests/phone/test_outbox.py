"""Messages of limited size: nothing gets lost, nothing exceeds the limit, chunks put together."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.http import Response
from mdmcore.phone import Refusal, SessionOutcome, run, sync
from mdmcore.phone.first_package import generic_alert
from mdmcore.phone.outbox import Outbox
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Chal,
    Item,
    Meta,
    Results,
    Status,
    SyncHdr,
    SyncML,
)
from mdmcore.syncml.wire import WireForm, encode_body
from tests.phone.dm_script import (
    LAST,
    DmScript,
    Received,
    Turn,
    accepted,
    get,
    reply,
    script,
    server_cred,
    status,
)
from tests.phone.scripted import assert_refusal
from tests.phone.session_script import (
    ADDRESS,
    DMID,
    NEXT,
    OK,
    alert,
    alerts_of,
    following,
    is_final,
    phone_as,
    results_item,
    size_of,
    talk,
    write,
)
from tests.phone.test_encodings import ours
from tests.support.server import counted_random

LIMIT = 2048
MEDIA = {False: "application/vnd.syncml.dm+xml", True: "application/vnd.syncml.dm+wbxml"}
HEADER = SyncHdr(session_id="1", msg_id="2", target="https://a.test/", source="device")
FIRST = Status(cmd_id="", msg_ref="1", cmd_ref="0", cmd="SyncHdr", data="212")

REQUESTED = Status(cmd_id="", msg_ref="2", cmd_ref="70", cmd="Alert", data="200")


def bytes_of(commands: tuple[AnyCommand, ...], *, is_wbxml: bool) -> int:
    message = SyncML(header=HEADER, commands=commands)
    return len(encode_body(message, WireForm(media_type=MEDIA[is_wbxml])))


def messages(
    commands: list[AnyCommand], *, is_wbxml: bool, limit: int = LIMIT
) -> list[tuple[AnyCommand, ...]]:
    """What the outbox makes of them; each message is measured with the alert that may follow."""
    box = Outbox(limit, sends_chunks=True, is_wbxml=is_wbxml)
    box.put(commands)
    taken = []
    lead: tuple[Status, ...] = (FIRST,)
    while not box.is_empty:
        message = box.take(lead, lambda some: bytes_of(some, is_wbxml=is_wbxml))
        tail = Alert(cmd_id=str(len(message) + 1), code="1222")
        assert bytes_of((*message, tail), is_wbxml=is_wbxml) <= limit
        assert len(message) > len(lead)
        taken.append(message[len(lead) :])
        lead = (FIRST, REQUESTED)
    return taken


@pytest.mark.parametrize("length", range(1000, 1500, 20))
def test_a_value_that_just_has_no_room_beside_the_answers(length: int) -> None:
    found = Results(cmd_id="", cmd_ref="4", items=(Item(source="./x", data="x" * length),))
    taken = messages([found, found], is_wbxml=False)
    values = [item.data for some in taken for one in some for item in one.items]  # type: ignore[union-attr]
    assert "".join(map(str, values)) == "x" * length * 2


texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\t\n\r&<>"), max_size=40
).map(lambda text: text * 60)
binaries = st.binary(max_size=60).map(lambda data: base64.b64encode(data * 60).decode())


@st.composite
def results(draw: st.DrawFn) -> Results:
    """Results with one or two values, some of them large."""
    items = []
    for number in range(draw(st.integers(1, 2))):
        is_binary = draw(st.booleans())
        data = draw(binaries if is_binary else texts)
        meta = Meta(format="b64" if is_binary else "chr")
        items.append(Item(source=f"./n/{number}", meta=meta, data=data, is_binary=is_binary))
    return Results(cmd_id="", msg_ref="1", cmd_ref=str(draw(st.integers(2, 9))), items=(*items,))


@settings(max_examples=60, deadline=None)
@given(given=st.lists(results(), min_size=1, max_size=4), is_wbxml=st.booleans())
def test_every_value_arrives_whole_in_messages_within_the_limit(
    given: list[Results], is_wbxml: bool
) -> None:
    arrived: list[tuple[str, str | None, str]] = []
    buffer, size = "", None
    for message in messages([*given], is_wbxml=is_wbxml):
        for command in message:
            assert isinstance(command, Results)
            for item in command.items:
                own_size = item.meta.size if item.meta else None
                assert (own_size is not None) == (item.more_data and not buffer)
                size = own_size or size
                buffer += item.data or ""
                if item.is_binary:
                    base64.b64decode(item.data or "", validate=True)
                if item.more_data:
                    assert command is message[-1]
                    continue
                if size is not None:
                    whole = base64.b64decode(buffer) if item.is_binary and is_wbxml else buffer
                    length = len(whole if isinstance(whole, bytes) else whole.encode())
                    assert length == int(size)
                arrived.append((command.cmd_ref, item.source, buffer))
                buffer, size = "", None
    expected = [(one.cmd_ref, item.source, item.data) for one in given for item in one.items]
    assert arrived == expected


def test_without_a_limit_all_is_one_message() -> None:
    box = Outbox(None, sends_chunks=False, is_wbxml=False)
    big = Results(cmd_id="", items=(Item(source="./x", data="x" * 100_000),))
    box.put([big, big])
    message = box.take((FIRST,), lambda _some: 0)
    assert [one.cmd_id for one in message] == ["1", "2", "3"]
    assert box.is_empty


def test_what_has_no_room_beside_a_challenge_has_some_later() -> None:
    box = Outbox(LIMIT, sends_chunks=True, is_wbxml=False)
    small, large = REQUESTED, generic_alert(Item(data="x" * 1200))
    box.put([small, large])
    challenge = replace(
        FIRST, chal=Chal(type="syncml:auth-md5", format="b64", next_nonce=b"x" * 99)
    )

    def take(lead: Status) -> tuple[AnyCommand, ...]:
        return box.take((lead,), lambda some: bytes_of(some, is_wbxml=False))

    assert [one.name for one in take(challenge)] == ["Status", "Status"]
    assert [one.name for one in take(FIRST)] == ["Status", "Alert"]
    assert box.is_empty


@pytest.mark.parametrize(
    ("command", "sends_chunks", "reason"),
    [
        (Status(cmd_id="", msg_ref="1", cmd_ref="x" * 3000, cmd="Get", data="200"), True, "Status"),
        (generic_alert(Item(data="x" * 3000)), True, "Alert"),
        (Results(cmd_id="", items=(Item(source="./x", data="x" * 3000),)), False, "value of ./x"),
        (Results(cmd_id="", items=(Item(source="x" * 3000, data="xyz"),)), True, "address"),
        (Results(cmd_id="", items=(Item(source="x" * 1400, data="y" * 999),)), True, "address"),
        (Results(cmd_id="", items=(Item(source="x" * 3000),)), True, "value"),
    ],
)
def test_what_has_no_room_anywhere(command: AnyCommand, sends_chunks: bool, reason: str) -> None:
    box = Outbox(LIMIT, sends_chunks=sends_chunks, is_wbxml=False)
    box.put([command])
    with pytest.raises(Refusal, match="has no room") as caught:
        box.take((FIRST,), lambda some: bytes_of(some, is_wbxml=False))
    assert reason in caught.value.reason


# --- in a session -------------------------------------------------------------------------------

BIG = "".join(f"<{number}&>" for number in range(1200))
ESCAPED = BIG.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def asks_for_big(*, final: str = "<Final/>") -> Turn:
    return reply(
        accepted() + write(DMID, ESCAPED) + get("5", DMID) + get("6", "./DevInfo/Man"),
        cred=server_cred(),
        final=final,
    )


def session(*turns: Turn) -> tuple[DmScript, SessionOutcome]:
    server = script(*turns)
    return server, talk(server, phone_as("win10", max_message_bytes=LIMIT))


def test_a_pc_sends_a_large_value_in_chunks() -> None:
    server, outcome = session(asks_for_big(), *following())
    assert all(len(request.body or b"") <= LIMIT for request in server.requests)
    for received in server.received:
        assert received.root.findtext(".//{syncml:metinf}MaxMsgSize") == str(LIMIT)
    first, *more, last = server.received[1:]
    assert first.statuses() == [
        ("SyncHdr", "0", "212"),
        ("Replace", "4", "200"),
        ("Get", "5", "200"),
        ("Get", "6", "200"),
    ]
    for received in (*more, last):
        assert received.statuses() == [("SyncHdr", "0", "212"), ("Alert", "70", "200")]
    pieces = [
        item
        for received in server.received
        for item in received.root.iterfind(".//{*}Results/{*}Item")
        if item.findtext("{*}Source/{*}LocURI") == DMID
    ]
    assert "".join(piece.findtext("{*}Data") or "" for piece in pieces) == BIG
    assert [size_of(piece) for piece in pieces] == [str(len(BIG)), *[None] * (len(pieces) - 1)]
    assert [piece.find("{*}MoreData") is not None for piece in pieces] == [
        *[True] * (len(pieces) - 1),
        False,
    ]
    assert len(pieces) > 5
    assert not any(is_final(received) for received in (first, *more))
    assert is_final(last)
    assert last.results()["./DevInfo/Man"] == "VMware, Inc."
    refs = [
        one.findtext("{*}CmdRef")
        for received in server.received
        for one in received.root.iter("{SYNCML:SYNCML1.2}Results")
    ]
    assert refs == [*["5"] * len(pieces), "6"]
    assert outcome.messages == len(server.received)


def chunks_of(*turns: Turn) -> DmScript:
    server, _outcome = session(*turns)
    return server


def test_a_chunk_that_is_not_wanted_is_the_last() -> None:
    def too_large(received: Received) -> Response:
        ref = received.root.findtext(".//{*}Results/{*}CmdID") or ""
        return reply(OK + status("Results", ref, "413") + alert("1222"), final="")(received)

    server = chunks_of(asks_for_big(), too_large, LAST)
    assert server.received[2].results() == {"./DevInfo/Man": "VMware, Inc."}
    assert is_final(server.received[2])


def test_no_end_of_data_ends_the_object_too() -> None:
    lost = reply(OK + alert("1225", "71") + alert("1222"), final="")
    server = chunks_of(asks_for_big(), lost, LAST)
    assert server.received[2].results() == {"./DevInfo/Man": "VMware, Inc."}
    assert server.received[2].statuses()[1:] == [("Alert", "71", "200"), ("Alert", "70", "200")]


def refused(*turns: Turn) -> Refusal:
    with pytest.raises(Refusal) as caught:
        session(*turns)
    return caught.value


def test_a_chunk_wants_its_213() -> None:
    error = refused(asks_for_big(), NEXT)
    assert_refusal(error, "management", "SyncBody/Status", "no Status 213 for the chunk")


def test_a_chunk_of_a_package_that_the_server_has_not_closed() -> None:
    """The device closes its package only behind the server's."""
    server = chunks_of(
        asks_for_big(final=""),
        *following(asked=reply(OK + get("7", "./DevInfo/Mod"))),
    )
    before, last = server.received[-2:]
    assert alerts_of(before) == ["1222"]
    assert not any(is_final(received) for received in server.received[1:-1])
    assert last.statuses()[1:] == [("Get", "7", "200")]
    assert is_final(last)


def test_chunks_over_wbxml_stay_within_the_limit() -> None:
    server = ours()
    server.turns = [asks_for_big(), *following()]
    phone = phone_as("win10", max_message_bytes=LIMIT)
    phone = replace(phone, account=replace(phone.account, encoding=MEDIA[True]))
    run(sync(phone, random=counted_random()), server)
    assert all(len(request.body or b"") <= LIMIT for request in server.requests)
    found = "".join(
        item.findtext("{*}Data") or ""
        for received in server.received
        for item in received.root.iterfind(".//{*}Results/{*}Item")
        if item.findtext("{*}Source/{*}LocURI") == DMID
    )
    assert found == BIG


def test_older_devices_send_it_whole_and_name_no_size() -> None:
    uri = ADDRESS
    server = script(
        reply(accepted() + write(uri, "x" * 600_000) + get("5", uri), cred=server_cred()), LAST
    )
    talk(server, phone_as("win81"))
    item = results_item(server.received[1])
    assert len(item.findtext("{*}Data") or "") == 600_000
    assert item.find("{*}MoreData") is None
    assert not list(server.received[0].root.iter("{syncml:metinf}MaxMsgSize"))


def test_a_pc_names_what_it_takes() -> None:
    server = script(reply(accepted() + get("4", "./DevInfo/Man"), cred=server_cred()), LAST)
    talk(server, phone_as("win10"))
    for received in server.received:
        header = received.root.find("{*}SyncHdr/{*}Meta/{syncml:metinf}MaxMsgSize")
        assert header is not None
        assert header.text == "524288"
