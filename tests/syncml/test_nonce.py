"""Nonces as bytes and as base64 text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.syncml.nonce import decode_nonce, encode_nonce, nonce_forms


@given(st.binary(max_size=64))
def test_a_nonce_survives_its_text_form(nonce: bytes) -> None:
    assert decode_nonce(encode_nonce(nonce)) == nonce


@pytest.mark.parametrize("text", ["nonce", "AAAA=", "AAA", "AA*A", "AAA=AAA=", "ä"])
def test_what_is_no_base64_is_no_nonce(text: str) -> None:
    assert decode_nonce(text) is None


def test_white_space_inside_a_nonce_is_passed_over() -> None:
    assert decode_nonce(" Tm9u\r\n Y2U=\t") == b"Nonce"


def test_either_form_gives_the_other() -> None:
    assert nonce_forms(b"Nonce", None) == (b"Nonce", "Tm9uY2U=")
    assert nonce_forms(None, "Tm9uY2U=") == (b"Nonce", "Tm9uY2U=")
    assert nonce_forms(b"Nonce", "Tm9u Y2U=") == (b"Nonce", "Tm9u Y2U=")
    assert nonce_forms(None, None) == (None, None)


def test_contradicting_forms_are_refused() -> None:
    with pytest.raises(ValueError, match="different nonces"):
        nonce_forms(b"old", "Tm9uY2U=")
