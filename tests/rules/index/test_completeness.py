"""Every statement of the two lists has a marked test for each rule that it names."""

from __future__ import annotations

import pytest

from mdmcore.rules import catalogue
from tests.support import index_statements as index
from tests.support.index_statements import KNOWN, WHICH, parse_statements

COUNTS = {WHICH: 18, KNOWN: 9}
TEXT = f"""{index.HEADINGS[WHICH]}
So that one mistake gives one finding.
- Blanks: `one-rule`, in `.aetx`; with `--profile` or a `word`: `other-rule`
  and `one-rule` again.
- More: `third-rule`.

### Something else
- `fourth-rule`
"""


def test_each_rule_of_each_statement_is_asserted() -> None:
    missing = [
        (str(one), rule)
        for one in index.statements()
        for rule in one.rules
        if (one.list, one.number, rule) not in index.marked()
    ]
    assert missing == []


def test_a_mark_names_a_statement_and_rules_of_it() -> None:
    known = {(one.list, one.number): one for one in index.statements()}
    ids = {item.id for item in catalogue()}
    for name, number, rule in index.marked():
        assert (name, number) in known
        assert rule in ids


@pytest.mark.parametrize("name", COUNTS)
def test_both_lists_are_read_to_their_end(name: str) -> None:
    found = [one for one in index.statements() if one.list == name]
    assert len(found) == COUNTS[name]
    assert all(one.rules for one in found)


def test_a_statement_names_rules_that_exist() -> None:
    ids = {name for item in catalogue() for name in (item.id, *item.aliases)}
    assert {rule for one in index.statements() for rule in one.rules} <= ids


def test_bullets_are_read_with_what_goes_on_below() -> None:
    first, second = parse_statements(TEXT)
    assert (str(first), first.rules) == ("which-1", ("one-rule", "other-rule"))
    assert (str(second), second.rules) == ("which-2", ("third-rule",))
