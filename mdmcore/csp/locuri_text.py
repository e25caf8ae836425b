"""Mistakes in the text of a LocURI, before any node is looked for (session.md 2.3)."""

from __future__ import annotations

import re
from enum import StrEnum

_BLANK = re.compile(r"\s")
_DOTS = frozenset({".", ".."})


class LocUriMistake(StrEnum):
    """What is wrong with the text; the value says it in words that follow "the LocURI"."""

    LEADING_SLASH = "begins with /"
    DOT_SEGMENT = "has a segment . or .. that is not the first"
    BRACE = "has braces that are not percent-encoded"
    BLANK = "has blanks"
    BACKSLASH = "has a backslash"


def locuri_mistakes(uri: str) -> tuple[LocUriMistake, ...]:
    """Everything in the text that makes a device answer 400 or 404."""
    found = {
        LocUriMistake.LEADING_SLASH: uri.startswith("/"),
        LocUriMistake.DOT_SEGMENT: not _DOTS.isdisjoint(uri.partition("?")[0].split("/")[1:]),
        LocUriMistake.BRACE: "{" in uri or "}" in uri,
        LocUriMistake.BLANK: _BLANK.search(uri) is not None,
        LocUriMistake.BACKSLASH: "\\" in uri,
    }
    return tuple(mistake for mistake, is_there in found.items() if is_there)
