"""Every rule of the index that one message or exchange can show has a function."""

from __future__ import annotations

import pytest

from mdmcore.rules import RULES
from tests.rules.test_catalogue import index_rows

SECTIONS = (
    "provisioning",
    "schedule",
    "hub",
    "aet",
)
"""Sections of the index, as they are called there, whose rules are all there."""

VISIBLE = {"artifact", "exchange"}


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_is_covered(section: str) -> None:
    wanted = {
        rule_id
        for rule_id, (phase, _, _, scopes, _, _) in index_rows().items()
        if phase == section.replace("/", "-") and VISIBLE & set(scopes)
    }
    assert wanted, f"the index has no section {section}"
    assert sorted(wanted - RULES.keys()) == []
