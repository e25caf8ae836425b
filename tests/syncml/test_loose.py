"""Commands as people keep them: pasted samples, whole messages, WBXML."""

from __future__ import annotations

import pytest

from mdmcore.errors import MdmError, ServerFault, WbxmlError, XmlError
from mdmcore.syncml import encode_wbxml, parse_syncml
from mdmcore.syncml.loose import parse_loose_commands
from mdmcore.syncml.model import Command, Container, Item, Meta

GET = Command(name="Get", cmd_id="", items=(Item(target="./A"),))
ITEM = "<Item><Target><LocURI>./A</LocURI></Target></Item>"
HEADER = (
    "<SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto><SessionID>1</SessionID>"
    "<MsgID>1</MsgID><Target><LocURI>d</LocURI></Target><Source><LocURI>s</LocURI></Source>"
    "</SyncHdr>"
)
STATUS = (
    "<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd>"
    "<Data>200</Data></Status>"
)
BODY = f"{STATUS}<Get><CmdID>7</CmdID>{ITEM}</Get><Final/>"


@pytest.mark.parametrize(
    "namespace", ["", " xmlns='SYNCML:SYNCML1.2'", " xmlns='SYNCML:SYNCML1.1'"]
)
@pytest.mark.parametrize(
    "text",
    [
        "<SyncML{0}>" + HEADER + f"<SyncBody>{BODY}</SyncBody></SyncML>",
        f"<SyncML{{0}}><SyncBody>{BODY}</SyncBody></SyncML>",
        f"<SyncBody{{0}}>{BODY}</SyncBody>",
        f"<Get{{0}}>{ITEM}</Get>",
    ],
    ids=["message", "no header", "body", "command"],
)
def test_what_stands_around_the_commands_does_not_matter(namespace: str, text: str) -> None:
    assert parse_loose_commands(text.format(namespace).encode()) == (GET,)


def test_a_byte_order_mark_and_a_declaration_before_several_commands() -> None:
    text = f'\ufeff<?xml version="1.0" encoding="utf-8"?>\n<Get>{ITEM}</Get>\n<Get>{ITEM}</Get>\n'
    assert parse_loose_commands(text.encode()) == (GET, GET)


def test_containers_and_meta_are_kept_without_their_ids() -> None:
    text = (
        "<Atomic><CmdID>1</CmdID><Add><CmdID>2</CmdID><Item><Target><LocURI>./A</LocURI></Target>"
        "<Meta><Format xmlns='syncml:metinf'>chr</Format></Meta><Data> a &lt;b/> </Data></Item>"
        "</Add></Atomic>"
    )
    item = Item(target="./A", meta=Meta(format="chr"), data=" a <b/> ")
    add = Command(name="Add", cmd_id="", items=(item,))
    assert parse_loose_commands(text.encode()) == (
        Container(name="Atomic", cmd_id="", commands=(add,)),
    )


def test_wbxml_is_seen_by_its_first_bytes() -> None:
    message = (
        f"<SyncML xmlns='SYNCML:SYNCML1.2'>{HEADER}<SyncBody>{STATUS}<Get><CmdID>2</CmdID>{ITEM}"
    )
    message += "</Get><Final/></SyncBody></SyncML>"
    data = encode_wbxml(parse_syncml(message.encode()))
    assert parse_loose_commands(data) == (GET,)
    for end in range(len(data)):
        try:
            parse_loose_commands(data[:end])
        except MdmError:
            continue
        pytest.fail(f"{end} bytes are no message")


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"", ServerFault, "no command for a device"),
        (b"<Get>", XmlError, "."),
        (b"<Get/><Get>", XmlError, "."),
        (b"\x02\xa4\x01\x6a\x00", WbxmlError, "."),
        (b"<a/>", ServerFault, "root element is a, no message and no command"),
        (b"<SyncML xmlns='SYNCML:SYNCML1.2'/>", ServerFault, "SyncBody is missing"),
        (f"<SyncBody>{STATUS}</SyncBody>".encode(), ServerFault, "no command for a device"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><Get>&b;</Get>", XmlError, "."),
        (b"<Atomic>" * 9 + b"</Atomic>" * 9, ServerFault, "nested more than 8 deep"),
        (b"<SyncBody>" + b"<Get/>" * 10_001 + b"</SyncBody>", ServerFault, "more than 10000"),
    ],
)
def test_what_is_none_is_refused(data: bytes, error: type[MdmError], words: str) -> None:
    with pytest.raises(error, match=words):
        parse_loose_commands(data)
