"""JWTs, whole and broken."""

from __future__ import annotations

import base64
import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import ParseError
from mdmcore.inspector.artifact.user_token import (
    jwt_of,
    parse_user_token,
    token_facts,
    token_summary,
)
from tests.support.artifacts import jwt

# RFC 7519 section 3.1.
RFC_EXAMPLE = (
    b"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
    b"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    b"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)


def test_the_example_of_the_rfc() -> None:
    token = parse_user_token(RFC_EXAMPLE)
    assert token.header == {"typ": "JWT", "alg": "HS256"}
    assert token.claims == {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}
    assert token_facts(token, datetime(2011, 3, 22, tzinfo=UTC)) == {
        "typ": "JWT",
        "alg": "HS256",
        "iss": "joe",
        "exp": "2011-03-22T18:43:00Z",
        "other_claims": ["http://example.com/is_root"],
        "signature": "not verified",
        "state": "not expired",
    }
    assert token_summary(token) == "JWT from joe"


def test_without_a_moment_nothing_is_said_of_its_end() -> None:
    assert "state" not in token_facts(parse_user_token(RFC_EXAMPLE), None)


def test_an_unsigned_token() -> None:
    text = b".".join([*jwt(upn="a").split(b".")[:2], b""])
    assert token_facts(parse_user_token(text), None)["signature"] == "none"


@pytest.mark.parametrize("exp", [10**30, -(10**30), "soon", None, True, 1e400])
def test_times_that_are_none(exp: object) -> None:
    facts = token_facts(parse_user_token(jwt(exp=exp)), datetime(2026, 1, 1, tzinfo=UTC))
    assert isinstance(facts["exp"], str)
    assert "state" not in facts


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"eyJ.x.y",
        b"eyJhbGciOiJSUzI1NiJ9..",
        b"eyJhbGciOiJSUzI1NiJ9.W10.",
        b"eyJ" + b"A" * 300_000 + b"..",
        b"eyJhIjo" + base64.urlsafe_b64encode(b"[" * 100_000) + b".e30.",
    ],
)
def test_what_is_no_token(data: bytes) -> None:
    with pytest.raises(ParseError):
        parse_user_token(data)


def test_claims_are_bounded() -> None:
    facts = token_facts(parse_user_token(jwt(upn="x" * 9000, aud=["y"] * 9000)), None)
    assert max(len(str(value)) for value in facts.values()) <= 300


def test_a_security_header_has_it_in_base64() -> None:
    assert jwt_of(base64.b64encode(RFC_EXAMPLE).decode()) is not None
    for other in ("", "no base64!", base64.b64encode(b"opaque").decode()):
        assert jwt_of(other) is None


@given(st.recursive(st.none() | st.integers() | st.text(max_size=9), st.lists, max_leaves=9))
def test_any_claims_are_answered(value: object) -> None:
    token = parse_user_token(jwt(upn=value, iss=value, exp=value, other=value))
    json.dumps(token_facts(token, datetime(2026, 1, 1, tzinfo=UTC)))
    token_summary(token)


@given(st.binary(max_size=60))
def test_any_bytes_are_answered(data: bytes) -> None:
    with contextlib.suppress(ParseError):
        parse_user_token(b"eyJhbGciOiJSUzI1NiJ9." + data)
