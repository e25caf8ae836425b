"""Every rule of the enrolment phases that one exchange can show has a function."""

from __future__ import annotations

import pytest

from mdmcore.rules import RULES
from tests.rules.test_catalogue import index_rows

PHASES = (
    "tls-http",
    "discovery-wab-policy",
    "enrollment-certificate",
    "renewal",
    "unenrollment",
)
SEEN_IN = {"artifact", "exchange"}
ELSEWHERE = {"renew-response-full-doc", "cert-expired", "unenroll-data-missing"}
"""Rules whose functions stand with those on provisioning documents and commands."""


@pytest.mark.parametrize("phase", PHASES)
def test_every_rule_that_can_be_seen_has_a_function(phase: str) -> None:
    rows = {rule: row for rule, row in index_rows().items() if row[0] == phase}
    wanted = {rule for rule, row in rows.items() if SEEN_IN & set(row[3])}
    assert wanted
    assert wanted - RULES.keys() - ELSEWHERE == set()


def test_the_causes_have_none() -> None:
    causes = {rule for rule, row in index_rows().items() if "cause" in row[3]}
    assert len(causes) == 9
    assert not causes & RULES.keys()
