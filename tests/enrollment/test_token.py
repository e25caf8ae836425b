"""RequestSecurityToken and its answer, against two real requests and one real answer."""

from __future__ import annotations

import base64
from datetime import datetime
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.enrollment import (
    parse_envelope,
    parse_rst,
    parse_rstrc,
    serialize_rst,
    serialize_rstrc,
    user_token,
    username_token,
)
from mdmcore.errors import DeviceFault, ServerFault
from mdmcore.namespaces import (
    ACTION_RST,
    ACTION_RSTRC,
    CONFIGMGR_ENROLLMENT,
    ENCODING_BASE64,
    ENROLLMENT,
    REQUEST_TYPE_ISSUE,
    REQUEST_TYPE_RENEW,
    SECEXT,
    SOAP,
    SOAP_11,
    TOKEN_TYPE_DEVICE,
    VALUE_TYPE_PKCS10,
    VALUE_TYPE_PROVISION_DOC,
    VALUE_TYPES_PKCS7,
)
from tests.enrollment.captures import csr, lumia_rst, win10_body
from tests.enrollment.oracles import check_request, check_soap, texts
from tests.enrollment.samples import CREATED, CSR, EXPIRES, MESSAGE_ID, messages
from tests.xml.test_serializer import XML_TEXT

rst = partial(
    serialize_rst,
    security=username_token("user@example.test", "secret"),
    message_id="urn:uuid:1",
    to="https://a.test/",
)


def test_the_request_of_windows_10() -> None:
    request = parse_rst(win10_body(4))
    assert request.token == csr("csr", "win10_19043_csr.der")
    assert request.token_type == TOKEN_TYPE_DEVICE
    assert request.request_type == REQUEST_TYPE_ISSUE
    assert request.value_type == VALUE_TYPE_PKCS10
    assert request.encoding_type == ENCODING_BASE64
    assert len(request.context) == 18
    assert request.context_value("DeviceType") == "CIMClient_Windows"
    assert request.context_value("MAC") == "00-0C-29-51-60-9D"
    assert [value for name, value in request.context if name == "MAC"][3] == "00-0C-29-51-60-A7"
    assert request.context_value("devicetype") is None


def test_the_request_of_the_lumia() -> None:
    request = parse_rst(lumia_rst())
    assert request.token == csr("wp81-lumia", "lumia630_csr.der")
    assert request.value_type == VALUE_TYPE_PKCS10
    assert request.context == (
        ("DeviceType", "WindowsPhone"),
        ("ApplicationVersion", "8.10.12397.895"),
    )


def test_the_answer_of_the_capture() -> None:
    answer = parse_rstrc(win10_body(5))
    assert answer.count == 1
    assert answer.token_type == TOKEN_TYPE_DEVICE
    assert answer.value_type == VALUE_TYPE_PROVISION_DOC
    assert answer.encoding_type == ENCODING_BASE64
    assert answer.document.startswith(b'<?xml version="1.0" encoding="UTF-8"?><wap-provisioningdoc')
    assert answer.token_text.endswith("\n" + answer.token_text[-60:].rpartition("\n")[2])
    assert base64.b64decode(answer.token_text.strip()) == answer.document


def test_our_request_is_valid() -> None:
    data = messages()["rst"]
    check_request(data)
    request = parse_rst(data)
    assert request.token == CSR
    assert request.context == (("DeviceType", "WindowsPhone"),)
    assert parse_envelope(data).action == ACTION_RST


def test_our_answer_is_valid() -> None:
    data = messages()["rstrc"]
    check_soap(data)
    found = texts(data)
    assert found["RelatesTo"] == MESSAGE_ID
    assert found["Action"] == ACTION_RSTRC
    assert (found["Created"], found["Expires"]) == (
        "2014-06-01T10:00:00.001Z",
        "2014-06-01T10:05:00.000Z",
    )
    assert (found["TokenType"], found["RequestID"]) == (TOKEN_TYPE_DEVICE, "0")
    assert found["DispositionMessage"] is None
    assert (
        base64.b64decode(found["BinarySecurityToken"] or "", validate=True)
        == (messages()["provisioning"])
    )
    assert f'<DispositionMessage xmlns="{ENROLLMENT}"/>'.encode() in data
    assert b"\n" not in data


def test_our_answer_has_the_shape_of_the_captured_one() -> None:
    def shape(data: bytes) -> list[str]:
        message = parse_envelope(data)
        return [str(element.tag) for element in message.root.iter()]

    assert shape(messages()["rstrc"]) == shape(win10_body(5))


def test_a_timestamp_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        serialize_rstrc(b"x", relates_to=None, created=datetime(2014, 6, 1), expires=EXPIRES)


def test_the_users_token_is_never_the_csr() -> None:
    """Federated: two BinarySecurityToken elements, the header's first."""
    data = rst(CSR, security=user_token("user"))
    check_request(data)
    assert parse_rst(data).token == CSR
    found = parse_envelope(data).user_token
    assert found is not None
    assert found.text == "dXNlcg=="


def test_in_the_body_the_value_type_chooses() -> None:
    other = (
        f'<BinarySecurityToken xmlns="{SECEXT}" ValueType="urn:u">dXNlcg==</BinarySecurityToken>'
    )
    data = messages()["rst"].replace(b"<wst:TokenType", other.encode() + b"<wst:TokenType")
    assert parse_rst(data).token == CSR
    data = data.replace(VALUE_TYPE_PKCS10.encode(), b"urn:unknown")
    assert parse_rst(data).token == b"user"


@pytest.mark.parametrize("value_type", VALUE_TYPES_PKCS7)
def test_renewal_is_carried(value_type: str) -> None:
    data = rst(b"pkcs7", request_type=REQUEST_TYPE_RENEW, value_type=value_type)
    check_request(data)
    request = parse_rst(data)
    assert (request.request_type, request.value_type) == (REQUEST_TYPE_RENEW, value_type)
    assert request.token == b"pkcs7"
    assert request.context == ()


def test_base64_with_line_breaks_is_read_and_kept() -> None:
    text = base64.b64encode(CSR)
    wrapped = b"\n  " + text[:5] + b"\r\n" + text[5:] + b"\n"
    request = parse_rst(messages()["rst"].replace(text, wrapped))
    assert request.token == CSR
    assert request.token_text == wrapped.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("text", "message"), [(b"-----BEGIN", "is not base64"), (b" ", "is empty")]
)
def test_a_token_that_cannot_be_decoded(text: bytes, message: str) -> None:
    data = messages()["rst"].replace(base64.b64encode(CSR), text)
    with pytest.raises(DeviceFault, match=message + r" \(/Envelope/Body/.*BinarySecurityToken\)"):
        parse_rst(data)
    assert parse_rst(data, strict=False).token == b""
    token = base64.b64encode(messages()["provisioning"])
    answer = messages()["rstrc"].replace(token, text)
    with pytest.raises(ServerFault, match=message):
        parse_rstrc(answer)
    found = parse_rstrc(answer, strict=False)
    assert (found.document, found.token_text, found.count) == (b"", text.decode(), 1)


def test_no_token_at_all() -> None:
    data = messages()["rst"].replace(b"wsse:BinarySecurityToken", b"wsse:Other")
    with pytest.raises(DeviceFault, match="has no BinarySecurityToken"):
        parse_rst(data)
    request = parse_rst(data, strict=False)
    assert (request.token, request.value_type, request.path) == (b"", "", "")
    answer = messages()["rstrc"].replace(b"RequestSecurityTokenResponse>", b"Other>")
    with pytest.raises(ServerFault, match="has no BinarySecurityToken"):
        parse_rstrc(answer)
    assert parse_rstrc(answer, strict=False).count == 0


def test_the_token_type_of_the_specifications_text() -> None:
    token_type = f"<TokenType>{CONFIGMGR_ENROLLMENT}/DeviceEnrollmentToken</TokenType>".encode()
    inside = b"<RequestedSecurityToken>"
    data = messages()["rstrc"].replace(token_type, b"").replace(inside, inside + token_type)
    assert parse_rstrc(data).token_type == TOKEN_TYPE_DEVICE


def test_an_answer_in_soap_1_1_is_read() -> None:
    data = messages()["rstrc"].replace(SOAP.encode(), SOAP_11.encode())
    assert parse_rstrc(data).document == messages()["provisioning"]


def test_more_than_one_response_is_counted() -> None:
    begin, end = b"<RequestSecurityTokenResponse>", b"</RequestSecurityTokenResponse>"
    data = messages()["rstrc"].replace(end, end + begin + end)
    assert parse_rstrc(data).count == 2


def test_another_message_is_the_senders_fault() -> None:
    with pytest.raises(DeviceFault, match="expected RequestSecurityToken in namespace"):
        parse_rst(messages()["rstrc"])
    with pytest.raises(ServerFault, match=r"found \{.*\}Fault"):
        parse_rstrc(messages()["fault"])


def test_secrets_and_tokens_stay_out_of_repr() -> None:
    assert base64.b64encode(CSR).decode() not in repr(parse_rst(messages()["rst"]))
    assert "wap-prov" not in repr(parse_rstrc(messages()["rstrc"]))


@given(
    token=st.binary(min_size=1, max_size=99),
    context=st.lists(st.tuples(XML_TEXT.map(str.strip), XML_TEXT.map(str.strip)), max_size=4),
)
def test_request_round_trip(token: bytes, context: list[tuple[str, str]]) -> None:
    request = parse_rst(rst(token, context=context))
    assert (request.token, request.context) == (token, tuple(context))


@given(document=st.binary(min_size=1, max_size=99))
def test_answer_round_trip(document: bytes) -> None:
    data = serialize_rstrc(document, relates_to="1", created=CREATED, expires=EXPIRES)
    assert parse_rstrc(data).document == document
