"""Values in chunks, up and down, at the phone (ets.md 6); only Windows 10 has them."""

from __future__ import annotations

import pytest

from mdmcore.http import Request, Response
from mdmcore.phone import run, sync
from tests.ets import text as t
from tests.ets.scripted import LAST, Turn, ask, enrolled, first, hold, next_cred, then, turn
from tests.ets.text import Message
from tests.support.ets import PHONE
from tests.support.server import FixedClock, counted_random

ets = pytest.mark.ets

URI = "./Vendor/MSFT/DMClient/Provider/ExampleMDM/EntDMID"
SWV = "./DevDetail/SwV"
VALUE = "".join(f"{number:05}" for number in range(600))
PIECES = [VALUE[:1000], VALUE[1000:2000], VALUE[2000:]]


def piece(cmd_id: str, data: str, *, size: int | None = None, more: bool = True) -> str:
    """A Replace with a part of the value."""
    info = {"Format": "chr"} | ({} if size is None else {"Size": str(size)})
    return t.command("Replace", cmd_id, t.item(URI, data, info=t.meta(**info), more=more))


def sent_down(*pieces: str, rest: str = "") -> list[Turn]:
    """Turns with the pieces; only the last has Final."""
    head, *tail = pieces
    turns = [first(head, final=False)]
    turns += [turn(one, final=False) for one in tail[:-1]]
    return [*turns, turn(tail[-1] + rest)]


DOWN = [piece("5", PIECES[0], size=len(VALUE)), piece("6", PIECES[1]),
        piece("7", PIECES[2], more=False)]  # fmt: skip


@ets("DMX-402", PHONE)
def test_a_value_in_three_chunks() -> None:
    said, _ = hold(*sent_down(*DOWN, rest=t.get("8", URI)), LAST, profile="win10")
    assert [said[1].code("5"), said[2].code("6"), said[3].code("7")] == ["213", "213", "200"]
    assert [message.alerts for message in said[1:]] == [["1222"], ["1222"], []]
    assert [message.is_final for message in said[1:]] == [False, False, True]
    assert said[3].values == {URI: VALUE}


@ets("DMX-402", PHONE)
@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_a_phone_takes_no_chunks(profile: str) -> None:
    told = ask(piece("5", PIECES[0], size=len(VALUE)), t.get("8", URI), profile=profile)
    assert told.code("5")[0] in "45"
    assert told.values.get(URI) != PIECES[0]


@ets("DMX-403", PHONE)
@pytest.mark.parametrize("size", [len(VALUE) - 1, len(VALUE) + 1])
def test_a_size_that_does_not_agree(size: int) -> None:
    before = ask(t.get("8", URI), profile="win10").values
    pieces = [piece("5", PIECES[0], size=size), *DOWN[1:]]
    said, _ = hold(*sent_down(*pieces, rest=t.get("8", URI)), LAST, profile="win10")
    codes = [said[1].code("5"), said[2].code("6"), said[3].code("7")]
    assert codes[0] == "213"
    assert codes[-1] == "424"
    assert said[3].values == before


@ets("DMX-404", PHONE)
def test_something_new_before_the_end() -> None:
    before = ask(t.get("8", URI), profile="win10").values
    said, _ = hold(first(DOWN[0], final=False), turn(t.get("8", URI)), LAST, profile="win10")
    assert said[1].code("5") == "213"
    assert "1225" in said[2].alerts
    (alert,) = [e for e in said[2].commands if t.text(e, "Data") == "1225"]
    assert URI in {t.text(alert, "Item/Source/LocURI"), t.text(alert, "Item/Target/LocURI")}
    assert said[2].values == before


@ets("DMX-404", PHONE)
def test_another_item_in_the_same_command() -> None:
    two = t.command(
        "Replace",
        "5",
        t.item(URI, PIECES[0], info=t.meta(Format="chr", Size=str(len(VALUE))), more=True),
        t.item("./Vendor/MSFT/DMClient/Provider/ExampleMDM/UPN", "a@b.test"),
    )
    before = ask(t.get("8", URI), profile="win10").values
    said, _ = hold(first(two, final=False), turn(t.get("8", URI)), LAST, profile="win10")
    assert "1225" in said[1].alerts + said[2].alerts
    assert said[2].values == before


class Receiver:
    """Takes the phone's Results in chunks and answers each by the book."""

    def __init__(self, get: str = "8") -> None:
        self.get = get
        self.pieces: list[tuple[str, bool, str]] = []
        self.messages: list[Message] = []

    def take(self, received: Message) -> str:
        """The Statuses for what came: 213 for a chunk."""
        self.messages.append(received)
        told = ""
        for number, results in enumerate(received.body.iterfind("{*}Results"), start=700):
            assert t.text(results, "CmdRef") == self.get
            item = results.find("{*}Item")
            assert item is not None
            more = item.find("{*}MoreData") is not None
            size = t.text(item, "Meta/Size") or t.text(results, "Meta/Size")
            self.pieces.append((t.text(item, "Data"), more, size))
            if more:
                ref = t.text(results, "CmdID")
                told += t.status(str(number), received.msg_id, ref, "Results", "213")
        return told

    def __call__(self, received: Message, request: Request) -> Response:
        told = self.take(received)
        if received.is_final:
            return turn(told)(received, request)
        return turn(told + t.alert("800", "1222"), final=False)(received, request)


@ets("DMX-401", PHONE)
@pytest.mark.parametrize("limit", [4096, 16384])
def test_an_upload_in_chunks(limit: int) -> None:
    value = "".join(f"{number:07}" for number in range(6000))
    phone = enrolled("win10", max_message_bytes=limit)
    _, outcome = hold(first(t.replace("5", URI, value)), LAST, phone=phone)
    assert outcome.phone.nonce_s2c is not None
    receiver = Receiver()
    sizes: list[int] = []

    def server(request: Request) -> Response:
        sizes.append(len(request.body or b""))
        received = Message(request.body or b"")
        if len(sizes) == 1:
            opening = first(t.get("8", URI), cred=next_cred(outcome.phone))
            return opening(received, request)
        assert len(sizes) < 60
        return receiver(received, request)

    run(sync(outcome.phone, random=counted_random("up"), clock=FixedClock()), server)
    assert "".join(data for data, _, _ in receiver.pieces) == value
    assert len(receiver.pieces) >= 3
    assert [more for _, more, _ in receiver.pieces][-1] is False
    assert all(more for _, more, _ in receiver.pieces[:-1])
    wanted = [str(len(value))] + [""] * (len(receiver.pieces) - 1)
    assert [size for _, _, size in receiver.pieces] == wanted
    assert max(sizes) <= limit
    finals = [message.is_final for message in receiver.messages if message.values]
    assert finals == [False] * (len(finals) - 1) + [True]


@ets("DMX-401", PHONE)
@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_a_phone_sends_everything_in_one_piece(profile: str) -> None:
    value = "x" * 30_000
    _, outcome = hold(first(t.replace("5", URI, value)), LAST, profile=profile)
    told, _ = then(outcome.phone, t.get("8", URI))
    assert told.values == {URI: value}
    assert told.root.find(".//{*}MoreData") is None
    assert told.is_final
