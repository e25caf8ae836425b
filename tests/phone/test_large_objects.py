"""Values in chunks from the server: put together, refused, and left without an end."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.http import Response
from mdmcore.phone import run, sync
from mdmcore.phone.large_objects import MAX_OBJECT_BYTES, Assembly
from mdmcore.syncml.model import Command, Item, Meta
from tests.phone.dm_script import LAST, Received, accepted, get, reply, script, server_cred
from tests.phone.session_script import (
    ADDRESS,
    DMID,
    OK,
    alert,
    alerts_of,
    is_final,
    phone_as,
    talk,
    write,
)
from tests.phone.test_encodings import ours
from tests.support.server import counted_random

REPLACE = Command(name="Replace", cmd_id="4")


def chunk(
    data: str, *, size: int | None = None, more: bool = True, is_binary: bool = False
) -> Item:
    meta = None if size is None else Meta(format="chr", type="text/plain", size=str(size))
    return Item(target="./x", meta=meta, data=data, more_data=more, is_binary=is_binary)


@given(pieces=st.lists(st.text(max_size=5), min_size=2, max_size=6))
def test_pieces_at_any_boundary_are_the_value(pieces: list[str]) -> None:
    whole = "".join(pieces)
    assembly = Assembly()
    first = chunk(pieces[0], size=len(whole.encode()))
    assert assembly.take(REPLACE, first) == 213
    for piece in pieces[1:-1]:
        assert assembly.take(REPLACE, chunk(piece)) == 213
    item = assembly.take(REPLACE, chunk(pieces[-1], more=False))
    assert item == Item(
        target="./x", meta=Meta(format="chr", type="text/plain"), data=whole, more_data=False
    )
    assert assembly.lost() == ()


def test_bytes_of_wbxml_are_counted_as_bytes() -> None:
    assembly = Assembly()
    parts = [base64.b64encode(part).decode() for part in (b"\x00\xff", b"abcd", b"!")]
    assert assembly.take(REPLACE, chunk(parts[0], size=7, is_binary=True)) == 213
    assert assembly.take(REPLACE, chunk(parts[1], is_binary=True)) == 213
    whole = assembly.take(REPLACE, chunk(parts[2], more=False, is_binary=True))
    assert isinstance(whole, Item)
    assert (whole.is_binary, base64.b64decode(whole.data or "")) == (True, b"\x00\xffabcd!")


def test_base64_in_xml_is_counted_as_text() -> None:
    assembly = Assembly()
    assert assembly.take(REPLACE, chunk("AAE", size=8)) == 213
    whole = assembly.take(REPLACE, chunk("CAwQ=", more=False))
    assert isinstance(whole, Item)
    assert whole.data == "AAECAwQ="


@pytest.mark.parametrize(
    ("pieces", "codes"),
    [
        ((("abc", True), ("de", False)), [213, 424]),
        ((("abc", True), ("defg", False)), [213, 424]),
        ((("abcdefg", True),), [424]),
    ],
)
def test_another_length_than_declared_is_424(
    pieces: tuple[tuple[str, bool], ...], codes: list[int]
) -> None:
    assembly = Assembly()
    sizes = [6, None, None]
    found = [
        assembly.take(REPLACE, chunk(text, size=size, more=more))
        for (text, more), size in zip(pieces, sizes, strict=False)
    ]
    assert found == codes


@pytest.mark.parametrize(
    ("size", "code"), [(None, 411), ("", 411), ("x", 411), ("-1", 411), (MAX_OBJECT_BYTES + 1, 413)]
)
def test_a_first_chunk_needs_a_size_that_can_be(size: object, code: int) -> None:
    meta = None if size is None else Meta(size=str(size))
    item = Item(target="./x", meta=meta, data="a", more_data=True)
    assembly = Assembly()
    assert assembly.take(REPLACE, item) == code
    assert not assembly.continues(REPLACE, chunk("b"))


def test_the_size_may_stand_in_the_commands_meta() -> None:
    command = Command(name="Add", cmd_id="4", meta=Meta(size="2"))
    assembly = Assembly()
    assert assembly.take(command, Item(target="./x", data="a", more_data=True)) == 213
    rest = Command(name="Add", cmd_id="5")
    assert assembly.take(rest, Item(target="./x", data="b")) == Item(target="./x", data="ab")


@pytest.mark.parametrize(
    ("command", "item"),
    [
        (REPLACE, Item(target="./y", data="b")),
        (Command(name="Add", cmd_id="5"), chunk("b", more=False)),
        (REPLACE, chunk("b", size=1)),
    ],
    ids=["target", "command", "begun again"],
)
def test_something_else_ends_it_with_1225(command: Command, item: Item) -> None:
    assembly = Assembly()
    assembly.take(REPLACE, chunk("a", size=2))
    assembly.take(command, item)
    (lost,) = assembly.lost()
    assert (lost.code, lost.items) == ("1225", (Item(target="./x"),))
    assert assembly.lost() == ()


# --- in a session -------------------------------------------------------------------------------

BIG = "0123456789" * 50


def test_a_pc_takes_a_value_in_three_messages() -> None:
    server = script(
        reply(
            accepted() + write(DMID, BIG[:200], size=500, more=True),
            cred=server_cred(),
            final="",
        ),
        reply(OK + write(DMID, BIG[200:400], more=True), final=""),
        reply(OK + write(DMID, BIG[400:], cmd_id="4") + get("5", DMID)),
        LAST,
    )
    outcome = talk(server, phone_as("win10"))
    _first, second, third, fourth = server.received
    for received in (second, third):
        assert received.statuses()[1] == ("Replace", "4", "213")
        assert alerts_of(received) == ["1222"]
        assert not is_final(received)
    assert fourth.statuses()[1:] == [("Replace", "4", "200"), ("Get", "5", "200")]
    assert fourth.results() == {DMID: BIG}
    assert is_final(fourth)
    assert [done.code for done in outcome.executed] == [213, 213, 200, 200]


def test_a_value_in_chunks_over_wbxml() -> None:
    server = ours()
    server.turns = [
        reply(
            accepted() + write(DMID, BIG[:300], size=500, more=True),
            cred=server_cred(),
            final="",
        ),
        reply(OK + write(DMID, BIG[300:]) + get("5", DMID)),
        LAST,
    ]
    phone = phone_as("win10")
    account = phone.account
    binary = "application/vnd.syncml.dm+wbxml"
    phone = replace(phone, account=replace(account, encoding=binary))
    run(sync(phone, random=counted_random()), server)
    assert server.received[2].results() == {DMID: BIG}


def test_a_wrong_size_is_not_kept() -> None:
    server = script(
        reply(
            accepted() + write(DMID, "NEW-", size=9, more=True),
            cred=server_cred(),
            final="",
        ),
        reply(OK + write(DMID, "ID") + get("5", DMID)),
        LAST,
    )
    talk(server, phone_as("win10"))
    assert server.received[2].statuses()[1:] == [("Replace", "4", "424"), ("Get", "5", "200")]
    assert server.received[2].results() == {DMID: "DEVICE-0001"}


def test_a_new_command_before_the_end() -> None:
    server = script(
        reply(
            accepted() + write(DMID, "NEW-", size=6, more=True),
            cred=server_cred(),
            final="",
        ),
        reply(OK + get("5", DMID)),
        LAST,
    )
    talk(server, phone_as("win10"))
    after = server.received[2]
    assert after.statuses() == [("SyncHdr", "0", "212"), ("Get", "5", "200")]
    assert after.results() == {DMID: "DEVICE-0001"}
    assert alerts_of(after) == ["1225"]
    (item,) = after.root.iterfind(".//{*}Alert/{*}Item")
    assert item.findtext("{*}Target/{*}LocURI") == DMID
    assert after.commands() == ["Status", "Status", "Results", "Alert", "Final"]


def test_an_alert_of_another_kind_is_a_new_command_too() -> None:
    server = script(
        reply(
            accepted() + write(DMID, "NEW-", size=6, more=True),
            cred=server_cred(),
            final="",
        ),
        reply(OK + alert("1100") + write(DMID, "ID")),
        LAST,
    )
    talk(server, phone_as("win10"))
    assert server.received[2].statuses()[1:] == [("Alert", "70", "406"), ("Replace", "4", "200")]
    assert alerts_of(server.received[2]) == ["1225"]


def test_a_package_that_closes_before_the_object_does() -> None:
    server = script(
        reply(accepted() + write(DMID, "NEW-", size=6, more=True), cred=server_cred()), LAST
    )
    talk(server, phone_as("win10"))
    assert server.received[1].statuses()[1] == ("Replace", "4", "213")
    assert alerts_of(server.received[1]) == ["1225"]
    assert is_final(server.received[1])


def test_a_chunk_without_size() -> None:
    server = script(
        reply(accepted() + write(DMID, "NEW-", more=True), cred=server_cred(), final=""),
        reply(OK + get("5", DMID)),
        LAST,
    )
    talk(server, phone_as("win10"))
    assert server.received[1].statuses()[1] == ("Replace", "4", "411")
    assert server.received[2].results() == {DMID: "DEVICE-0001"}


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81"])
def test_older_devices_take_no_chunks(profile: str) -> None:
    server = script(
        reply(
            accepted() + write(ADDRESS, "NEW-", size=6, more=True),
            cred=server_cred(),
            final="",
        ),
        LAST,
    )
    talk(server, phone_as(profile))
    assert server.received[1].statuses()[1] == ("Replace", "4", "406")


def test_a_server_that_is_not_believed_leaves_no_chunk() -> None:
    def proven(received: Received) -> Response:
        cred = server_cred(received.challenge() or b"")
        return reply(OK + write(DMID, "NEW-ID") + get("5", DMID), cred=cred)(received)

    begun = reply(accepted() + write(DMID, "NEW-", size=6, more=True), final="")
    server = script(begun, proven, LAST)
    talk(server, phone_as("win10"))
    assert server.received[1].statuses()[1] == ("Replace", "4", "407")
    assert server.received[2].results() == {DMID: "NEW-ID"}
    assert alerts_of(server.received[2]) == []
