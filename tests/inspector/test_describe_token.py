"""The token of a Federated enrolment: claims by name, no secret unless asked for."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from mdmcore.enrollment.soap import UserToken
from mdmcore.inspector.describe_token import describe_user_token
from mdmcore.inspector.masking import Mask
from mdmcore.namespaces import VALUE_TYPE_JWT, VALUE_TYPE_USER_TOKEN
from tests.support import messages
from tests.support.story import ENROLLMENT_URL, POLICY_URL, Story, phone_csr

CLAIMS: dict[str, object] = {
    "aud": "https://mdm.example.test/",
    "iss": "https://sts.windows.net/0000/",
    "exp": 1767225600,
    "tid": "00000000-0000-4000-8000-000000000000",
    "upn": "anna@example.test",
    "deviceid": "6f1c-device",
    "nbf": 1767222000,
}
SIGNATURE = "c2lnbmF0dXJl"


def jwt(claims: dict[str, object]) -> str:
    parts = ({"typ": "JWT", "alg": "RS256"}, claims)
    texts = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts]
    return ".".join([*texts, SIGNATURE])


def token(text: str, value_type: str = VALUE_TYPE_JWT) -> UserToken:
    encoded = base64.b64encode(text.encode()).decode()
    return UserToken(value_type=value_type, encoding_type="", text=encoded)


def test_five_claims_are_shown_and_the_others_named() -> None:
    found = describe_user_token(token(jwt(CLAIMS)), Mask())
    assert found == {
        "value_type": VALUE_TYPE_JWT,
        "text": "***",
        "jwt": {
            "algorithm": "RS256",
            "claims": {
                "aud": "https://mdm.example.test/",
                "iss": "https://sts.windows.net/0000/",
                "exp": "2026-01-01T00:00:00Z",
                "tid": "00000000-0000-4000-8000-000000000000",
                "upn": "anna@example.test",
                "deviceid": "***",
                "nbf": "***",
            },
        },
    }


def test_all_is_shown_to_who_asks_but_the_signature_stands_in_the_text_only() -> None:
    found = describe_user_token(token(jwt(CLAIMS)), Mask(show_secrets=True))
    assert found["jwt"]["claims"]["deviceid"] == "6f1c-device"
    assert found["jwt"]["claims"]["nbf"] == "2025-12-31T23:00:00Z"
    assert SIGNATURE not in json.dumps(found["jwt"])


def test_an_opaque_token_stays_one() -> None:
    found = describe_user_token(token("opaque-token", VALUE_TYPE_USER_TOKEN), Mask())
    assert found == {"value_type": VALUE_TYPE_USER_TOKEN, "text": "***"}


def test_a_jwt_under_another_value_type_is_read_as_well() -> None:
    found = describe_user_token(token(jwt(CLAIMS), VALUE_TYPE_USER_TOKEN), Mask())
    assert found["jwt"]["claims"]["upn"] == "anna@example.test"


@pytest.mark.parametrize("text", ["", "x.y.z", "eyJ.e30.x"])
def test_a_jwt_that_cannot_be_read(text: str) -> None:
    found = describe_user_token(token(text), Mask())
    assert found["problem"] == "the header of the JWT is no JSON in base64url (offset 0)"


@pytest.mark.parametrize("value", [10**30, "soon", True, None, {"a": 1}, -1])
def test_any_value_of_a_claim_has_a_text(value: object) -> None:
    found = describe_user_token(token(jwt({"exp": value})), Mask())
    assert isinstance(found["jwt"]["claims"]["exp"], str)


def test_a_request_with_a_jwt_says_whose_it_is() -> None:
    wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
    encoded = base64.b64encode(jwt(CLAIMS).encode()).decode()
    header = (
        f'<w:Security s:mustUnderstand="1" xmlns:w="{wsse}"><w:BinarySecurityToken '
        f'ValueType="{VALUE_TYPE_JWT}" EncodingType="{wsse}#base64binary">{encoded}'
        "</w:BinarySecurityToken></w:Security>"
    )
    body = messages.request_security_token(phone_csr(), header=header)
    policies = messages.get_policies().replace(
        messages.security("demo@example.test", "pw").encode(), header.encode()
    )
    story = Story("win10")
    for found in (story.post(POLICY_URL, policies, None), story.post(ENROLLMENT_URL, body, None)):
        soap: dict[str, Any] = found.decoded["request"]["soap"]
        assert soap["user_token"]["jwt"]["claims"]["upn"] == "anna@example.test"
        text = json.dumps(found.decoded)
        assert encoded not in text
        assert SIGNATURE not in text
