"""Commands, items, meta information and credentials as they are read."""

from __future__ import annotations

import pytest

from mdmcore.errors import DeviceFault
from mdmcore.namespaces import SYNCML_12
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Chal,
    Command,
    Container,
    Cred,
    Item,
    Meta,
    OtherElement,
    Results,
    Status,
    UnknownCommand,
)
from mdmcore.syncml.reading import MAX_DEPTH
from mdmcore.syncml.xml import parse_syncml
from tests.syncml.messages import document

METINF = 'xmlns="syncml:metinf"'


def read(body: str, *, strict: bool = True) -> AnyCommand:
    """The only command of a message with this body."""
    (command,) = parse_syncml(document(body), strict=strict).commands
    return command


def read_item(content: str) -> Item:
    command = read(f"<Replace><CmdID>1</CmdID><Item>{content}</Item></Replace>")
    assert isinstance(command, Command)
    return command.items[0]


def test_an_alert_is_read_with_its_items() -> None:
    assert read(
        "<Alert><CmdID>2</CmdID><NoResp/><Data>1226</Data><Correlator>c</Correlator>"
        f"<Item><Meta><Type {METINF}>t</Type></Meta><Data>1</Data></Item></Alert>"
    ) == Alert(
        cmd_id="2",
        code="1226",
        no_resp=True,
        correlator="c",
        items=(Item(meta=Meta(type="t"), data="1"),),
    )


@pytest.mark.parametrize("name", ["Add", "Replace", "Delete", "Get", "Exec", "Copy"])
def test_an_item_command_is_read(name: str) -> None:
    assert read(
        f"<{name}><CmdID>144-1</CmdID><Meta><Format {METINF}>chr</Format></Meta>"
        f"<Item><Target><LocURI>./a</LocURI><LocName>n</LocName></Target></Item></{name}>"
    ) == Command(
        name=name,
        cmd_id="144-1",
        meta=Meta(format="chr"),
        items=(Item(target="./a", target_name="n"),),
    )


def test_a_status_is_read() -> None:
    assert read(
        "<Status><CmdID>1</CmdID><MsgRef>2</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd>"
        "<TargetRef>t1</TargetRef><TargetRef>t2</TargetRef><SourceRef>s</SourceRef>"
        f"<Chal><Meta><Format {METINF}>b64</Format><Type {METINF}>syncml:auth-md5</Type>"
        f"<NextNonce {METINF}>Tm9uY2U=</NextNonce></Meta></Chal><Data>407</Data></Status>"
    ) == Status(
        cmd_id="1",
        msg_ref="2",
        cmd_ref="0",
        cmd="SyncHdr",
        target_refs=("t1", "t2"),
        source_refs=("s",),
        chal=Chal(type="syncml:auth-md5", format="b64", next_nonce=b"Nonce"),
        data="407",
    )


def test_a_status_tells_the_original_error() -> None:
    status = read(
        '<Status xmlns:msft="http://schemas.microsoft.com/MobileDevice/MDM"><CmdID>1</CmdID>'
        '<Data msft:originalerror="0x86000002">500</Data></Status>'
    )
    assert isinstance(status, Status)
    assert (status.data, status.original_error) == ("500", "0x86000002")


def test_a_status_without_references_is_kept() -> None:
    status = read("<Status><CmdID>1</CmdID><CmdRef/><Data>400</Data></Status>")
    assert status == Status(cmd_id="1", msg_ref="", cmd_ref="", cmd="", data="400")


def test_results_are_read() -> None:
    assert read(
        "<Results><CmdID>3</CmdID><MsgRef>1</MsgRef><CmdRef>4</CmdRef><Cmd>Get</Cmd>"
        f"<Meta><Type {METINF}>t</Type></Meta><TargetRef>a</TargetRef><SourceRef>b</SourceRef>"
        "<Item><Source><LocURI>./DevDetail/SwV</LocURI></Source><Data>8.10</Data></Item></Results>"
    ) == Results(
        cmd_id="3",
        msg_ref="1",
        cmd_ref="4",
        cmd="Get",
        meta=Meta(type="t"),
        target_ref="a",
        source_ref="b",
        items=(Item(source="./DevDetail/SwV", data="8.10"),),
    )


def test_containers_hold_commands_with_their_places() -> None:
    container = read(
        "<Sequence><CmdID>1</CmdID><Get><CmdID>2</CmdID></Get><Atomic><CmdID>3</CmdID>"
        "<Add><CmdID>4</CmdID></Add></Atomic><Get><CmdID>5</CmdID></Get></Sequence>"
    )
    assert container == Container(
        name="Sequence",
        cmd_id="1",
        commands=(
            Command(name="Get", cmd_id="2"),
            Container(name="Atomic", cmd_id="3", commands=(Command(name="Add", cmd_id="4"),)),
            Command(name="Get", cmd_id="5"),
        ),
    )
    assert isinstance(container, Container)
    assert [command.place for command in container.commands] == [
        "/SyncML/SyncBody/Sequence/Get[1]",
        "/SyncML/SyncBody/Sequence/Atomic",
        "/SyncML/SyncBody/Sequence/Get[2]",
    ]


@pytest.mark.parametrize("strict", [True, False])
def test_containers_nested_too_deep_are_refused(strict: bool) -> None:
    def nested(depth: int) -> bytes:
        return document("<Atomic>" * depth + "</Atomic>" * depth)

    assert parse_syncml(nested(MAX_DEPTH), strict=strict).commands
    with pytest.raises(DeviceFault, match=f"nested more than {MAX_DEPTH} deep"):
        parse_syncml(nested(MAX_DEPTH + 1), strict=strict)


@pytest.mark.parametrize("name", ["Put", "Sync", "Map", "Search", "Move", "Bogus", "alert"])
def test_what_is_no_dm_command_is_kept_as_it_stood(name: str) -> None:
    body = f"<{name}><CmdID>9</CmdID><Item><Data>1</Data></Item></{name}>"
    item = OtherElement(name="Item", namespace=SYNCML_12, content="<Data>1</Data>")
    assert read(body) == UnknownCommand(name=name, cmd_id="9", others=(item,))
    nested = read(f"<Atomic><CmdID>1</CmdID>{body}</Atomic>")
    assert isinstance(nested, Container)
    assert nested.commands == (UnknownCommand(name=name, cmd_id="9", others=(item,)),)


def test_an_answer_inside_a_container_is_no_command() -> None:
    container = read("<Atomic><Status><CmdID>2</CmdID><Data>200</Data></Status></Atomic>")
    assert isinstance(container, Container)
    (inner,) = container.commands
    assert isinstance(inner, UnknownCommand)
    assert (inner.name, inner.cmd_id) == ("Status", "2")


def test_a_command_of_another_namespace_is_unknown_when_strict() -> None:
    body = '<Get xmlns="urn:other"><CmdID>3</CmdID></Get>'
    assert read(body) == UnknownCommand(name="Get", cmd_id="3", namespace="urn:other")
    message = parse_syncml(document(body), strict=False)
    assert message.commands == (Command(name="Get", cmd_id="3"),)
    assert message.foreign[0].place == "/SyncML/SyncBody/Get"


@pytest.mark.parametrize("name", ["Alert", "Get", "Atomic", "Results", "Bogus"])
def test_a_missing_cmdid_is_kept_as_empty(name: str) -> None:
    assert read(f"<{name}/>").cmd_id == ""


def test_a_status_without_code_is_refused_with_its_place() -> None:
    with pytest.raises(DeviceFault, match="Data is missing") as caught:
        read("<Alert/><Status><CmdID>1</CmdID></Status>")
    assert caught.value.place == "/SyncML/SyncBody/Status"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", None),
        ("<Data/>", ""),
        ("<Data> a\n b\t</Data>", " a\n b\t"),
        ("<Data>&lt;a&gt;&amp;&#13;</Data>", "<a>&\r"),
        ("<Data><![CDATA[<a>&amp;]]></Data>", "<a>&amp;"),
        ("<Data>1<![CDATA[2]]>3</Data>", "123"),
    ],
)
def test_data_is_kept_to_the_last_blank(content: str, expected: str | None) -> None:
    item = read_item(content)
    assert (item.data, item.data_xml) == (expected, None)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<a/>", "<a/>"),
        ('<DevInf xmlns="syncml:devinf"><Man>x</Man></DevInf>',) * 2,
        ("text<a>b</a>&amp;<c/>tail", "text<a>b</a>&amp;<c/>tail"),
    ],
)
def test_xml_inside_data_is_kept_as_xml(content: str, expected: str) -> None:
    item = read_item(f"<Data>{content}</Data>")
    assert (item.data, item.data_xml) == (None, expected)


def test_an_item_tells_both_ends_and_more_data() -> None:
    item = read_item(
        "<Target><LocURI>t</LocURI></Target><Source><LocURI>s</LocURI><LocName>n</LocName></Source>"
        "<Data>x</Data><MoreData/>"
    )
    assert item == Item(target="t", source="s", source_name="n", data="x", more_data=True)
    assert item.place == "/SyncML/SyncBody/Replace/Item"


def test_a_target_without_locuri_is_empty() -> None:
    assert read_item("<Target/>").target == ""


def test_every_meta_element_is_read_from_either_form() -> None:
    children = "".join(
        f"<{name} {METINF}>{name.lower()}</{name}>"
        for name in ("Format", "Type", "Mark", "Size", "Version", "MaxMsgSize", "MaxObjSize", "EMI")
    )
    expected = Meta(
        format="format",
        type="type",
        mark="mark",
        size="size",
        version="version",
        max_msg_size="maxmsgsize",
        max_obj_size="maxobjsize",
        emi=("emi",),
    )
    assert read_item(f"<Meta>{children}</Meta>").meta == expected
    assert read_item(f"<Meta><MetInf {METINF}>{children}</MetInf></Meta>").meta == expected


@pytest.mark.parametrize("declared", ["", 'xmlns=""', 'xmlns="syncml:metinfo"'])
def test_a_meta_child_of_another_namespace_is_read_and_remembered(declared: str) -> None:
    body = f"<Get><CmdID>1</CmdID><Item><Meta><Type {declared}>t</Type></Meta></Item></Get>"
    message = parse_syncml(document(body))
    (command,) = message.commands
    assert isinstance(command, Command)
    assert command.items[0].meta == Meta(type="t")
    (found,) = message.foreign
    assert (found.name, found.expected, found.place) == (
        "Type",
        "syncml:metinf",
        "/SyncML/SyncBody/Get/Item/Meta/Type",
    )


def test_a_cred_inside_a_command_is_seen() -> None:
    command = read(
        f"<Get><CmdID>1</CmdID><Cred><Meta><Type {METINF}>syncml:auth-md5</Type></Meta>"
        "<Data>abc</Data></Cred></Get>"
    )
    assert isinstance(command, Command)
    assert command.cred == Cred(type="syncml:auth-md5", data="abc")


def test_a_cred_without_data_is_refused() -> None:
    with pytest.raises(DeviceFault, match="Data is missing") as caught:
        read("<Get><Cred/></Get>")
    assert caught.value.place == "/SyncML/SyncBody/Get/Cred"


def test_a_nonce_that_is_no_base64_keeps_its_text() -> None:
    status = read(
        f"<Status><Chal><Meta><NextNonce {METINF}>nonce</NextNonce></Meta></Chal>"
        "<Data>401</Data></Status>"
    )
    assert isinstance(status, Status)
    assert status.chal == Chal(next_nonce_text="nonce")
    assert status.chal.next_nonce is None
