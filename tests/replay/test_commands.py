"""Commands of two servers beside each other, and what a device once said to them."""

from __future__ import annotations

from mdmcore.http import Exchange, Request
from mdmcore.replay.commands import (
    Book,
    SentCommand,
    matched,
    sent_commands,
    unknown_answer,
    urls_in,
)
from mdmcore.rules.decoded import BodySide, Decoded, Kind
from mdmcore.rules.scene import Scene
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Command,
    Container,
    Item,
    Results,
    Status,
    SyncHdr,
    SyncML,
)


def plain(text: str) -> str:
    return text


def message(msg_id: str, *commands: AnyCommand) -> SyncML:
    header = SyncHdr(session_id="1", msg_id=msg_id, target="t", source="s")
    return SyncML(header=header, commands=commands)


def get(cmd_id: str, uri: str) -> Command:
    return Command(name="Get", cmd_id=cmd_id, items=(Item(target=uri),))


def scene(asked: SyncML, answered: SyncML | None) -> Scene:
    exchange = Exchange(
        id="a", index=1, capture="a", request=Request(method="POST", url="https://a.test/")
    )
    response = None if answered is None else BodySide(part="response", syncml=answered)
    decoded = Decoded(
        kind=Kind.SYNCML, request=BodySide(part="request", syncml=asked), response=response
    )
    return Scene(exchange=exchange, decoded=decoded)


def test_equal_commands_meet_in_their_order() -> None:
    old = sent_commands(message("1", get("2", "./A"), get("3", "./B"), get("4", "./A")), plain)
    new = sent_commands(message("7", get("1", "./B"), get("2", "./A"), get("3", "./C")), plain)
    found = matched(old, new)
    pairs = [(one.reference, other.reference) for one, other in found.pairs]
    assert pairs == [(("1", "3"), ("7", "1")), (("1", "2"), ("7", "2"))]
    assert [one.words for one in found.only_new] == ["Get ./C"]


def test_what_a_container_holds_is_told_apart() -> None:
    atomic = Container(name="Atomic", cmd_id="2", commands=(get("3", "./A"),))
    status = Status(cmd_id="1", msg_ref="1", cmd_ref="0", cmd="SyncHdr", data="212")
    alert = Alert(cmd_id="4", code="1222")
    sent = sent_commands(message("1", status, atomic, alert), plain)
    assert [one.words for one in sent] == ["Atomic", "Get ./A", "Alert 1222"]


def book() -> Book:
    first = message(
        "1", Command(name="Replace", cmd_id="2", items=(Item(source="./DevInfo/Man", data="N"),))
    )
    said = message(
        "2",
        Status(cmd_id="1", msg_ref="9", cmd_ref="0", cmd="SyncHdr", data="212"),
        Status(cmd_id="2", msg_ref="9", cmd_ref="5", cmd="Get", data="200"),
        Results(cmd_id="3", msg_ref="9", cmd_ref="5", items=(Item(source="./A", data="x"),)),
    )
    return Book([scene(first, message("9", get("5", "./A"))), scene(said, None)], plain)


def one(uri: str, name: str = "Get") -> SentCommand:
    command = Command(name=name, cmd_id="1", items=(Item(target=uri),))
    (sent,) = sent_commands(message("3", command), plain)
    return sent


def test_the_book_knows_what_was_said() -> None:
    for _ in range(2):  # again and again
        reply = book().reply(one("./A"))
        assert reply is not None
        assert [said.data for said in reply.statuses] == ["200"]
        assert [given.items[0].data for given in reply.results] == ["x"]


def test_the_book_knows_what_the_device_told_by_itself() -> None:
    reply = book().reply(one("./DevInfo/Man"))
    assert reply is not None
    assert reply.results[0].items[0].data == "N"
    assert book().reply(one("./DevInfo/Man", "Replace")) is None
    assert book().reply(one("./Other")) is None


def test_what_a_device_does_not_know() -> None:
    assert unknown_answer(one("./Other")) == "404"
    assert unknown_answer(one("./Other", "Exec")) == "406"
    (alert,) = sent_commands(message("1", Alert(cmd_id="1", code="1100")), plain)
    assert unknown_answer(alert) == "200"


def test_web_addresses_in_data() -> None:
    data = "<MsiInstallJob><ContentURL>https://a.test/x.msi</ContentURL></MsiInstallJob>"
    command = Command(name="Exec", cmd_id="1", items=(Item(target="./M", data_xml=data),))
    assert urls_in(command) == ["https://a.test/x.msi"]
    assert urls_in(Container(name="Atomic", cmd_id="1")) == []
