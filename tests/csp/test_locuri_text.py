"""Mistakes in the text of a LocURI (session.md 2.3)."""

from __future__ import annotations

import pytest

from mdmcore.csp.locuri_text import LocUriMistake, locuri_mistakes


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        ("./DevInfo/Man", ()),
        ("DevInfo", ()),
        (".", ()),
        ("./A/v1.0?list=StructData", ()),
        ("/DevInfo", (LocUriMistake.LEADING_SLASH,)),
        ("./A/./B", (LocUriMistake.DOT_SEGMENT,)),
        ("./A/..", (LocUriMistake.DOT_SEGMENT,)),
        ("./A/{B}", (LocUriMistake.BRACE,)),
        ("./A\n/B", (LocUriMistake.BLANK,)),
        (".\\A", (LocUriMistake.BACKSLASH,)),
        (
            "/{ \\",
            (
                LocUriMistake.LEADING_SLASH,
                LocUriMistake.BRACE,
                LocUriMistake.BLANK,
                LocUriMistake.BACKSLASH,
            ),
        ),
    ],
)
def test_what_is_wrong(uri: str, found: tuple[LocUriMistake, ...]) -> None:
    assert locuri_mistakes(uri) == found
