"""Numbers in groups of seven bits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import WbxmlError
from mdmcore.syncml.wbxml.bounds import Account
from mdmcore.syncml.wbxml.source import Source
from mdmcore.syncml.wbxml.tokens import encode_mb_u32


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (0, "00"),
        (0x6A, "6a"),
        (0x7F, "7f"),
        (0xA0, "8120"),
        (0x0FD3, "9f53"),
        (0x1201, "a401"),
        (0xFFFFFFFF, "8fffffff7f"),
    ],
)
def test_the_numbers_of_the_digest(value: int, data: str) -> None:
    assert encode_mb_u32(value).hex() == data


@given(st.integers(min_value=0, max_value=0xFFFFFFFF))
def test_any_number_is_read_back(value: int) -> None:
    source = Source(encode_mb_u32(value), Account(), base=0, strict=True)
    assert (source.number("x"), source.left) == (value, 0)


@pytest.mark.parametrize("value", [-1, 0x1_0000_0000])
def test_larger_numbers_are_refused(value: int) -> None:
    with pytest.raises(WbxmlError, match="32 bits"):
        encode_mb_u32(value)
