"""What DM does not use, and what nobody knows, is kept where it stood."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from lxml import etree

from mdmcore.namespaces import METINF, SYNCML_12
from mdmcore.syncml.model import Command, OtherElement, SyncML, UnknownCommand
from mdmcore.syncml.xml import parse_syncml, serialize_syncml
from tests.support.requirements import shared_file
from tests.syncml.messages import document

DATA_SYNC = """
<Alert><CmdID>1</CmdID><Data>201</Data><Item>
  <Target><LocURI>./contacts</LocURI><LocName>c</LocName><Filter>
    <Meta><Type xmlns="syncml:metinf">text/x-vcard</Type></Meta>
    <Field><Item><Data>N</Data></Item></Field><FilterType>INCLUSIVE</FilterType></Filter></Target>
  <Source><LocURI>./c</LocURI></Source>
  <Meta><Size xmlns="syncml:metinf">1</Size>
    <Anchor xmlns="syncml:metinf"><Last>1</Last><Next>2</Next></Anchor>
    <MaxObjSize xmlns="syncml:metinf">4</MaxObjSize><EMI xmlns="syncml:metinf">x=1</EMI>
    <Mem xmlns="syncml:metinf"><SharedMem/><FreeMem>8</FreeMem><FreeID>9</FreeID></Mem>
    <FieldLevel xmlns="syncml:metinf"/></Meta></Item></Alert>
<Put><CmdID>2</CmdID><Lang>en</Lang><Meta><Type xmlns="syncml:metinf">t</Type></Meta>
  <Item><Source><LocURI>./devinf12</LocURI></Source><Data>x</Data></Item></Put>
<Sync><CmdID>3</CmdID><Target><LocURI>a</LocURI></Target><Source><LocURI>b</LocURI></Source>
  <NumberOfChanges>1</NumberOfChanges><Add><CmdID>4</CmdID><Item><Source><LocURI>1</LocURI></Source>
  <Data>vcard</Data></Item></Add></Sync>
<Map><CmdID>5</CmdID><Target><LocURI>a</LocURI></Target><Source><LocURI>b</LocURI></Source>
  <MapItem><Target><LocURI>1</LocURI></Target><Source><LocURI>2</LocURI></Source></MapItem></Map>
<Delete><CmdID>6</CmdID><NoResp/><Archive/><SftDel/>
  <Meta><Type xmlns="syncml:metinf">t</Type></Meta>
  <Item><Target><LocURI>1</LocURI></Target><Source><LocURI>2</LocURI></Source>
  <SourceParent><LocURI>3</LocURI></SourceParent><TargetParent><LocURI>4</LocURI></TargetParent>
  <Data>5</Data></Item></Delete>
<Get><CmdID>7</CmdID><Lang>de</Lang><Item><Target><LocURI>./a</LocURI></Target></Item></Get>
<Move><CmdID>8</CmdID><Item><Target><LocURI>./a</LocURI></Target></Item></Move>
<Search><CmdID>9</CmdID><NoResults/><Source><LocURI>a</LocURI></Source>
  <Meta><Type xmlns="syncml:metinf">t</Type></Meta><Data>d</Data></Search>
<Status><CmdID>10</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd>
  <Cred><Meta><Type xmlns="syncml:metinf">t</Type><Mark xmlns="syncml:metinf">m</Mark></Meta>
  <Data>d</Data></Cred><Chal><Meta><Type xmlns="syncml:metinf">t</Type>
  <NextNonce xmlns="syncml:metinf">AAEC</NextNonce><FieldLevel xmlns="syncml:metinf"/></Meta></Chal>
  <Data>401</Data></Status>
<Final/>
"""
"""Everything that SyncML RepPro 1.2 has and OMA DM has not."""


def canonical(text: bytes | str) -> str:
    return ElementTree.canonicalize(text, strip_text=True)


def one(body: str) -> Command:
    (command,) = parse_syncml(document(body)).commands
    assert isinstance(command, Command)
    return command


def test_data_synchronisation_is_not_lost() -> None:
    sent = document(DATA_SYNC)
    written = serialize_syncml(parse_syncml(sent))
    assert canonical(written) == canonical(sent)
    schema = etree.RelaxNG(file=str(shared_file("schemas", "rng", "syncml-1.2.rng")))
    for text in (sent, written):
        assert schema.validate(etree.fromstring(text)), schema.error_log


def test_commands_that_dm_has_not_are_unknown_to_it() -> None:
    commands = parse_syncml(document(DATA_SYNC)).commands
    unknown = [command.name for command in commands if isinstance(command, UnknownCommand)]
    assert unknown == ["Put", "Sync", "Map", "Move", "Search"]


def test_parents_are_fields_of_their_own() -> None:
    (item,) = one(
        "<Add><CmdID>1</CmdID><Item><SourceParent><LocURI>s</LocURI></SourceParent>"
        "<TargetParent><LocURI>t</LocURI></TargetParent></Item></Add>"
    ).items
    assert (item.source_parent, item.target_parent, item.others) == ("s", "t", ())


def test_an_element_out_of_order_is_written_in_the_order_of_the_dtd() -> None:
    message = parse_syncml(
        document(
            "<Delete><CmdID>1</CmdID><Item><MoreData/><Data>1</Data><Meta>"
            '<FieldLevel xmlns="syncml:metinf"/><Anchor xmlns="syncml:metinf"/>'
            '<Type xmlns="syncml:metinf">t</Type></Meta></Item><SftDel/><Archive/></Delete>'
        )
    )
    assert serialize_syncml(message).partition(b"<SyncBody>")[2].decode() == (
        "<Delete><CmdID>1</CmdID><Archive/><SftDel/><Item><Meta>"
        '<Type xmlns="syncml:metinf">t</Type><Anchor xmlns="syncml:metinf"/>'
        '<FieldLevel xmlns="syncml:metinf"/></Meta><Data>1</Data><MoreData/></Item></Delete>'
        "</SyncBody></SyncML>"
    )


def test_what_is_out_of_order_is_the_same_message_when_read_again() -> None:
    meta = "".join(
        f'<{name} xmlns="syncml:metinf"/>' for name in ("Odd", "FieldLevel", "Mem", "Anchor", "Odd")
    )
    body = f"<Get><CmdID>1</CmdID><Foo/><Lang/><Meta>{meta}</Meta></Get>"
    message = parse_syncml(document(body))
    assert parse_syncml(serialize_syncml(message)) == message
    (command,) = message.commands
    assert isinstance(command, Command)
    assert [other.name for other in command.others] == ["Lang", "Foo"]


def test_what_nobody_knows_goes_last_with_its_namespaces() -> None:
    body = (
        '<Add><Strange xmlns:p="urn:p" p:a="1" b="2">t<p:c/><d xmlns=""/></Strange><CmdID>1</CmdID>'
        '<Bare xmlns=""><e/></Bare></Add>'
    )
    command = one(body)
    assert command.others == (
        OtherElement(
            name="Strange",
            namespace=SYNCML_12,
            content='t<c xmlns="urn:p"/><d xmlns=""/>',
            attributes=(("{urn:p}a", "1"), ("b", "2")),
        ),
        OtherElement(name="Bare", namespace="", content="<e/>"),
    )
    message = SyncML(header=parse_syncml(document()).header, commands=(command,))
    assert parse_syncml(serialize_syncml(message)).commands == (command,)


def test_an_unknown_command_keeps_elements_of_any_namespace() -> None:
    body = (
        '<Foo xmlns="urn:f"><CmdID xmlns="SYNCML:SYNCML1.2">1</CmdID>'
        '<Source xmlns="SYNCML:SYNCML1.2"><LocURI>a</LocURI></Source><b/></Foo>'
    )
    message = parse_syncml(document(body), strict=False)
    assert parse_syncml(serialize_syncml(message), strict=False) == message
    assert b'<Source xmlns="SYNCML:SYNCML1.2"><LocURI>a</LocURI></Source>' in serialize_syncml(
        message
    )


@pytest.mark.parametrize("wrapped", [True, False])
def test_meta_keeps_what_it_has_no_field_for(wrapped: bool) -> None:
    inner = '<Anchor xmlns="syncml:metinf"><Next>1</Next></Anchor>'
    meta = f'<MetInf xmlns="syncml:metinf">{inner}</MetInf>' if wrapped else inner
    found = one(f"<Get><CmdID>1</CmdID><Meta>{meta}</Meta></Get>").meta
    assert found is not None
    assert found.others == (
        OtherElement(name="Anchor", namespace=METINF, content="<Next>1</Next>"),
    )
