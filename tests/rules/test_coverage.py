"""Every rule of the index that one message or exchange can show has a function."""

from __future__ import annotations

import pytest

from mdmcore.rules import RULES
from tests.rules.test_catalogue import index_rows

SECTIONS = (
    "tls-http",
    "discovery-wab-policy",
    "enrollment-certificate",
    "renewal",
    "unenrollment",
    "provisioning",
    "schedule",
    "hub",
    "aet",
    "transport-dm",
    "session",
    "authentication",
    "commands-csp",
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


def test_the_causes_have_none() -> None:
    causes = {rule_id for rule_id, row in index_rows().items() if "cause" in row[3]}
    assert len(causes) == 9
    assert not causes & RULES.keys()
