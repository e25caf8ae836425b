"""``docs/blog.md`` answers each statement of the article and each comment, by what exists."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from mdmcore.cli.main import COMMANDS
from mdmcore.rules import catalogue
from mdmcore.server.faults import FAULTS
from tests.matrix.rows import rows
from tests.support.requirements import CHECKOUT

_ROW = re.compile(r"^\| ([TC]\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.M)
_TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")
_ID = re.compile(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`")
_COMMAND = re.compile(r"`mdmproxy ([a-z-]+)")
NUMBERS = [f"T{number}" for number in range(1, 57)] + [f"C{number}" for number in range(1, 26)]
"""56 statements and 25 comments."""


def told() -> dict[str, tuple[str, str, str]]:
    text = (CHECKOUT / "docs" / "blog.md").read_text("utf-8")
    return {number: (says, answer, proof) for number, says, answer, proof in _ROW.findall(text)}


@cache
def functions(path: str) -> frozenset[str]:
    tree = ast.parse((CHECKOUT / "tests" / path).read_text("utf-8"))
    return frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def test_nothing_is_left_without_a_row() -> None:
    assert list(told()) == NUMBERS
    assert [number for number, (_, _, proof) in told().items() if proof == "-"] == ["C14"]


@pytest.mark.parametrize("number", NUMBERS)
def test_what_answers_and_what_proves_it_exists(number: str) -> None:
    _, answer, proof = told()[number]
    ids = set(_ID.findall(answer))
    assert ids <= {item.id for item in catalogue()}
    assert set(_COMMAND.findall(answer)) <= set(COMMANDS)
    assert ids or "mdmproxy" in answer or "(" in answer or number == "C14"
    for path, name in _TEST.findall(proof):
        assert name in functions(path)
    if proof.startswith("matrix"):
        played = {row.fault for row in rows()}
        assert ids & FAULTS.keys()
        assert ids & FAULTS.keys() <= played
