"""What a user wants otherwise than the catalogue: silence, another severity."""

from __future__ import annotations

import re

import pytest

from mdmcore.enrollment.fault import serialize_fault
from mdmcore.errors import ConfigError
from mdmcore.inspector import ArtifactSettings, Inspector, inspect_artifact
from mdmcore.rules import Finding, Severity, catalogue, resolve
from mdmcore.rules.overrides import NO_OVERRIDES, Overrides, parse_overrides
from tests.support.story import MESSAGE_ID, NOW, Story, document


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


NAMES = [name for item in catalogue() for name in (item.id, *item.aliases)]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_heard(name: str) -> None:
    named = {item.id for item in resolve(name)}
    said = [finding(item.id) for item in catalogue()]
    kept = parse_overrides([name]).of_findings(said)
    assert {one.rule for one in said} - {one.rule for one in kept} == named
    for level in ("info", "warning", "error"):
        told = parse_overrides(severities=[f"{name}={level}"]).of_findings(
            [finding(one, Severity.INFO) for one in named]
        )
        assert {one.severity.value for one in told} == {level}


# --- causes


def refused(wanted: Overrides) -> dict[str, tuple[str, ...]]:
    """What a fault to a phone's CSR is explained by, at once and at the end."""
    story = Story("wp8")
    story.inspector = Inspector("wp8", overrides=wanted)
    fault = serialize_fault("CertificateRequest", "no", MESSAGE_ID)
    here = story.enroll(response=fault, status=500).findings
    said = {one.rule: one.caused_by for one in here}
    assert said == {one.rule: one.caused_by for one in story.inspector.findings()}
    return said


def test_a_cause_that_is_disabled_is_not_named() -> None:
    assert refused(NO_OVERRIDES) == {
        "enrollment-refused": ("csr-strict-parser", "csr-sha1-flagged-invalid", "csr-edited")
    }
    assert refused(parse_overrides(["csr-edited,csr-sha1-flagged-invalid"])) == {
        "enrollment-refused": ("csr-strict-parser",)
    }
    assert refused(parse_overrides(severities=["csr-edited=error"])) == refused(NO_OVERRIDES)
    assert refused(parse_overrides(["enrollment-refused"])) == {}


def test_a_symptom_does_not_name_a_rule_that_is_disabled() -> None:
    causes = {}
    for disabled in ((), ("first-sync-window-missed",), ("aux-retry-zero",)):
        story = Story("wp8")
        story.inspector = Inspector("wp8", overrides=parse_overrides(disabled))
        wap = document().replace(b'"AuxNumRetries" value="10"', b'"AuxNumRetries" value="0"')
        story.enrolled(wap)
        story.inspector.tell_time(NOW.replace(year=NOW.year + 1))
        causes[disabled] = {one.rule: one.caused_by for one in story.inspector.findings()}
    zero, missed = "omadmretry-first-set-zero", "first-sync-window-missed"
    assert causes == {
        (): {missed: (zero,), zero: ()},
        (missed,): {zero: ()},
        ("aux-retry-zero",): {missed: ()},
    }


@pytest.mark.parametrize("is_disabled", [False, True])
def test_a_loose_file_is_judged_as_wanted(is_disabled: bool) -> None:
    broken = document().replace(b"ExampleMDM", b"Example\xff")
    wanted = parse_overrides(["wap-not-utf8"] if is_disabled else [])
    settings = ArtifactSettings(profile="wp8", now=NOW, overrides=wanted)
    (report,) = inspect_artifact(broken, name="x", settings=settings)
    found = {one.rule: one.caused_by for one in report.findings}
    assert found["wap-not-wellformed"] == (() if is_disabled else ("wap-not-utf8",))
    assert ("wap-not-utf8" in found) is not is_disabled


def test_a_rule_that_is_disabled_stays_so_when_it_is_raised() -> None:
    said = (finding("crl-unreachable", Severity.ERROR),)
    assert parse_overrides(["crl-unreachable"]).of_findings(said) == ()
    (told,) = parse_overrides(severities=["crl-unreachable=info"]).of_findings(said)
    assert told.severity is Severity.INFO
