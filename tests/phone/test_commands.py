"""Commands on the tree: statuses, results, Atomic and Sequence."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mdmcore.phone.commands import (
    Abilities,
    Answered,
    Executor,
    abilities_of,
    decline,
    execute,
    is_work,
)
from mdmcore.phone.tree import Behaviour, DeviceTree, Outcome
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Command,
    Container,
    Cred,
    Item,
    Meta,
    Results,
    Status,
    UnknownCommand,
)
from tests.phone.dm_script import LAST, accepted, get, reply, script, server_cred
from tests.phone.scripted import enrolled, enrolled_with, settings
from tests.phone.session_script import following, phone_as, talk, write

DMID = "./Vendor/MSFT/DMClient/Provider/ExampleMDM/EntDMID"


CRED = Cred(type="syncml:auth-basic", format="b64", data="YTpi")


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
        (Alert(cmd_id="4", code="1225"), 200),
        (Alert(cmd_id="4", code="1100"), 406),
        (UnknownCommand(name="Put", cmd_id="4"), 406),
        (UnknownCommand(name="Put", cmd_id=""), 400),
        (UnknownCommand(name="Sync", cmd_id="4"), 406),
        (UnknownCommand(name="Gett", cmd_id="4"), 400),
        (Command(name="Get", cmd_id="4", cred=CRED, items=(Item(target="./DevInfo"),)), 400),
        (Alert(cmd_id="4", code="1222", cred=CRED), 400),
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


# --- what differs between devices, and what else can go wrong -----------------------------------

PC = Abilities(answers_get_in_atomic=False)


def test_what_a_device_can_do_is_said_by_its_profile() -> None:
    assert abilities_of(settings()) == Abilities()
    pc = abilities_of(settings(profile="win10"))
    assert (pc.takes_large_objects, pc.answers_get_in_atomic) == (True, False)
    assert not abilities_of(settings(profile="win81")).answers_get_in_atomic
    assert abilities_of(settings(profile="wp81")).answers_get_in_atomic


@pytest.mark.parametrize(("profile", "told"), [("wp8", "true"), ("win10", "false")])
def test_a_device_takes_large_objects_as_it_says(profile: str, told: str) -> None:
    device = settings(profile=profile, details={"large_objects": told})
    assert abilities_of(device).takes_large_objects is (told == "true")


def test_pcs_answer_no_get_inside_an_atomic() -> None:
    tree = DeviceTree(enrolled())
    given = atomic(GOOD, LATER, command("Replace", DMID, "Y", cmd_id="6"))
    answered = execute((given,), tree, abilities=PC)
    assert [(part.cmd_id, part.code) for part in answered] == [
        ("1", 507),
        ("2", 216),
        ("5", 500),
        ("6", 215),
    ]
    assert not any(part.results for part in answered)
    assert tree.get(DMID).value == "DEVICE-0001"
    assert [part.code for part in execute((sequence(LATER),), tree, abilities=PC)] == [200, 200]


class Stuck(DeviceTree):
    """A tree that cannot go back."""

    def restore(self, state: object) -> bool:
        return False

    def can_restore(self, state: object) -> bool:
        return False


def test_what_cannot_be_undone_is_516() -> None:
    tree = Stuck(enrolled())
    assert codes(atomic(GOOD, BAD, LATER), tree=tree) == [
        ("1", 507),
        ("2", 516),
        ("3", 404),
        ("5", 215),
    ]
    assert tree.get(DMID).value == "X"


def test_an_atomic_whose_answer_has_no_room_is_undone_with_517() -> None:
    tree = DeviceTree(enrolled())
    asked: list[int] = []

    def fits(answered: Sequence[Answered]) -> bool:
        asked.append(len(answered))
        return len(answered) < 3

    executor = Executor(tree, Abilities(), fits)
    answered = executor.execute((atomic(GOOD, LATER), sequence(GOOD, LATER, LATER)))
    assert [part.code for part in answered[:3]] == [517, 216, 216]
    assert not any(part.results for part in answered[:3])
    assert [part.code for part in answered[3:]] == [200] * 4
    assert asked == [3]
    tree = DeviceTree(enrolled())
    Executor(tree, Abilities(), fits).execute((atomic(GOOD, LATER),))
    assert tree.get(DMID).value == "DEVICE-0001"


def test_a_sequence_in_an_atomic_is_undone_as_far_as_it_went() -> None:
    tree = DeviceTree(enrolled())
    inner = Container(name="Sequence", cmd_id="7", commands=(GOOD, BAD))
    assert codes(atomic(inner, LATER), tree=tree) == [
        ("1", 507),
        ("7", 216),
        ("2", 216),
        ("3", 404),
        ("5", 215),
    ]
    assert tree.get(DMID).value == "DEVICE-0001"


def test_an_atomic_in_a_sequence_in_an_atomic_is_nested_too() -> None:
    inner = Container(name="Atomic", cmd_id="8", commands=(LATER,))
    middle = Container(name="Sequence", cmd_id="7", commands=(inner,))
    assert codes(atomic(middle)) == [("1", 507), ("7", 216), ("8", 500), ("5", 215)]


def test_an_item_that_worked_is_undone_beside_one_that_did_not() -> None:
    items = (Item(target=DMID, data="X"), Item(target="./Nowhere", data="Y"))
    both = Command(name="Replace", cmd_id="2", items=items)
    tree = DeviceTree(enrolled())
    answered = execute((atomic(both),), tree)
    assert [(part.target, part.code) for part in answered] == [
        (None, 507),
        (DMID, 216),
        ("./Nowhere", 404),
    ]
    assert tree.get(DMID).value == "DEVICE-0001"


class Executing(DeviceTree):
    """A tree on which everything can be executed."""

    def execute(self, uri: str, value: str | None, format: str | None = None) -> int:
        return 202


def test_each_child_without_cmdid_is_reported() -> None:
    """A row of 400s is what people see (F#15277)."""
    nameless = command("Replace", DMID, "X", cmd_id="")
    assert codes(atomic(nameless, nameless, GOOD, nameless)) == [
        ("1", 507),
        ("", 400),
        ("", 400),
        ("2", 215),
        ("", 400),
    ]


def test_an_exec_is_accepted_in_an_atomic() -> None:
    """EAM's sample has one, whatever DMREP says."""
    install = command("Exec", "./Vendor/MSFT/EnterpriseAppManagement/1/Download", "0", cmd_id="3")
    tree = Executing(enrolled())
    assert codes(atomic(GOOD, install), tree=tree) == [("1", 200), ("2", 200), ("3", 202)]
    assert codes(atomic(install, BAD), tree=tree) == [("1", 507), ("3", 216), ("3", 404)]


def test_unknown_elements_in_containers() -> None:
    unknown = UnknownCommand(name="Foo", cmd_id="3")
    given = Container(name="Atomic", cmd_id="1", commands=(GOOD, unknown))
    assert codes(given) == [("1", 507), ("2", 216), ("3", 400)]
    given = Container(name="Sequence", cmd_id="1", commands=(unknown, GOOD))
    assert codes(given) == [("1", 200), ("3", 400), ("2", 215)]


# --- as the server sees it ----------------------------------------------------------------------


def test_who_wants_no_status_gets_none_but_its_results() -> None:
    quiet = get("5", "./DevInfo/Man").replace("</CmdID>", "</CmdID><NoResp/>")
    body = accepted() + write(DMID, "X", no_resp=True) + quiet + get("6", DMID)
    server = script(reply(body, cred=server_cred()), LAST)
    outcome = talk(server, phone_as("wp8"))
    second = server.received[1]
    assert second.statuses() == [("SyncHdr", "0", "212"), ("Get", "6", "200")]
    assert second.results() == {"./DevInfo/Man": "NOKIA", DMID: "X"}
    assert [done.code for done in outcome.executed] == [200, 200, 200]


def test_noresp_in_the_header_is_for_all_commands() -> None:
    server = script(
        reply(accepted() + get("6", DMID), cred=server_cred(), header="<NoResp/>"), LAST
    )
    talk(server, phone_as("wp8"))
    assert server.received[1].statuses() == [("SyncHdr", "0", "212")]
    assert server.received[1].results() == {DMID: "DEVICE-0001"}


def test_a_missing_cmdid_is_answered_with_an_empty_cmdref() -> None:
    nameless = get("", "./DevInfo/Man").replace("<CmdID></CmdID>", "")
    server = script(reply(accepted() + nameless, cred=server_cred()), LAST)
    talk(server, phone_as("wp8"))
    assert server.received[1].statuses()[1] == ("Get", "", "400")
    assert "<CmdRef></CmdRef>" in (server.requests[1].body or b"").decode().replace(
        "<CmdRef/>", "<CmdRef></CmdRef>"
    )


def test_items_that_fare_differently_name_their_targets() -> None:
    both = (
        "<Get><CmdID>4</CmdID><Item><Target><LocURI>./DevInfo/Man</LocURI></Target></Item>"
        "<Item><Target><LocURI>./Nowhere</LocURI></Target></Item></Get>"
    )
    server = script(reply(accepted() + both, cred=server_cred()), LAST)
    talk(server, phone_as("wp8"))
    second = server.received[1]
    assert second.statuses()[1:] == [("Get", "4", "200"), ("Get", "4", "404")]
    targets = [one.text for one in second.root.iter("{SYNCML:SYNCML1.2}TargetRef")]
    assert targets == ["./DevInfo/Man", "./Nowhere"]


def test_an_atomic_with_more_statuses_than_a_message_holds_is_517() -> None:
    many = "".join(write(DMID, "X", cmd_id=str(number)) for number in range(10, 60))
    body = f"<Atomic><CmdID>9</CmdID>{many}</Atomic>" + get("70", DMID)
    quiet = body.replace("</CmdID><Item>", "</CmdID><NoResp/><Item>")
    for given, code, value in ((body, "517", "DEVICE-0001"), (quiet, "200", "X")):
        server = script(reply(accepted() + given, cred=server_cred()), *following())
        talk(server, phone_as("win10", max_message_bytes=4096))
        found = [one for received in server.received for one in received.statuses()]
        assert ("Atomic", "9", code) in found
        values = [one for received in server.received for one in received.results().items()]
        assert values == [(DMID, value)]
