"""Whole messages from and to XML, against the schemas and the standard library's parser."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from mdmcore.errors import DeviceFault, ProtocolError, ServerFault, XmlError
from mdmcore.namespaces import SYNCML_11, SYNCML_12
from mdmcore.syncml.model import Command, Item, Status, SyncML
from mdmcore.syncml.xml import parse_syncml, serialize_syncml
from mdmcore.xml import parse_strict
from tests.support.requirements import shared_file
from tests.syncml.changes import without_attributes
from tests.syncml.messages import EVERYTHING, HEADER, PACKAGE_2, document
from tests.syncml.strategies import any_message, fragments, valid_message

# Whole messages are large to draw; a slow machine is no failure.
whole_messages = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def relax_ng() -> etree.RelaxNG:
    """The schema of what Windows takes."""
    return etree.RelaxNG(file=str(shared_file("schemas", "rng", "oma-dm-1.2-windows.rng")))


@pytest.fixture(scope="module")
def dtd() -> etree.DTD:
    """The element order of SyncML 1.2."""
    return etree.DTD(file=str(shared_file("schemas", "dtd", "syncml-1.2-message.dtd")))


def assert_valid(schema: etree.RelaxNG | etree.DTD, written: bytes) -> None:
    assert schema.validate(etree.fromstring(written)), str(schema.error_log)


# --- writing ------------------------------------------------------------------------------------


def test_the_answer_of_the_digest_is_written_as_printed_there() -> None:
    assert serialize_syncml(PACKAGE_2).decode() == (
        '<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>'
        "<SessionID>1A</SessionID><MsgID>1</MsgID>"
        "<Target><LocURI>urn:uuid:00000000-0000-4000-8000-00000000ABCD</LocURI></Target>"
        "<Source><LocURI>https://mdm.example.test/dm</LocURI><LocName>ExampleMDM</LocName></Source>"
        '<Cred><Meta><Format xmlns="syncml:metinf">b64</Format>'
        '<Type xmlns="syncml:metinf">syncml:auth-md5</Type></Meta>'
        "<Data>h0ymOKkz/d8zfICpEX+pFg==</Data></Cred></SyncHdr><SyncBody>"
        "<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd>"
        "<TargetRef>https://mdm.example.test/dm</TargetRef>"
        "<SourceRef>urn:uuid:00000000-0000-4000-8000-00000000ABCD</SourceRef>"
        '<Chal><Meta><Format xmlns="syncml:metinf">b64</Format>'
        '<Type xmlns="syncml:metinf">syncml:auth-md5</Type>'
        '<NextNonce xmlns="syncml:metinf">//79/Pv6+fj39vX08/Lx8A==</NextNonce></Meta></Chal>'
        "<Data>212</Data></Status>"
        "<Status><CmdID>2</CmdID><MsgRef>1</MsgRef><CmdRef>2</CmdRef><Cmd>Alert</Cmd>"
        "<Data>200</Data></Status>"
        "<Status><CmdID>3</CmdID><MsgRef>1</MsgRef><CmdRef>3</CmdRef><Cmd>Replace</Cmd>"
        "<Data>200</Data></Status>"
        "<Get><CmdID>4</CmdID><Item><Target><LocURI>./DevDetail/SwV</LocURI></Target></Item></Get>"
        "<Final/></SyncBody></SyncML>"
    )


def test_a_declaration_is_written_only_when_asked_for() -> None:
    declared = serialize_syncml(PACKAGE_2, declaration=True)
    assert declared == b'<?xml version="1.0" encoding="UTF-8"?>' + serialize_syncml(PACKAGE_2)


@pytest.mark.parametrize("message", [PACKAGE_2, EVERYTHING], ids=["package-2", "everything"])
def test_what_is_written_is_valid(relax_ng: etree.RelaxNG, dtd: etree.DTD, message: SyncML) -> None:
    assert_valid(relax_ng, serialize_syncml(message))
    assert_valid(dtd, serialize_syncml(message))


@whole_messages
@given(message=valid_message)
def test_any_message_of_allowed_values_is_valid(
    relax_ng: etree.RelaxNG, dtd: etree.DTD, message: SyncML
) -> None:
    assert_valid(relax_ng, serialize_syncml(message))
    assert_valid(dtd, serialize_syncml(message))


@whole_messages
@given(message=valid_message)
def test_without_what_windows_adds_it_is_plain_oma_dm(message: SyncML) -> None:
    schema = etree.RelaxNG(file=str(shared_file("schemas", "rng", "oma-dm-1.2.rng")))
    assert_valid(schema, serialize_syncml(without_attributes(message)))


def test_the_standard_library_reads_what_is_written() -> None:
    root = ElementTree.fromstring(serialize_syncml(EVERYTHING))
    names = {"s": SYNCML_12, "m": "syncml:metinf"}
    assert root.findtext("s:SyncHdr/s:SessionID", namespaces=names) == "1A"
    assert root.findtext("s:SyncBody/s:Results/s:Item/s:Data", namespaces=names) == " 8.10 <&> \r\n"
    atomic_add = "s:SyncBody/s:Atomic/s:Add/s:Item"
    assert root.findtext(f"{atomic_add}/s:Meta/m:Format", namespaces=names) == "b64"
    assert root.find(f"{atomic_add}/s:MoreData", names) is not None
    assert root.find("s:SyncBody/s:Final", names) is None


# --- both ways ----------------------------------------------------------------------------------


@whole_messages
@given(any_message)
def test_any_message_survives_writing_and_reading(message: SyncML) -> None:
    written = serialize_syncml(message)
    read = parse_syncml(written)
    assert read == message
    assert (read.problems, read.foreign, read.raw) == ((), (), written)
    assert parse_syncml(written, strict=False) == message


@given(fragments)
def test_xml_inside_data_survives_once_it_is_normal(fragment: str) -> None:
    items = (Item(target="./a", data_xml=fragment),)
    message = SyncML(header=HEADER, commands=(Command(name="Add", cmd_id="1", items=items),))
    read = parse_syncml(serialize_syncml(message))
    assert parse_syncml(serialize_syncml(read)) == read
    assert [read_item.data for command in read.commands for read_item in items_of(command)] == [
        None
    ]


def items_of(command: object) -> tuple[Item, ...]:
    assert isinstance(command, Command)
    return command.items


# --- reading ------------------------------------------------------------------------------------


def test_ids_stay_text() -> None:
    header = (
        "<VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto><SessionID>00fF</SessionID>"
        "<MsgID>007</MsgID><Target><LocURI>t</LocURI></Target><Source><LocURI>s</LocURI></Source>"
    )
    message = parse_syncml(document(header=header))
    assert (message.header.session_id, message.header.msg_id) == ("00fF", "007")


def test_an_element_that_is_already_parsed_is_taken() -> None:
    message = parse_syncml(parse_strict(serialize_syncml(EVERYTHING)))
    assert message == EVERYTHING
    assert message.raw == b""


def test_prefixes_make_no_difference() -> None:
    prefixed = (
        b'<x:SyncML xmlns:x="SYNCML:SYNCML1.2" xmlns:m="syncml:metinf"><x:SyncHdr>'
        b"<x:VerDTD>1.2</x:VerDTD><x:VerProto>DM/1.2</x:VerProto><x:SessionID>1</x:SessionID>"
        b"<x:MsgID>1</x:MsgID><x:Target><x:LocURI>t</x:LocURI></x:Target>"
        b"<x:Source><x:LocURI>s</x:LocURI></x:Source></x:SyncHdr><x:SyncBody><x:Get>"
        b"<x:CmdID>1</x:CmdID><x:Item><x:Meta><m:Type>t</m:Type></x:Meta><x:Data><x:a/><b/></x:Data>"
        b"</x:Item></x:Get><x:Final/></x:SyncBody></x:SyncML>"
    )
    message = parse_syncml(prefixed)
    assert message.foreign == ()
    (item,) = items_of(message.commands[0])
    assert item.data_xml == '<a/><b xmlns=""/>'
    assert parse_syncml(serialize_syncml(message)) == message


def test_syncml_11_is_read() -> None:
    message = parse_syncml(document("<Final/>", namespace=SYNCML_11))
    assert message.namespace == SYNCML_11
    assert message.foreign == ()


@pytest.mark.parametrize("namespace", ["SYNCML:SYNCML1.3", "syncml:SYNCML1.2", ""])
def test_a_wrong_root_namespace_is_refused_or_remembered(namespace: str) -> None:
    data = document("<Final/>", namespace=namespace)
    with pytest.raises(DeviceFault, match="root is in namespace") as caught:
        parse_syncml(data)
    assert caught.value.place == "/SyncML"
    message = parse_syncml(data, strict=False)
    assert (message.namespace, message.header.msg_id, message.is_final) == (namespace, "1", True)
    assert [(found.namespace, found.place) for found in message.foreign] == [(namespace, "/SyncML")]
    assert len(message.problems) == 1


def test_a_blank_in_the_root_namespace_is_refused_or_remembered() -> None:
    """The XML parser itself objects: a blank cannot stand in a URI."""
    data = document("<Final/>", namespace=" SYNCML:SYNCML1.2")
    with pytest.raises(XmlError, match="not a valid URI"):
        parse_syncml(data)
    message = parse_syncml(data, strict=False)
    assert message.namespace == " SYNCML:SYNCML1.2"
    assert [found.place for found in message.foreign] == ["/SyncML"]
    assert message.problems[0].place == "line 1, column 34"


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<html/>", "root element is html, not SyncML"),
        (b'<SyncML xmlns="SYNCML:SYNCML1.2"/>', "SyncHdr is missing"),
        (b'<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr/></SyncML>', "missing"),
    ],
)
def test_what_is_no_message_is_refused_by_both(strict: bool, data: bytes, message: str) -> None:
    with pytest.raises(ServerFault, match=message):
        parse_syncml(data, strict=strict, fault=ServerFault)


def without(name: str) -> Callable[[], bytes]:
    def make() -> bytes:
        root = etree.fromstring(document())
        (element,) = root.iter(f"{{*}}{name}")
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)
        return etree.tostring(root)

    return make


@pytest.mark.parametrize("name", ["VerDTD", "VerProto", "SessionID", "MsgID", "Target", "Source"])
def test_a_missing_header_field_is_named(name: str) -> None:
    data = without(name)()
    with pytest.raises(DeviceFault, match=f"{name}.* is missing") as caught:
        parse_syncml(data)
    assert caught.value.place == "/SyncML/SyncHdr"
    (problem,) = parse_syncml(data, strict=False).problems
    assert problem.message.startswith(name)


def test_an_empty_locuri_in_the_header_is_named() -> None:
    data = document().replace(b"<LocURI>device</LocURI>", b"<LocURI/>")
    with pytest.raises(DeviceFault, match="Source/LocURI is empty"):
        parse_syncml(data)


def test_two_values_for_one_field_are_refused() -> None:
    data = document().replace(b"<MsgID>1</MsgID>", b"<MsgID>1</MsgID><MsgID>2</MsgID>")
    with pytest.raises(DeviceFault, match="MsgID stands 2 times"):
        parse_syncml(data)
    assert parse_syncml(data, strict=False).header.msg_id == "1"


def test_a_lenient_reading_tells_what_the_xml_parser_repaired() -> None:
    data = document("<Alert><CmdID>1</CmdID><Data>1201</Data></Alert>")[:-12]
    message = parse_syncml(data, strict=False)
    assert message.alerts[0].code == "1201"
    assert message.problems[0].place.startswith("line 1, column ")


def test_entities_are_never_expanded() -> None:
    data = b'<!DOCTYPE SyncML [<!ENTITY a "aaaa">]>' + document("<Get><CmdID>&a;</CmdID></Get>")
    for strict in (True, False):
        with pytest.raises(XmlError):
            parse_syncml(data, strict=strict)


@pytest.mark.parametrize("message", [PACKAGE_2, EVERYTHING], ids=["package-2", "everything"])
def test_a_message_cut_anywhere_is_refused_cleanly(message: SyncML) -> None:
    whole = serialize_syncml(message)
    for end in range(len(whole)):
        with pytest.raises(XmlError):
            parse_syncml(whole[:end])
        try:
            read = parse_syncml(whole[:end], strict=False)
        except (XmlError, ProtocolError):
            continue
        assert read.problems


def test_a_message_cut_anywhere_and_closed_again_is_read_or_refused() -> None:
    """The tags are closed by another parser, so that what is missing is met, not a broken tag."""
    whole = serialize_syncml(EVERYTHING)
    refused = set()
    for end in range(whole.index(b">") + 1, len(whole)):
        root = etree.fromstring(whole[:end], etree.XMLParser(recover=True))
        try:
            parse_syncml(etree.tostring(root))
        except (XmlError, ProtocolError) as error:
            refused.add(str(error))
    assert "SyncHdr is missing (/SyncML)" in refused
    assert "SyncBody is missing (/SyncML)" in refused
    assert "Data is missing (/SyncML/SyncBody/Status)" in refused


def test_a_status_keeps_its_code_as_text() -> None:
    message = parse_syncml(document("<Status><CmdID>1</CmdID><Data> 0200 </Data></Status>"))
    assert [status.data for status in message.statuses] == ["0200"]
    assert isinstance(message.commands[0], Status)
