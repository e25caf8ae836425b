"""Strings, table entries and numbers as they are taken from the data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import WbxmlError
from mdmcore.syncml.wbxml.bounds import Account
from mdmcore.syncml.wbxml.charsets import charset_of
from mdmcore.syncml.wbxml.source import Source


def source(data: bytes, *, base: int = 0, strict: bool = True, mib: int = 106) -> Source:
    made = Source(data, Account(), base=base, strict=strict)
    made.charset = charset_of(mib)
    return made


def with_table(table: bytes) -> Source:
    made = source(bytes([len(table)]) + table)
    made.string_table()
    return made


@pytest.mark.parametrize(
    ("index", "text"), [(0, "one"), (1, "ne"), (3, ""), (4, "two"), (8, "last"), (11, "t")]
)
def test_an_entry_ends_at_its_nul_or_at_the_end_of_the_table(index: int, text: str) -> None:
    assert with_table(b"one\x00two\x00last").entry(index, 0) == text


@pytest.mark.parametrize("index", [3, 4, 0xFFFFFFFF])
def test_an_index_beyond_the_table_is_refused(index: int) -> None:
    with pytest.raises(WbxmlError, match="beyond the string table of 3 bytes") as caught:
        with_table(b"one").entry(index, 77)
    assert caught.value.offset == 77


def test_an_empty_table_has_no_entry() -> None:
    with pytest.raises(WbxmlError, match="beyond the string table of 0 bytes"):
        with_table(b"").entry(0, 0)


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_strings_of_two_bytes_a_character_end_at_a_whole_nul(text: str) -> None:
    data = text.encode("utf-16-be")
    found = source(data + b"\x00\x00rest", mib=1015)
    assert (found.inline(), found.left) == (text, 4)


@pytest.mark.parametrize(("data", "mib"), [(b"abc", 106), (b"a\x00b\x00\x00", 1015), (b"", 106)])
def test_a_string_without_its_nul_is_refused_at_the_end(data: bytes, mib: int) -> None:
    with pytest.raises(WbxmlError, match="unexpected end: the NUL behind a string") as caught:
        source(data, base=100, mib=mib).inline()
    assert caught.value.offset == 100 + len(data)


@pytest.mark.parametrize("code", ["83b000", "83bf7f", "c48000", "8fffffff7f"])
def test_surrogates_and_what_is_beyond_unicode_are_no_characters(code: str) -> None:
    with pytest.raises(WbxmlError, match="there is no character") as caught:
        source(bytes.fromhex(code), base=7).character()
    assert caught.value.offset == 7


def test_an_entity_is_a_character() -> None:
    assert source(b"\x87\xcf\x04").character() == chr(0x1E784)


def test_opaque_data_longer_than_the_rest_are_refused() -> None:
    with pytest.raises(WbxmlError, match="opaque data of 5 bytes, 3 are left"):
        source(b"\x05abc").opaque()


def test_text_that_is_not_in_the_charset_is_noted_with_its_offset() -> None:
    lenient = source(b"a\xffb\x00", base=10, strict=False)
    assert lenient.inline() == "a\ufffdb"
    assert [(problem.offset) for problem in lenient.problems] == [11]
    with pytest.raises(WbxmlError, match="not UTF-8") as caught:
        source(b"a\xffb\x00", base=10).inline()
    assert caught.value.offset == 11
