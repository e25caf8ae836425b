"""Commands on the tree: statuses, results, Atomic and Sequence."""

from __future__ import annotations

import pytest

from mdmcore.phone.commands import Answered, decline, execute, is_work
from mdmcore.phone.tree import Behaviour, DeviceTree, Outcome
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


def test_results_say_format_and_type_only_where_they_are_not_the_usual_ones() -> None:
    tree = DeviceTree(enrolled())
    (answered,) = execute((command("Get", "./DevInfo/Man"),), tree)
    assert answered.results == (Item(source="./DevInfo/Man", data="NOKIA"),)
    (answered,) = execute((command("Get", "./DevDetail/LrgObj"),), tree)
    assert answered.results[0].meta == Meta(format="bool")
    assert tree.replace(DMID, "X", "chr", "text/xml") == 200
    (answered,) = execute((command("Get", DMID),), tree)
    assert answered.results[0].meta == Meta(format="chr", type="text/xml")


def test_a_branch_has_an_item_for_each_node() -> None:
    uri = "./Vendor/MSFT/CertificateStore/ROOT?list=StructData"
    (answered,) = execute((command("Get", uri),), DeviceTree(enrolled()))
    root, system, branch, *leaves = answered.results
    assert (root.source, root.meta, root.data) == (uri[:-16], Meta(format="node"), None)
    assert system.source == f"{root.source}/System"
    assert branch.data is None
    encoded = next(item for item in leaves if (item.source or "").endswith("EncodedCertificate"))
    assert (encoded.meta, encoded.is_binary) == (Meta(format="b64"), True)


def test_the_type_of_a_value_comes_from_its_item_or_the_command() -> None:
    image = Meta(type="image/png")
    item = Item(target=DMID, data="X", meta=Meta(format="chr"))
    both = Command(name="Replace", cmd_id="4", meta=image, items=(item,))
    assert codes(both) == [("4", 415)]
    own = Item(target=DMID, data="X", meta=Meta(type="text/plain"))
    assert codes(Command(name="Replace", cmd_id="4", meta=image, items=(own,))) == [("4", 200)]


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


def test_an_atomic_that_cannot_be_undone_says_so() -> None:
    gone = Behaviour(csp="RemoteWipe", execute=lambda *_given: Outcome(is_irreversible=True))
    tree = DeviceTree(enrolled(), behaviours=[gone])
    wipe = command("Exec", "./Vendor/MSFT/RemoteWipe/doWipe", cmd_id="6")
    assert codes(atomic(GOOD, wipe, BAD, LATER), tree=tree) == [
        ("1", 507),
        ("2", 216),
        ("6", 516),
        ("3", 404),
        ("5", 215),
    ]
    assert tree.get(DMID).value == "DEVICE-0001"
    assert codes(atomic(GOOD, BAD), tree=tree) == [("1", 507), ("2", 216), ("3", 404)]


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
