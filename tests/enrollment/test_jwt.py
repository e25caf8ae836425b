"""Claims of a token, and tokens that are none."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.enrollment.jwt import MAX_JWT_BYTES, parse_jwt
from mdmcore.errors import ParseError

# The example of RFC 7519 section 3.1.
PUBLISHED = (
    b"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
    b"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    b"fQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)


def test_the_example_of_the_specification() -> None:
    token = parse_jwt(PUBLISHED)
    assert dict(token.header) == {"typ": "JWT", "alg": "HS256"}
    assert dict(token.claims) == {
        "iss": "joe",
        "exp": 1300819380,
        "http://example.com/is_root": True,
    }


def test_the_signature_is_not_shown() -> None:
    token = parse_jwt(PUBLISHED)
    assert token.signature == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert "dBjft" not in repr((token, dict(token.header), dict(token.claims)))


@pytest.mark.parametrize(
    "token",
    [
        b"",
        b"eyJ9",
        b"e30.",
        b"e30.W10.x",  # an array
        b".e30.",
        b"e30.!!!!.",
        b"e30." + base64.b64encode(b"[" * 30_000),
        b"a." * MAX_JWT_BYTES,
    ],
)
def test_what_is_no_token_is_refused_in_one_line(token: bytes) -> None:
    with pytest.raises(ParseError, match="JWT"):
        parse_jwt(token)


def test_the_place_of_a_mistake_is_told() -> None:
    header = PUBLISHED.partition(b".")[0]
    with pytest.raises(ParseError, match="the claims of the JWT") as caught:
        parse_jwt(header + b".!!!!.")
    assert caught.value.offset == len(header) + 1


def test_every_truncation_before_the_signature_is_refused() -> None:
    for end in range(PUBLISHED.rindex(b".") - 1):
        with pytest.raises(ParseError):
            parse_jwt(PUBLISHED[:end])


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.none()))
def test_claims_come_back(claims: dict[str, object]) -> None:
    parts = (
        base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=")
        for each in ({"alg": "none"}, claims)
    )
    assert dict(parse_jwt(b".".join([*parts, b""])).claims) == claims
