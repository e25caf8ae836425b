"""Names of UTF-8, and where bytes stop being it."""

from __future__ import annotations

import pytest

from mdmcore.rules.decoded import BodySide
from mdmcore.rules.text_encoding import is_utf8_name, not_utf8_at


@pytest.mark.parametrize(
    ("name", "is_utf8"),
    [("UTF-8", True), ("utf8", True), ("US-ASCII", True), ("iso-8859-1", False), ("", False)],
)
def test_names(name: str, is_utf8: bool) -> None:
    assert is_utf8_name(name) is is_utf8


@pytest.mark.parametrize(
    ("body", "at"),
    [
        (b"<a/>", None),
        ("<ä/>".encode(), None),
        (b"<a>\xe4</a>", 3),
        (b"<a>\xed\xa0\x80</a>", 3),
        (b"<a>\xc3", None),
        (b"", None),
    ],
)
def test_bytes(body: bytes, at: int | None) -> None:
    assert not_utf8_at(BodySide(part="request", body=body, encoding="xml", charset="utf-8")) == at


@pytest.mark.parametrize(("encoding", "charset"), [("wbxml", "utf-8"), ("xml", "latin-1")])
def test_other_bodies_are_not_looked_at(encoding: str, charset: str) -> None:
    side = BodySide(part="request", body=b"\xff", encoding=encoding, charset=charset)
    assert not_utf8_at(side) is None
