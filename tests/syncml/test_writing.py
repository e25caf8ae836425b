"""Element order, namespaces and absence when a message is written."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from mdmcore.errors import XmlError
from mdmcore.syncml.model import (
    AnyCommand,
    Chal,
    Command,
    Cred,
    Item,
    Meta,
    Results,
    Status,
    SyncML,
    UnknownCommand,
)
from mdmcore.syncml.writing import message_node
from mdmcore.xml import serialize
from tests.syncml.messages import HEADER, PACKAGE_2

S = "{SYNCML:SYNCML1.2}"
M = "{syncml:metinf}"


def write(*commands: AnyCommand, **changes: object) -> ElementTree.Element:
    """SyncBody of a message with these commands, read by the standard library."""
    message = replace(SyncML(header=HEADER, commands=commands), **changes)  # type: ignore[arg-type]
    body = ElementTree.fromstring(serialize(message_node(message)))[1]
    assert body.tag == f"{S}SyncBody"
    return body


def names(element: ElementTree.Element) -> str:
    """The children's names in order, ``m:`` for those of MetInf."""
    return " ".join(child.tag.removeprefix(S).replace(M, "m:") for child in element)


def test_the_header_is_in_the_order_of_the_dtd() -> None:
    header = replace(HEADER, resp_uri="https://x", no_resp=True, meta=Meta(max_msg_size="4096"))
    root = ElementTree.fromstring(serialize(message_node(SyncML(header=header))))
    assert names(root) == "SyncHdr SyncBody"
    assert names(root[0]) == (
        "VerDTD VerProto SessionID MsgID Target Source RespURI NoResp Cred Meta"
    )


def test_a_status_is_in_the_order_of_the_dtd() -> None:
    status = Status(
        cmd_id="1",
        msg_ref="1",
        cmd_ref="0",
        cmd="SyncHdr",
        target_refs=("a", "b"),
        source_refs=("c",),
        cred=Cred(data="x"),
        chal=Chal(),
        data="401",
        items=(Item(),),
    )
    assert names(write(status)[0]) == (
        "CmdID MsgRef CmdRef Cmd TargetRef TargetRef SourceRef Cred Chal Data Item"
    )


def test_results_and_items_are_in_the_order_of_the_dtd() -> None:
    item = Item(target="t", source="s", meta=Meta(), data="", more_data=True)
    results = Results(
        cmd_id="1",
        msg_ref="1",
        cmd_ref="1",
        cmd="Get",
        meta=Meta(),
        target_ref="t",
        source_ref="s",
        items=(item,),
    )
    written = write(results)[0]
    assert names(written) == "CmdID MsgRef CmdRef Cmd Meta TargetRef SourceRef Item"
    assert names(written[-1]) == "Target Source Meta Data MoreData"


def test_each_child_of_meta_declares_its_own_namespace() -> None:
    meta = Meta(
        format="chr",
        type="t",
        mark="m",
        size="1",
        next_nonce=b"n",
        version="v",
        max_msg_size="2",
        max_obj_size="3",
        emi=("e", "f"),
    )
    command = Command(name="Get", cmd_id="1", meta=meta)
    assert names(write(command)[0][1]) == (
        "m:Format m:Type m:Mark m:Size m:Version m:NextNonce m:MaxMsgSize m:MaxObjSize m:EMI m:EMI"
    )
    written = serialize(message_node(SyncML(header=HEADER, commands=(command,))))
    assert written.count(b'xmlns="syncml:metinf"') == 2 + 10


def test_what_is_absent_is_not_written() -> None:
    assert names(write(Command(name="Get", cmd_id=""))[0]) == ""
    assert names(write(Results(cmd_id="1"))[0]) == "CmdID"
    status = Status(cmd_id="", msg_ref="", cmd_ref="", cmd="", data="")
    assert names(write(status)[0]) == "MsgRef CmdRef Cmd Data"


def test_final_is_written_last_or_not_at_all() -> None:
    assert names(write(UnknownCommand(name="Put", cmd_id="1"))) == "Put Final"
    assert names(write(is_final=False)) == ""


def test_the_original_error_is_an_attribute_of_its_own_namespace() -> None:
    status = Status(
        cmd_id="1", msg_ref="1", cmd_ref="1", cmd="Get", data="500", original_error="0x1"
    )
    (data,) = write(status)[0].findall(f"{S}Data")
    assert data.attrib == {"{http://schemas.microsoft.com/MobileDevice/MDM}originalerror": "0x1"}


def test_the_namespace_of_the_message_is_kept() -> None:
    for namespace, prefix in (("SYNCML:SYNCML1.1", "{SYNCML:SYNCML1.1}"), ("", "")):
        root = ElementTree.fromstring(
            serialize(message_node(replace(PACKAGE_2, namespace=namespace)))
        )
        assert root.tag == f"{prefix}SyncML"
        assert root[0][0].tag == f"{prefix}VerDTD"


def test_xml_in_data_is_written_as_elements_and_text_as_text() -> None:
    items = (Item(data_xml="<a>1</a>"), Item(data="<a>1</a>"))
    command = write(Command(name="Add", cmd_id="1", items=items))[0]
    as_xml, as_text = (item.find(f"{S}Data") for item in command.findall(f"{S}Item"))
    assert as_xml is not None
    assert as_text is not None
    assert names(as_xml) == "a"
    assert (names(as_text), as_text.text) == ("", "<a>1</a>")


@pytest.mark.parametrize(
    "item",
    [
        Item(data_xml="<a>"),
        Item(data_xml="</Data><Data>"),
        Item(data_xml="<!DOCTYPE a><a/>"),
        Item(data_xml="&nbsp;"),
        Item(data_xml="\x00"),
        Item(data="\x00"),
        Item(data="\ud800"),
        Item(target="\x1b"),
    ],
)
def test_what_xml_cannot_carry_is_refused(item: Item) -> None:
    with pytest.raises(XmlError):
        write(Command(name="Add", cmd_id="1", items=(item,)))
