"""The marks of a test function, those of its parametrised rows among them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


def marks_named(function: object, name: str) -> Iterator[pytest.Mark]:
    """Each mark of that name, rows first as they are written."""
    for mark in getattr(function, "pytestmark", ()):
        rows = mark.args[1] if mark.name == "parametrize" else ()
        below = [one for row in rows for one in getattr(row, "marks", ())]
        for one in (*below, mark):
            plain = getattr(one, "mark", one)
            if plain.name == name:
                yield plain
