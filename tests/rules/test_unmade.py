"""The mistakes that are not made on purpose: each is an entry that could be, with a reason."""

from __future__ import annotations

from mdmcore.rules import entry
from mdmcore.rules.unmade import unmade


def test_each_could_be_made_and_says_why_it_is_not() -> None:
    assert unmade()
    for rule_id, why in unmade().items():
        assert entry(rule_id).fault == "yes"
        assert 20 < len(why) < 300
        assert why.endswith(".")
