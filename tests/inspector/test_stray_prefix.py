"""Bytes before a declaration: only those that are the document's one mistake."""

from __future__ import annotations

import pytest

from mdmcore.inspector.stray_prefix import stray_prefix

RIGHT = b'<?xml version="1.0"?><a/>'


@pytest.mark.parametrize("prefix", [b"\n", b"\xef\xbb\xbf", b"text", b"x" * 4000])
def test_what_stands_before_it(prefix: bytes) -> None:
    assert stray_prefix(prefix + RIGHT) == prefix


@pytest.mark.parametrize(
    "text", [RIGHT, b"", b"<a/>", b"\n<a/>", b"\n" + RIGHT[:-2], b"x" * 5000 + RIGHT]
)
def test_what_is_none(text: bytes) -> None:
    assert stray_prefix(text) == b""
