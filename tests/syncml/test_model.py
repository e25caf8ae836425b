"""The message as values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.syncml.model import Chal, Command, Container, Meta, Status, SyncML
from tests.syncml.messages import EVERYTHING, HEADER, PACKAGE_2


def status(cmd: str, cmd_ref: str) -> Status:
    return Status(cmd_id="1", msg_ref="1", cmd_ref=cmd_ref, cmd=cmd, data="200")


def test_commands_are_found_by_kind() -> None:
    assert [found.cmd_id for found in PACKAGE_2.statuses] == ["1", "2", "3"]
    assert [found.code for found in EVERYTHING.alerts] == ["1226"]
    assert [found.cmd_ref for found in EVERYTHING.results] == ["4"]


def test_the_header_status_is_found_wherever_it_stands() -> None:
    message = SyncML(header=HEADER, commands=(status("Alert", "2"), status("SyncHdr", "0")))
    assert message.header_status is message.commands[1]
    assert SyncML(header=HEADER).header_status is None


@pytest.mark.parametrize(
    ("cmd", "cmd_ref", "expected"),
    [("SyncHdr", "0", True), ("SyncHdr", "1", True), ("", "0", True), ("Alert", "0", False)],
)
def test_a_status_knows_whether_it_answers_the_header(
    cmd: str, cmd_ref: str, expected: bool
) -> None:
    assert status(cmd, cmd_ref).is_for_header is expected


def test_walk_gives_containers_before_their_commands() -> None:
    inner = Container(name="Atomic", cmd_id="3", commands=(Command(name="Get", cmd_id="4"),))
    outer = Container(name="Sequence", cmd_id="2", commands=(inner,))
    message = SyncML(header=HEADER, commands=(outer, Command(name="Get", cmd_id="5")))
    assert [command.cmd_id for command in message.walk()] == ["2", "3", "4", "5"]


@pytest.mark.parametrize("kind", [Meta, Chal])
def test_a_nonce_is_given_in_either_form(kind: type[Meta] | type[Chal]) -> None:
    assert kind(next_nonce=b"Nonce").next_nonce_text == "Tm9uY2U="
    assert kind(next_nonce_text="Tm9uY2U=").next_nonce == b"Nonce"
    assert kind(next_nonce_text="nonce").next_nonce is None
    assert kind().next_nonce_text is None


def test_a_replaced_nonce_never_keeps_its_old_text() -> None:
    challenge = Chal(next_nonce=b"old")
    with pytest.raises(ValueError, match="different nonces"):
        replace(challenge, next_nonce=b"new")
    assert replace(challenge, next_nonce=b"new", next_nonce_text=None).next_nonce_text == "bmV3"


def test_places_do_not_make_messages_differ() -> None:
    assert Command(name="Get", cmd_id="1", place="/a") == Command(name="Get", cmd_id="1")
