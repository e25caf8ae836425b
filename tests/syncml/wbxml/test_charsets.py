"""Character sets by number, held against Python's codecs and each other."""

from __future__ import annotations

import codecs

import pytest

from mdmcore.errors import WbxmlError
from mdmcore.syncml.wbxml import charset_of


@pytest.mark.parametrize(
    ("mib", "name", "codec"),
    [
        (3, "US-ASCII", "ascii"),
        (4, "ISO-8859-1", "latin-1"),
        (12, "ISO-8859-9", "iso8859-9"),
        (17, "Shift_JIS", "shift_jis"),
        (106, "UTF-8", "utf-8"),
        (1015, "UTF-16", "utf-16-be"),
        (2026, "Big5", "big5"),
        (2252, "windows-1252", "cp1252"),
    ],
)
def test_iana_s_numbers(mib: int, name: str, codec: str) -> None:
    found = charset_of(mib)
    assert found.name == name
    assert codecs.lookup(found.codec) == codecs.lookup(codec)
    assert found.terminator.decode(found.codec) == "\x00"


def test_an_unknown_number_is_refused() -> None:
    with pytest.raises(WbxmlError, match="MIBenum 9999 is not known") as caught:
        charset_of(9999, offset=3)
    assert caught.value.offset == 3
