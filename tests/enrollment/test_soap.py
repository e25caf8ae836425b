"""Envelopes: tolerant reading, exact writing."""

from __future__ import annotations

import pytest
from hypothesis import given

from mdmcore.enrollment import envelope, parse_envelope, username_token
from mdmcore.enrollment.soap import as_envelope, attribute, expect_body, is_nil, same_namespace
from mdmcore.errors import DeviceFault, ServerFault, XmlError
from mdmcore.namespaces import SECEXT, SOAP, SOAP_11
from mdmcore.xml import Node, parse_strict
from tests.enrollment.captures import lumia_rst, win10_body
from tests.enrollment.oracles import texts
from tests.enrollment.samples import MESSAGE_ID, messages
from tests.xml.test_serializer import XML_TEXT


def test_a_request_of_windows_10() -> None:
    message = parse_envelope(win10_body(4))
    assert message.action == "http://schemas.microsoft.com/windows/pki/2009/01/enrollment/RST/wstep"
    assert message.message_id == "urn:uuid:0d5a1441-5891-453b-becf-a2e5f6ea3749"
    assert message.to == "https://pocmdmserver.com/EnrollmentServer/Enrollment.svc"
    assert (message.username, message.password) == ("demo@pocmdmserver.com", "demo")
    assert (message.relates_to, message.user_token) == (None, None)
    assert message.body_name == "RequestSecurityToken"
    assert message.body_namespace == "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
    assert message.soap_version == "1.2"


def test_other_prefixes_of_the_lumia() -> None:
    message = parse_envelope(lumia_rst())
    assert (message.username, message.password) == ("a@safekiddo.com", "ddf")
    assert message.body_name == "RequestSecurityToken"


def test_an_answer_of_the_capture() -> None:
    message = parse_envelope(win10_body(1))
    assert message.relates_to == "urn:uuid:748132ec-a575-4329-b01b-6171a9cf8478"
    assert (message.message_id, message.to, message.username) == (None, "", None)


def test_texts_are_trimmed_but_what_is_repeated_or_secret_is_not() -> None:
    data = f"""<e:Envelope xmlns:e="{SOAP}"><e:Header>
      <Action> urn:act
      </Action><MessageID> urn:uuid: 1 </MessageID><To>
        https://a.test/ </To><RelatesTo/>
      <w:Security xmlns:w="{SECEXT}"><w:UsernameToken><w:Username> me </w:Username>
        <w:Password> pass </w:Password></w:UsernameToken></w:Security>
    </e:Header><e:Body><x xmlns="urn:b/"/><y/></e:Body></e:Envelope>"""
    message = parse_envelope(data.encode())
    assert (message.action, message.to, message.username) == ("urn:act", "https://a.test/", "me")
    assert (message.message_id, message.relates_to) == (" urn:uuid: 1 ", None)
    assert message.password == " pass "
    assert (message.body_name, message.body_namespace) == ("x", "urn:b/")
    assert " pass " not in repr(message)


def test_the_users_token_is_that_of_the_header() -> None:
    token = f'<BinarySecurityToken xmlns="{SECEXT}" %s>%s</BinarySecurityToken>'
    header = token % ('ValueType=" urn:user " EncodingType="urn:b64"', "\n aGVhZGVy\n ")
    data = (
        f'<Envelope xmlns="{SOAP}"><Header><Security>{header}</Security></Header>'
        f"<Body>{token % ('', 'Ym9keQ==')}</Body></Envelope>"
    )
    found = parse_envelope(data.encode()).user_token
    assert found is not None
    assert (found.value_type, found.encoding_type, found.text) == (
        "urn:user",
        "urn:b64",
        "aGVhZGVy",
    )


def test_soap_1_1_is_taken_and_noted() -> None:
    data = messages()["rstrc"].replace(SOAP.encode(), SOAP_11.encode())
    assert parse_envelope(data).soap_version == "1.1"


def test_lower_case_and_blanks_only_where_we_explain() -> None:
    data = f'<s:envelope xmlns:s="{SOAP} "><s:header><a:action xmlns:a="urn:a">urn:act</a:action>'
    data += "</s:header><s:body><s:fault/></s:body></s:envelope>"
    with pytest.raises(XmlError, match="is not a valid URI"):
        parse_envelope(data.encode())
    message = parse_envelope(data.encode(), strict=False)
    assert (message.action, message.body_name, message.soap_version) == ("urn:act", "fault", "1.2")
    with pytest.raises(DeviceFault, match="not a SOAP envelope"):
        parse_envelope(data.replace(f"{SOAP} ", SOAP).encode())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<html><body/></html>", r"not a SOAP envelope, the root element is html \(/html\)"),
        (b'<Envelope xmlns="urn:x"/>', r"root element is \{urn:x\}Envelope \(/Envelope\)"),
        (f'<s:Envelope xmlns:s="{SOAP}"/>'.encode(), r"the envelope has no Body \(/Envelope\)"),
    ],
)
def test_what_is_no_envelope(data: bytes, message: str) -> None:
    with pytest.raises(DeviceFault, match=message):
        parse_envelope(data)
    with pytest.raises(ServerFault, match=message):
        parse_envelope(data, fault=ServerFault)
    with pytest.raises(XmlError):
        parse_envelope(data[:-1])


def test_an_envelope_is_read_once() -> None:
    message = parse_envelope(parse_strict(messages()["rst"]))
    assert as_envelope(message) is message


def test_an_empty_or_other_body_is_a_fault() -> None:
    empty = parse_envelope(f'<s:Envelope xmlns:s="{SOAP}"><s:Body/></s:Envelope>'.encode())
    assert (empty.body, empty.body_name) == (None, "")
    with pytest.raises(DeviceFault, match="expected Discover, the SOAP Body is empty"):
        expect_body(empty, "Discover", "urn:x")
    other = parse_envelope(messages()["policies"])
    with pytest.raises(DeviceFault, match=r"found .*\}GetPolicies \(/Envelope/Body/GetPolicies\)"):
        expect_body(other, "Discover", "urn:x")


def test_a_trailing_slash_is_the_same_namespace() -> None:
    assert same_namespace("urn:x/", "urn:x")
    assert same_namespace(" urn:x\n", "urn:x")
    assert not same_namespace("urn:x/y", "urn:x")


def test_written_header_has_no_blank_and_repeats_verbatim() -> None:
    answer = envelope("urn:act", Node("x"), relates_to=MESSAGE_ID)
    assert answer.startswith(b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" ')
    assert b'<a:Action s:mustUnderstand="1">urn:act</a:Action>' in answer
    assert texts(answer)["RelatesTo"] == MESSAGE_ID
    assert b"\n" not in answer
    assert b"ReplyTo" not in answer


def test_written_request_asks_for_the_answer_on_the_same_connection() -> None:
    request = envelope("urn:act", message_id="urn:uuid:1", to="https://a.test/x")
    found = texts(request)
    assert found["Address"] == "http://www.w3.org/2005/08/addressing/anonymous"
    assert (found["MessageID"], found["To"]) == ("urn:uuid:1", "https://a.test/x")
    assert b'<a:To s:mustUnderstand="1">' in request


def test_attributes_qualified_or_not() -> None:
    root = parse_strict(b'<a xmlns:w="urn:w" w:Type=" x " Value="y" xmlns:i="urn:i" i:nil="1"/>')
    assert (attribute(root, "Type"), attribute(root, "Value")) == (" x ", "y")
    assert attribute(root, "type") == ""
    assert is_nil(root)
    assert not is_nil(parse_strict(b'<a nil="false"/>'))


@given(username=XML_TEXT, password=XML_TEXT, message_id=XML_TEXT)
def test_round_trip(username: str, password: str, message_id: str) -> None:
    data = envelope(
        "urn:act", Node("x"), message_id=message_id, security=username_token(username, password)
    )
    message = parse_envelope(data)
    assert message.username == username.strip()
    assert message.password == password
    assert (message.message_id or "").strip() == message_id.strip()
    assert texts(data)["Password"] == (password or None)
