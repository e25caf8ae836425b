"""Discover and its answer, against the capture and the schemas of MS-MDE2."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.enrollment import (
    DiscoverRequest,
    DiscoverResponse,
    parse_discover,
    parse_discover_response,
    parse_envelope,
    serialize_discover,
    serialize_discover_response,
)
from mdmcore.errors import DeviceFault, ServerFault
from mdmcore.namespaces import ACTION_DISCOVER, ACTION_DISCOVER_RESPONSE, DISCOVERY
from tests.enrollment.captures import win10_body
from tests.enrollment.oracles import check_request, check_soap, texts
from tests.enrollment.samples import MESSAGE_ID, REQUEST, RESPONSE, messages
from tests.xml.test_serializer import XML_TEXT

TRIMMED = XML_TEXT.map(str.strip)
WHERE = {"message_id": "urn:uuid:1", "to": "https://a.test/"}


def test_the_request_of_windows_10() -> None:
    assert parse_discover(win10_body(0)) == DiscoverRequest(
        email_address="demo@pocmdmserver.com",
        request_version="4.0",
        device_type="CIMClient_Windows",
        application_version="10.0.19043.2364",
        os_edition="72",
        auth_policies=("OnPremise", "Federated"),
    )


def test_the_answer_of_the_capture() -> None:
    assert parse_discover_response(win10_body(1)) == DiscoverResponse(
        auth_policy="OnPremise",
        enrollment_version="4.0",
        policy_url="https://pocmdmserver.com/EnrollmentServer/Policy.svc",
        enrollment_url="https://pocmdmserver.com/EnrollmentServer/Enrollment.svc",
    )


def test_the_request_is_valid() -> None:
    check_request(messages()["discover"])
    assert parse_envelope(messages()["discover"]).action == ACTION_DISCOVER


def test_the_answer_is_valid() -> None:
    check_soap(messages()["discover response"])
    check_soap(messages()["discover response"], schema="mdm-soap-mde1.xsd")
    answer = replace(
        RESPONSE,
        auth_policy="Federated",
        authentication_url="https://sts.example.test/",
        enrollment_version="4.0",
    )
    check_soap(serialize_discover_response(answer, relates_to=MESSAGE_ID))
    assert texts(messages()["discover response"])["Action"] == ACTION_DISCOVER_RESPONSE


def test_a_request_of_the_first_version_is_valid() -> None:
    """MS-MDE v1 knows two elements."""
    first = DiscoverRequest(email_address="user@example.test", request_version="1.0")
    data = serialize_discover(first, **WHERE)
    check_soap(data, schema="mdm-soap-mde1.xsd")
    assert b"DeviceType" not in data


def test_relates_to_is_verbatim() -> None:
    assert texts(messages()["discover response"])["RelatesTo"] == MESSAGE_ID


def test_order_nil_and_slash_do_not_matter() -> None:
    data = messages()["discover"].decode()
    data = data.replace(f'xmlns="{DISCOVERY}"', f'xmlns="{DISCOVERY}/"')
    data = data.replace(
        "<RequestVersion>2.0</RequestVersion>",
        '<RequestVersion xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>',
    )
    email = "<EmailAddress>user@example.test</EmailAddress>"
    data = data.replace(email, "").replace("</request>", email + "</request>")
    assert parse_discover(data.encode()) == replace(REQUEST, request_version="")


def test_absent_fields_are_empty() -> None:
    request = DiscoverRequest(email_address="DOMAIN\\user")
    assert parse_discover(serialize_discover(request, **WHERE)) == request


def test_another_message_is_the_senders_fault() -> None:
    with pytest.raises(DeviceFault, match="expected Discover in namespace"):
        parse_discover(messages()["policies"])
    with pytest.raises(ServerFault, match="expected DiscoverResponse in namespace"):
        parse_discover_response(messages()["policies"])
    with pytest.raises(ServerFault, match="not a SOAP envelope"):
        parse_discover_response(b"<html/>")


def test_a_message_without_its_part() -> None:
    data = messages()["discover"].replace(b"request>", b"other>")
    with pytest.raises(DeviceFault, match=r"no request \(/Envelope/Body/Discover\)"):
        parse_discover(data)
    assert parse_discover(data, strict=False).email_address == ""
    data = messages()["discover response"].replace(b"DiscoverResult>", b"other>")
    with pytest.raises(ServerFault, match=r"no DiscoverResult \(/Envelope/Body/DiscoverR"):
        parse_discover_response(data)
    assert parse_discover_response(data, strict=False).auth_policy == ""


@given(
    st.builds(
        DiscoverRequest,
        email_address=TRIMMED,
        request_version=TRIMMED,
        device_type=TRIMMED,
        application_version=TRIMMED,
        os_edition=TRIMMED,
        auth_policies=st.lists(TRIMMED, max_size=3).map(tuple),
    )
)
def test_request_round_trip(request: DiscoverRequest) -> None:
    assert parse_discover(serialize_discover(request, **WHERE)) == request


@given(
    st.builds(
        DiscoverResponse,
        auth_policy=TRIMMED,
        policy_url=TRIMMED,
        enrollment_url=TRIMMED,
        authentication_url=TRIMMED,
        enrollment_version=TRIMMED,
    )
)
def test_answer_round_trip(answer: DiscoverResponse) -> None:
    assert parse_discover_response(serialize_discover_response(answer, relates_to="1")) == answer
