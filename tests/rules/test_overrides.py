"""What a user wants otherwise than the catalogue: silence, another severity."""

from __future__ import annotations

import re

import pytest

from mdmcore.errors import ConfigError
from mdmcore.rules import Finding, Severity
from mdmcore.rules.overrides import NO_OVERRIDES, parse_overrides


def finding(rule: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        message="",
        effect="",
        fix="",
        sources=(),
        life=None,
        count=1,
    )


def test_a_disabled_rule_is_silent_by_each_of_its_names() -> None:
    said = (finding("host-is-ip-address"), finding("missing-212"))
    for name in ("host-is-ip-address", "ip-host", "ip-host,entdmid-missing"):
        kept = parse_overrides([name]).of_findings(said)
        assert [one.rule for one in kept] == ["missing-212"]


def test_a_severity_is_changed_and_the_gravest_comes_first() -> None:
    said = (finding("missing-212"), finding("nonce-short", Severity.WARNING))
    wanted = parse_overrides(severities=["nonce-short=error,missing-212=info"])
    assert [(one.rule, one.severity.value) for one in wanted.of_findings(said)] == [
        ("nonce-short", "error"),
        ("missing-212", "info"),
    ]


def test_a_group_alias_names_all_its_rules() -> None:
    said = (finding("criteria-prefix"), finding("criteria-store"))
    assert parse_overrides(["search-criteria-format"]).of_findings(said) == ()


def test_disabling_wins_over_a_severity() -> None:
    wanted = parse_overrides(["missing-212"], ["missing-212=warning"])
    assert wanted.of_findings([finding("missing-212")]) == ()


def test_nothing_wanted_changes_nothing() -> None:
    said = (finding("missing-212"), finding("nonce-short", Severity.WARNING))
    assert parse_overrides() is NO_OVERRIDES
    assert NO_OVERRIDES.of_findings(said) == said


@pytest.mark.parametrize(
    ("disabled", "severities", "said"),
    [
        (["no-such-rule"], [], "no rule is called 'no-such-rule'"),
        ([], ["missing-212"], "'missing-212': use RULE=LEVEL"),
        ([], ["missing-212=grave"], "use RULE=LEVEL, LEVEL error, warning, info, none"),
        ([], ["=error"], "no rule is called ''"),
    ],
)
def test_what_does_not_exist_is_told(disabled: list[str], severities: list[str], said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)):
        parse_overrides(disabled, severities)
