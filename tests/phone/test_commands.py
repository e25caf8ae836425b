"""Commands on the tree: statuses, results, Atomic and Sequence."""

from __future__ import annotations

import pytest

from mdmcore.phone.commands import Answered, decline, execute, is_work
from mdmcore.phone.tree import DeviceTree
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Command,
    Container,
    Item,
    Meta,
    Results,
    Status,
    UnknownCommand,
)
from tests.phone.scripted import enrolled, enrolled_with

DMID = "./Vendor/MSFT/DMClient/Provider/ExampleMDM/EntDMID"


def command(name: str, uri: str, data: str | None = None, cmd_id: str = "4") -> Command:
    return Command(name=name, cmd_id=cmd_id, items=(Item(target=uri, data=data),))


def codes(*commands: AnyCommand, tree: DeviceTree | None = None) -> list[tuple[str, int]]:
    answered = execute(commands, tree or DeviceTree(enrolled()))
    return [(part.cmd_id, part.code) for part in answered]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (command("Get", "./DevInfo/Man"), 200),
        (command("Get", "./Nowhere"), 404),
        (command("Replace", DMID, "X"), 200),
        (command("Replace", DMID), 412),
        (command("Add", DMID, "X"), 418),
        (command("Delete", "./DevInfo/Man"), 405),
        (command("Exec", "./Nowhere", "1"), 404),
        (command("Exec", "./DevInfo/Man", "1"), 405),
        (command("Copy", "./DevInfo/Man"), 406),
        (command("Get", "./DevInfo/Man", cmd_id=""), 400),
        (command("Get", ""), 412),
        (Command(name="Get", cmd_id="4"), 412),
        (Alert(cmd_id="4", code="1222"), 200),
        (Alert(cmd_id="4", code="1100"), 406),
        (UnknownCommand(name="Put", cmd_id="4"), 406),
        (UnknownCommand(name="Put", cmd_id=""), 400),
        (
            Command(
                name="Replace",
                cmd_id="4",
                items=(Item(target=DMID, data="X", more_data=True),),
            ),
            406,
        ),
        (
            Command(
                name="Replace",
                cmd_id="4",
                meta=Meta(format="int"),
                items=(Item(target=DMID, data="X"),),
            ),
            415,
        ),
    ],
)
def test_one_command_one_status(given: AnyCommand, code: int) -> None:
    assert [found for _, found in codes(given)] == [code]


def test_statuses_and_results_are_not_answered() -> None:
    status = Status(cmd_id="1", msg_ref="1", cmd_ref="0", cmd="SyncHdr", data="200")
    assert codes(status, Results(cmd_id="2")) == []
    assert not is_work(status)
    assert is_work(Alert(cmd_id="1"))


def test_a_get_of_several_nodes_has_one_status_when_all_are_alike() -> None:
    items = (Item(target="./DevInfo/Man"), Item(target="./DevInfo/Mod"))
    (answered,) = execute((Command(name="Get", cmd_id="4", items=items),), DeviceTree(enrolled()))
    assert (answered.code, answered.target) == (200, None)
    assert [item.data for item in answered.results] == ["NOKIA", "Lumia 820"]


def test_targets_that_fare_differently_have_a_status_each() -> None:
    items = (Item(target="./DevInfo/Man"), Item(target="./Nowhere"))
    answered = execute((Command(name="Get", cmd_id="4", items=items),), DeviceTree(enrolled()))
    assert [(part.target, part.code) for part in answered] == [
        ("./DevInfo/Man", 200),
        ("./Nowhere", 404),
    ]


def test_results_name_the_format() -> None:
    (answered,) = execute((command("Get", "./DevInfo"),), DeviceTree(enrolled()))
    assert answered.results == (
        Item(source="./DevInfo", meta=Meta(format="node"), data="DevId/Man/Mod/DmV/Lang"),
    )


def test_an_element_in_a_wrong_namespace_makes_its_command_415() -> None:
    given = Command(
        name="Replace",
        cmd_id="4",
        items=(Item(target=DMID, data="X"),),
        place="/SyncML/SyncBody/Replace",
    )
    tree = DeviceTree(enrolled())
    place = "/SyncML/SyncBody/Replace/Item/Meta/Type"
    (answered,) = execute((given,), tree, unreadable=(place,))
    assert answered.code == 415
    assert tree.get(DMID).value == "DEVICE-0001"


def atomic(*commands: Command | Container | Alert) -> Container:
    return Container(name="Atomic", cmd_id="1", commands=commands)


def sequence(*commands: Command | Container | Alert) -> Container:
    return Container(name="Sequence", cmd_id="1", commands=commands)


GOOD = command("Replace", DMID, "X", cmd_id="2")
BAD = command("Get", "./Nowhere", cmd_id="3")
LATER = command("Get", "./DevInfo/Man", cmd_id="5")


def test_an_atomic_that_works_is_done_and_its_get_is_answered() -> None:
    tree = DeviceTree(enrolled())
    answered = execute((atomic(GOOD, LATER),), tree)
    assert [(part.cmd_id, part.code) for part in answered] == [("1", 200), ("2", 200), ("5", 200)]
    assert answered[2].results
    assert tree.get(DMID).value == "X"


def test_an_atomic_that_fails_is_undone() -> None:
    tree = DeviceTree(enrolled())
    assert codes(atomic(GOOD, BAD, LATER), tree=tree) == [
        ("1", 507),
        ("2", 216),
        ("3", 404),
        ("5", 215),
    ]
    assert tree.get(DMID).value == "DEVICE-0001"


def test_an_atomic_in_an_atomic_fails_both() -> None:
    inner = Container(name="Atomic", cmd_id="7", commands=(LATER,))
    assert codes(atomic(inner)) == [("1", 507), ("7", 500), ("5", 215)]


def test_add_and_replace_of_one_node_do_not_share_an_atomic() -> None:
    parm = '<parm name="EntDMID" value="DEVICE-0001" datatype="string"/>'
    tree = DeviceTree(enrolled_with((parm, "")))
    add = command("Add", DMID, "A", cmd_id="2")
    change = command("Replace", DMID, "B", cmd_id="3")
    assert codes(atomic(add, change), tree=tree) == [("1", 507), ("2", 216), ("3", 500)]
    assert tree.get(DMID).code == 404


def test_commands_without_cmdid_inside_an_atomic() -> None:
    assert codes(atomic(command("Get", "./DevInfo/Man", cmd_id=""))) == [("1", 507), ("", 400)]


def test_a_sequence_stops_at_the_first_failure() -> None:
    assert codes(sequence(GOOD, BAD, LATER)) == [("1", 200), ("2", 200), ("3", 404), ("5", 215)]


def test_a_sequence_may_hold_an_atomic() -> None:
    inner = Container(name="Atomic", cmd_id="7", commands=(BAD,))
    assert codes(sequence(inner, LATER)) == [("1", 200), ("7", 507), ("3", 404), ("5", 215)]


def test_a_container_without_cmdid_is_not_entered() -> None:
    container = Container(name="Sequence", cmd_id="", commands=(GOOD,))
    tree = DeviceTree(enrolled())
    assert codes(container, tree=tree) == [("", 400), ("2", 400)]
    assert tree.get(DMID).value == "DEVICE-0001"


def test_declining_answers_everything_and_executes_nothing() -> None:
    answered = decline((atomic(GOOD), LATER), 401)
    assert [(part.cmd_id, part.code) for part in answered] == [("1", 401), ("2", 401), ("5", 401)]
    assert answered[2] == Answered(cmd_id="5", name="Get", code=401, uris=("./DevInfo/Man",))
