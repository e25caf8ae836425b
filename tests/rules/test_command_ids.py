"""Rules on the CmdIDs within one message."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.syncml.model import Alert, AnyCommand, Command, Container, Item, UnknownCommand
from tests.support.story import (
    GET,
    Story,
    answer,
    device_cred,
    package1,
    rules_of,
)

FIRST = package1(cred=device_cred())


def command(cmd_id: str, name: str = "Get") -> Command:
    return Command(name=name, cmd_id=cmd_id, items=(Item(target="./DevDetail/SwV"),))


def told(*commands: AnyCommand) -> Story:
    story = Story("wp8").enrolled()
    story.sync(FIRST, answer("1", "212", "1", *commands))
    return story


def rules_told(*commands: AnyCommand) -> set[str]:
    return rules_of(told(*commands).inspector.findings())


@pytest.mark.parametrize("cmd_ids", [("5", "6"), ("05", "5"), ("144-1", "144-2"), ("00", "a")])
def test_different_ids_of_any_form(cmd_ids: tuple[str, str]) -> None:
    assert rules_told(*map(command, cmd_ids)) == set()


# --- duplicate-cmdid


def test_one_id_twice() -> None:
    (found,) = told(GET, command("5", "Exec")).inspector.findings()
    assert (found.rule, found.severity, found.count) == ("duplicate-cmdid", "error", 1)
    (place,) = found.places
    assert place.where == {"part": "response", "xpath": "/SyncML/SyncBody/Exec/CmdID"}
    assert place.evidence == "5"


def test_an_id_of_the_container_in_the_container() -> None:
    atomic = Container(name="Atomic", cmd_id="5", commands=(command("5", "Add"),))
    (found,) = told(atomic).inspector.findings()
    assert found.rule == "duplicate-cmdid"
    assert found.places[0].where["xpath"] == "/SyncML/SyncBody/Atomic/Add/CmdID"


def test_a_devices_message_is_looked_at_too() -> None:
    twice = replace(FIRST, commands=(*FIRST.commands, Alert(cmd_id="3", code="1222")))
    found = Story("wp8").enrolled().sync(twice, answer("1", "212")).findings
    assert rules_of(found) >= {"duplicate-cmdid"}
    place = next(f for f in found if f.rule == "duplicate-cmdid").places[0]
    assert place.where["part"] == "request"


# --- cmdid-zero


def test_an_id_of_zero() -> None:
    (found,) = told(command("0")).inspector.findings()
    assert (found.rule, found.severity) == ("cmdid-zero", "error")
    assert found.places[0].where == {"part": "response", "xpath": "/SyncML/SyncBody/Get/CmdID"}
    assert found.places[0].evidence == "0"


def test_zero_twice_is_one_mistake() -> None:
    found = {f.rule: f for f in told(command("0"), command("0")).inspector.findings()}
    assert found.keys() == {"cmdid-zero", "duplicate-cmdid"}
    assert found["cmdid-zero"].count == 2
    assert found["duplicate-cmdid"].caused_by == ("cmdid-zero",)


# --- missing-cmdid


def test_no_id_inside_atomic() -> None:
    atomic = Container(name="Atomic", cmd_id="5", commands=(command("", "Add"), command("6")))
    findings = told(atomic).inspector.findings()
    (found,) = (finding for finding in findings if finding.rule == "missing-cmdid")
    assert found.severity == "error"
    where = {"part": "response", "xpath": "/SyncML/SyncBody/Atomic/Add"}
    assert (found.places[0].where, found.places[0].evidence) == (where, "Add")


def test_several_without_an_id_are_no_duplicates() -> None:
    (found,) = told(command(""), command("", "Exec")).inspector.findings()
    assert (found.rule, found.count) == ("missing-cmdid", 2)


def test_what_is_no_command_is_another_matter() -> None:
    assert "missing-cmdid" not in rules_told(UnknownCommand(name="Sync", cmd_id=""))
