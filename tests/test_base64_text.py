"""Base64 of tokens and nonces: blanks are skipped, anything else that is no base64 is refused."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.enrollment import decode_base64, encode_base64


@given(st.binary(max_size=200))
def test_round_trip(data: bytes) -> None:
    text = encode_base64(data)
    assert text.encode() == base64.b64encode(data)
    assert decode_base64(text) == data
    assert decode_base64(base64.encodebytes(data).decode() + " \t\r\n") == data


@pytest.mark.parametrize(
    "text", ["nonce", "YQ", "YQ==YQ==", "Y_-=", "YWJj!", "=", "Y\u00a0WJj", "-----BEGIN X-----"]
)
def test_what_is_no_base64(text: str) -> None:
    assert decode_base64(text) is None


def test_nothing_is_no_bytes() -> None:
    assert decode_base64(" ") == b""
