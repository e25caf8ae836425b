"""Security headers, read back by the envelope's reader, the standard library and the schemas."""

from __future__ import annotations

import base64
from datetime import datetime

import pytest
from hypothesis import given

from mdmcore.enrollment import (
    blank_username_token,
    envelope,
    parse_envelope,
    serialize_get_policies,
    user_token,
    username_token,
)
from mdmcore.enrollment.security import timestamp
from mdmcore.namespaces import (
    ENCODING_BASE64,
    PASSWORD_TEXT,
    SECEXT,
    USERNAME_TOKEN_ID,
    VALUE_TYPE_JWT,
    VALUE_TYPE_USER_TOKEN,
)
from mdmcore.xml import Node, parse_strict
from tests.enrollment.oracles import check_request, texts
from tests.enrollment.samples import CREATED, EXPIRES
from tests.xml.test_serializer import XML_TEXT

WHERE = {"message_id": "urn:uuid:1", "to": "https://mdm.example.test/x"}


def test_username_token_as_windows_writes_it() -> None:
    security = username_token("me", "pa<ss")
    root = parse_strict(envelope("urn:act", security=security))
    password = next(e for e in root.iter(f"{{{SECEXT}}}Password"))
    assert password.get(f"{{{SECEXT}}}Type") == PASSWORD_TEXT
    assert password.text == "pa<ss"
    assert USERNAME_TOKEN_ID.encode() in envelope("urn:act", security=security)


@given(XML_TEXT)
def test_a_user_token_is_base64_around_the_text(token: str) -> None:
    found = parse_envelope(envelope("urn:act", security=user_token(token))).user_token
    assert found is not None
    assert (found.value_type, found.encoding_type) == (VALUE_TYPE_USER_TOKEN, ENCODING_BASE64)
    assert found.encoding_type.endswith("#base64binary")
    assert base64.b64decode(found.text).decode() == token


def test_a_jwt_says_what_it_is() -> None:
    found = parse_envelope(envelope("urn:act", security=user_token("a.b.c", VALUE_TYPE_JWT)))
    assert found.user_token is not None
    assert found.user_token.value_type == "urn:ietf:params:oauth:token-type:jwt"


def test_the_blank_user_of_a_silent_renewal() -> None:
    security = blank_username_token("user@example.test", created=CREATED, expires=EXPIRES)
    found = texts(envelope("urn:act", security=security))
    assert (found["Username"], found["Password"] or "") == ("user@example.test", "")
    assert (found["Created"], found["Expires"]) == (
        "2014-06-01T10:00:00.001Z",
        "2014-06-01T10:05:00.000Z",
    )


def test_a_timestamp_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        timestamp(datetime(2014, 6, 1), EXPIRES)


@pytest.mark.parametrize(
    "security",
    [
        username_token("user@example.test", "p"),
        user_token("opaque"),
        user_token("a.b.c", VALUE_TYPE_JWT),
        blank_username_token("user@example.test", created=CREATED, expires=EXPIRES),
        None,
    ],
    ids=["name", "token", "jwt", "blank", "none"],
)
def test_every_header_is_valid(security: Node | None) -> None:
    check_request(serialize_get_policies(security=security, **WHERE))
