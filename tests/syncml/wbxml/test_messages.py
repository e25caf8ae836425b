"""Whole messages: the vectors, any message both ways, every cut, bytes as data."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mdmcore.errors import DeviceFault, ProtocolError, ServerFault, WbxmlError, XmlError
from mdmcore.syncml.model import Command, Item, Meta, SyncML, UnknownCommand
from mdmcore.syncml.wbxml import WbxmlHeader, decode_document, decode_wbxml, encode_wbxml
from mdmcore.syncml.xml import parse_syncml, serialize_syncml
from tests.syncml.messages import EVERYTHING, HEADER, PACKAGE_2
from tests.syncml.strategies import any_message, fragments
from tests.syncml.wbxml.vectors import FORMAL_12, W1, W2, W2_XML, W3, W4, W5, wbxml

whole_messages = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])


def with_items(*items: Item) -> SyncML:
    command = Command(name="Add", cmd_id="1", items=items)
    return SyncML(header=HEADER, commands=(command,))


def items_of(message: SyncML) -> tuple[Item, ...]:
    (command,) = message.commands
    assert isinstance(command, Command)
    return command.items


@pytest.mark.parametrize("data", [W1, W2, W3], ids=["W1", "W2", "W3"])
def test_the_vectors_are_the_message_printed_beside_them(data: bytes) -> None:
    message = decode_wbxml(data)
    assert message == parse_syncml(W2_XML.encode())
    assert (message.problems, message.foreign, message.raw) == ((), (), data)


def test_the_vectors_are_written_byte_for_byte() -> None:
    message = parse_syncml(W2_XML.encode())
    assert encode_wbxml(message) == W2
    assert encode_wbxml(message, header=decode_document(W1).header.for_answer()) == W1


def test_w4_lacks_a_header_but_has_the_payload() -> None:
    with pytest.raises(ServerFault, match="SyncHdr is missing"):
        decode_wbxml(W4, fault=ServerFault)
    data = decode_document(W4).tree.elements[0].elements[0].elements[1].child("Data")
    assert data is not None
    assert encode_wbxml(with_items(Item(data="a<b&c"))).endswith(
        b"\x4f\x03a<b&c\x00\x01\x01\x01\x12\x01\x01"
    )


def test_w5_is_refused_not_read_in_part() -> None:
    for strict in (True, False):
        with pytest.raises(WbxmlError, match="unexpected end"):
            decode_wbxml(W5, strict=strict)


# --- both ways ----------------------------------------------------------------------------------


@whole_messages
@given(any_message)
def test_any_message_survives_writing_and_reading(message: SyncML) -> None:
    data = encode_wbxml(message)
    read = decode_wbxml(data)
    assert read == message
    assert (read.foreign, read.raw) == ((), data)
    assert decode_wbxml(data, strict=False) == message


@whole_messages
@given(any_message)
def test_xml_to_wbxml_to_xml_loses_nothing(message: SyncML) -> None:
    xml = serialize_syncml(message)
    assert serialize_syncml(decode_wbxml(encode_wbxml(parse_syncml(xml)))) == xml


@given(
    any_message,
    st.builds(
        WbxmlHeader,
        version=st.sampled_from([1, 2, 3]),
        public_id=st.sampled_from([1, 0x1201, 0x0FD3, FORMAL_12, "-//other//EN"]),
        charset=st.sampled_from([0, 3, 4, 106, 1015]),
    ),
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_any_header_carries_any_message(message: SyncML, header: WbxmlHeader) -> None:
    data = encode_wbxml(message, header=header)
    assert decode_wbxml(data) == message
    found = decode_document(data)
    assert (found.version, found.public_id, found.charset) == (
        header.version,
        header.public_id,
        header.charset,
    )


@given(fragments)
def test_xml_inside_data_survives_once_it_is_normal(fragment: str) -> None:
    normal = parse_syncml(serialize_syncml(with_items(Item(data_xml=fragment))))
    assert decode_wbxml(encode_wbxml(normal)) == normal


# --- bytes --------------------------------------------------------------------------------------


def test_bytes_are_base64_in_the_model_and_bytes_again_in_wbxml() -> None:
    meta = Meta(format="bin")
    message = with_items(Item(target="./a", meta=meta, data="AAEC/w==", is_binary=True))
    data = encode_wbxml(message)
    assert b"\x4f\xc3\x04\x00\x01\x02\xff\x01" in data
    read = decode_wbxml(data)
    assert read == message
    assert read.problems == ()
    assert encode_wbxml(read) == data


def test_xml_has_the_base64_and_no_mark() -> None:
    message = with_items(Item(meta=Meta(format="bin"), data="AAEC/w==", is_binary=True))
    assert b"<Data>AAEC/w==</Data>" in serialize_syncml(message)


def test_base64_text_stays_text() -> None:
    message = with_items(Item(meta=Meta(format="b64"), data="AAEC/w=="))
    data = encode_wbxml(message)
    assert b"\x03AAEC/w==\x00" in data
    assert not items_of(decode_wbxml(data))[0].is_binary


# --- what is odd --------------------------------------------------------------------------------


def test_oddities_of_the_encoding_are_problems_of_the_message() -> None:
    message = decode_wbxml(W2 + b"\x00")
    (problem,) = message.problems
    assert (problem.message, problem.place) == ("1 bytes stand behind the document", "offset 188")


def test_an_unknown_token_is_an_unknown_command() -> None:
    data = W2.replace(b"\x12\x01\x01", b"\x70\x4b\x039\x00\x01\x01\x12\x01\x01")
    message = decode_wbxml(data)
    assert message.commands[1] == UnknownCommand(name="Page00Token30", cmd_id="9")
    assert message.is_final
    assert encode_wbxml(message) == data


def test_a_page_that_was_not_restored_is_told() -> None:
    data = W2.replace(b"\x01\x01\x01\x00\x00\x4f\x03212", b"\x01\x01\x01\x4f\x03212")
    message = decode_wbxml(data, strict=False)
    assert "code page 0 was not restored" in " ".join(p.message for p in message.problems)
    with pytest.raises(DeviceFault, match="Data is missing"):
        decode_wbxml(data)


@pytest.mark.parametrize("strict", [True, False])
def test_what_is_no_message_is_the_senders_fault(strict: bool) -> None:
    for body in (b"\x2d", b"\x6b\x12\x01", b"\x6d\x6b\x01\x01"):
        with pytest.raises(ServerFault):
            decode_wbxml(wbxml(body), strict=strict, fault=ServerFault)


@pytest.mark.parametrize(
    "message",
    [
        with_items(Item(data="\x00")),
        with_items(Item(data="\ud800")),
        with_items(Item(data_xml="<a>")),
        with_items(Item(data_xml="<a>" * 70 + "</a>" * 70)),
    ],
)
def test_what_cannot_be_written_is_refused(message: SyncML) -> None:
    with pytest.raises((XmlError, WbxmlError)):
        encode_wbxml(message)


# --- cuts and noise -----------------------------------------------------------------------------

WHOLE = {
    "W1": W1,
    "W2": W2,
    "W3": W3,
    "package 2": encode_wbxml(PACKAGE_2),
    "everything": encode_wbxml(EVERYTHING),
    "literals": encode_wbxml(replace(PACKAGE_2, namespace="urn:x")),
    "nested": encode_wbxml(
        with_items(Item(data_xml='<DevInf xmlns="syncml:devinf"><Man>x</Man></DevInf>'))
    ),
}


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_a_message_cut_anywhere_is_refused_with_its_offset(data: bytes) -> None:
    for end in range(len(data)):
        for strict in (True, False):
            with pytest.raises(WbxmlError) as caught:
                decode_wbxml(data[:end], strict=strict)
            assert caught.value.offset is not None
            assert caught.value.offset <= end


@settings(max_examples=200)
@given(st.sampled_from(sorted(WHOLE)), st.integers(min_value=0), st.binary(max_size=3))
def test_a_message_with_bytes_replaced_is_read_or_refused(
    name: str, position: int, noise: bytes
) -> None:
    data = WHOLE[name]
    start = position % len(data)
    changed = data[:start] + noise + data[start + len(noise) :]
    for strict in (True, False):
        with suppress(WbxmlError, ProtocolError):
            decode_wbxml(changed, strict=strict)


@settings(max_examples=200)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for data in (body, wbxml(body), wbxml(b"\x6d\x6c\x01\x6b" + body)):
        for strict in (True, False):
            with suppress(WbxmlError, ProtocolError):
                decode_wbxml(data, strict=strict)
