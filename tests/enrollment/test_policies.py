"""GetPolicies and its answer, against the capture and the schema of MS-XCEP."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.enrollment import (
    PolicyOid,
    PolicyResponse,
    is_get_policies,
    parse_envelope,
    parse_get_policies_response,
    serialize_get_policies_response,
)
from mdmcore.errors import ServerFault, XmlError
from mdmcore.namespaces import ACTION_GET_POLICIES, ACTION_GET_POLICIES_RESPONSE
from tests.enrollment.captures import win10_body
from tests.enrollment.oracles import check_request, check_soap, texts
from tests.enrollment.samples import MESSAGE_ID, POLICY, messages
from tests.xml.test_serializer import XML_TEXT

NUMBER = st.none() | st.integers(0, 2**31 - 1)


def test_the_request_of_windows_10() -> None:
    message = parse_envelope(win10_body(2))
    assert is_get_policies(message)
    assert (message.username, message.password) == ("demo@pocmdmserver.com", "demo")
    assert not is_get_policies(parse_envelope(win10_body(4)))


def test_our_request_is_valid_and_like_theirs() -> None:
    data = messages()["policies"]
    check_request(data)
    message = parse_envelope(data)
    assert is_get_policies(message)
    assert message.action == ACTION_GET_POLICIES
    assert (message.username, message.password) == ("user@example.test", " p<a&ss ")
    assert set(texts(data)) == set(texts(win10_body(2)))


def test_the_captured_answer_is_not_wellformed_but_readable() -> None:
    data = win10_body(3)
    with pytest.raises(XmlError, match="attribute name"):
        parse_get_policies_response(data)
    assert parse_get_policies_response(data, strict=False) == PolicyResponse(
        policy_schema=3,
        minimal_key_length=2048,
        hash_oid_reference=None,
        oids=(
            PolicyOid(
                value="1.3.6.1.4.1.311.20.2",
                group=1,
                reference_id=5,
                default_name="Certificate Template Name",
            ),
        ),
    )


def test_our_answer_is_valid() -> None:
    data = messages()["policies response"]
    check_soap(data)
    assert texts(data)["RelatesTo"] == MESSAGE_ID
    assert texts(data)["Action"] == ACTION_GET_POLICIES_RESPONSE
    assert texts(data)["validityPeriodSeconds"] == "31536000"


def test_an_answer_that_leaves_all_open_is_valid() -> None:
    nothing = PolicyResponse(policy_schema=3, minimal_key_length=2048, hash_oid_reference=None)
    data = serialize_get_policies_response(nothing, relates_to="1")
    check_soap(data)
    assert parse_get_policies_response(data) == nothing
    assert nothing.hash_oid is None


def test_the_reference_points_at_its_oid() -> None:
    assert parse_get_policies_response(messages()["policies response"]) == POLICY
    assert POLICY.hash_oid == "1.3.14.3.2.29"
    assert replace(POLICY, hash_oid_reference=5).hash_oid is None


def test_a_number_that_is_none() -> None:
    data = messages()["policies response"].replace(b">2048<", b">many<")
    place = r"\(/Envelope/Body/.*/privateKeyAttributes/minimalKeyLength\)"
    with pytest.raises(ServerFault, match="'many' is not a number " + place):
        parse_get_policies_response(data)
    assert parse_get_policies_response(data, strict=False).minimal_key_length is None


def test_numbers_are_bounded() -> None:
    data = messages()["policies response"].replace(b">2048<", b">" + b"9" * 5000 + b"<")
    with pytest.raises(ServerFault, match=r"'9{40}' is not a number"):
        parse_get_policies_response(data)


def test_lenient_finds_what_stands_elsewhere() -> None:
    data = messages()["policies response"].replace(b"attributes>", b"other>")
    assert parse_get_policies_response(data).minimal_key_length is None
    assert parse_get_policies_response(data, strict=False).minimal_key_length == 2048


def test_another_message_is_the_servers_fault() -> None:
    with pytest.raises(ServerFault, match="expected GetPoliciesResponse"):
        parse_get_policies_response(messages()["fault"])


@given(
    st.builds(
        PolicyResponse,
        policy_schema=NUMBER,
        minimal_key_length=NUMBER,
        hash_oid_reference=NUMBER,
        oids=st.lists(
            st.builds(
                PolicyOid,
                value=XML_TEXT.map(str.strip),
                group=NUMBER,
                reference_id=NUMBER,
                default_name=XML_TEXT.map(str.strip),
            ),
            max_size=3,
        ).map(tuple),
    )
)
def test_round_trip(policy: PolicyResponse) -> None:
    data = serialize_get_policies_response(policy, relates_to=None)
    assert parse_get_policies_response(data) == policy
    assert parse_get_policies_response(data, strict=False) == policy
