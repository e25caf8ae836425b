"""A SyncBody of its own: what goes in comes out, in the order of the DTD."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import DeviceFault, XmlError
from mdmcore.syncml.fragment import parse_commands, serialize_commands, without_ids
from mdmcore.syncml.model import AnyCommand, Command, Container, Item, Meta
from tests.syncml.strategies import any_nested


@given(st.lists(any_nested, max_size=4))
def test_what_is_written_is_read(given_commands: list[AnyCommand]) -> None:
    assert parse_commands(serialize_commands(given_commands)) == tuple(given_commands)


def test_commands_need_no_ids() -> None:
    item = Item(target="./A", meta=Meta(format="chr"), data="<a>&b")
    body = (
        Container(
            name="Atomic", cmd_id="", commands=(Command(name="Add", cmd_id="", items=(item,)),)
        ),
    )
    text = serialize_commands(body)
    assert text == (
        '<SyncBody xmlns="SYNCML:SYNCML1.2"><Atomic><Add><Item>'
        "<Target><LocURI>./A</LocURI></Target>"
        '<Meta><Format xmlns="syncml:metinf">chr</Format></Meta><Data>&lt;a&gt;&amp;b</Data></Item>'
        "</Add></Atomic></SyncBody>"
    )
    assert parse_commands(text) == body


def test_bytes_stay_bytes() -> None:
    item = Item(target="./A", data="AAECAw==", is_binary=True)
    body = (Command(name="Add", cmd_id="2", items=(item,)),)
    assert parse_commands(serialize_commands(body)) == body


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("<SyncML xmlns='SYNCML:SYNCML1.2'/>", DeviceFault, "root element is SyncML"),
        ("<SyncBody", XmlError, "."),
        ("", XmlError, "."),
    ],
)
def test_what_is_no_body_is_refused(text: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        parse_commands(text)


def test_ids_are_taken_away_at_every_depth() -> None:
    inner = Container(
        name="Sequence", cmd_id="3", commands=(Command(name="Get", cmd_id="4", items=()),)
    )
    found = without_ids((Container(name="Atomic", cmd_id="2", commands=(inner,)),))
    assert serialize_commands(found) == (
        '<SyncBody xmlns="SYNCML:SYNCML1.2"><Atomic><Sequence><Get/></Sequence></Atomic></SyncBody>'
    )
