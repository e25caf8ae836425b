"""The statements of the index of rules about two rules at once, and about what is known.

Two lists of rules.md say more than its table: which rule speaks when two could, and how grave a
rule is in each state of knowledge. A test says by ``@pytest.mark.index("which", 3, "an-id")``
which statement of which list it holds against the code, and which rules of it.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import dataclass
from functools import cache

from tests.support.marks import marks_named
from tests.support.requirements import protocol_file

WHICH = "which"
"""The list "Which rule speaks when two could"."""

KNOWN = "known"
"""The list "Severity that depends on what is known"."""

HEADINGS = {
    WHICH: "### Which rule speaks when two could",
    KNOWN: "### Severity that depends on what is known",
}
_ID = re.compile(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A bullet of one of the lists, numbered from 1, and the rules that it names."""

    list: str
    number: int
    text: str
    rules: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.list}-{self.number}"


def statements() -> tuple[Statement, ...]:
    """All bullets of both lists, in their order."""
    return parse_statements(protocol_file("rules.md").read_text("utf-8"))


def parse_statements(text: str) -> tuple[Statement, ...]:
    """The bullets below the two headings."""
    found = []
    for name, heading in HEADINGS.items():
        section = re.split(r"(?m)^#", text.partition(f"{heading}\n")[2])[0]
        bullets = re.split(r"(?m)^- ", section)[1:]
        for number, bullet in enumerate(bullets, start=1):
            rules = tuple(dict.fromkeys(_ID.findall(bullet)))
            found.append(Statement(list=name, number=number, text=bullet.strip(), rules=rules))
    return tuple(found)


@cache
def marked() -> frozenset[tuple[str, int, str]]:
    """List, number and rule of everything marked below ``tests/rules``, selected or not."""
    package = importlib.import_module("tests.rules")
    found: set[tuple[str, int, str]] = set()
    for module in pkgutil.walk_packages(package.__path__, "tests.rules."):
        if module.name.rpartition(".")[2].startswith("test_"):
            for function in vars(importlib.import_module(module.name)).values():
                for mark in marks_named(function, "index"):
                    name, number, *rules = mark.args
                    found.update((name, number, rule) for rule in rules)
    return frozenset(found)
