"""The catalogue against the index of rules it restates, and by itself."""

from __future__ import annotations

import re

import pytest

from mdmcore.errors import ConfigError
from mdmcore.rules import PHASES, PROFILES, RULES, Severity, catalogue, entry, resolve
from tests.support import requirements

OBSERVED = {
    *("enrollment-refused", "dm-credentials-refused", "session-called-failed"),
    "device-reports-failure",
    *("digest-from-unknown-values", "message-resent", "session-dropped"),
    *("renewal-not-attempted", "tls-closed-by-device"),
    *("tls-certificate-expired", "tls-too-old"),
    *("answer-broken-off", "answer-truncated", "answer-slow"),
    *("answer-not-http", "server-unreachable", "upstream-tls-failed", "proxy-cannot-carry"),
}
PARTS = {
    "hub-content-range-wrong",
    "hub-206-multipart",
    "hub-416-wrong",
    "hub-package-changed",
    "hub-if-range-ignored",
    "hub-bytes-differ",
    "hub-range-ignored",
    "hub-content-type-wrong",
}
"""The index asks for these checks and leaves their names open."""
_ROW = re.compile(
    r"\| `([a-z0-9-]+)` \| (.+?) \| (\S+) \| (.+?) \| .+? \| (.+?) \| (.+?) \|\s*$", re.M
)
_PHASE = re.compile(r"^### (\S+) \(\d+\)$", re.M)


def index_rows() -> dict[str, tuple[str, tuple[str, ...], str, tuple[str, ...], str, str]]:
    """Phase, aliases, letters, scope, fault and reaction of each row of the shared index."""
    text = requirements.protocol_file("rules.md").read_text("utf-8").partition("## The table")[2]
    rows = {}
    for part in re.split(r"(?m)^(?=### )", text):
        phase = _PHASE.search(part)
        for rule_id, aliases, letters, scope, fault, reaction in _ROW.findall(part):
            assert phase is not None
            names = tuple(re.findall(r"`([^`]+)`", aliases))
            scopes = tuple(item.strip() for item in scope.split(","))
            rows[rule_id] = (phase[1].replace("/", "-"), names, letters, scopes, fault, reaction)
    return rows


def test_it_holds_the_index_and_some_of_its_own() -> None:
    rows = index_rows()
    assert len(rows) == 287
    assert {item.id for item in catalogue()} == rows.keys() | OBSERVED | PARTS


def test_each_row_of_the_index_is_restated_exactly() -> None:
    for rule_id, (phase, aliases, letters, scope, fault, reaction) in index_rows().items():
        found = entry(rule_id)
        written = found.fault + (f": {found.fault_note}" if found.fault_note else "")
        assert (
            found.phase,
            found.aliases,
            found.severity_letters,
            found.scope,
            written,
            found.reaction,
        ) == (phase, aliases, letters, scope, fault, reaction), rule_id


@pytest.mark.parametrize("rule_id", [item.id for item in catalogue()])
def test_every_rule_says_what_it_is_about(rule_id: str) -> None:
    found = entry(rule_id)
    assert found.sources
    assert all(found.sources)
    for text in (found.looks_at, found.effect, found.fix):
        assert len(text) >= 10
        assert text.endswith((".", "/>")), text


@pytest.mark.parametrize("rule_id", [item.id for item in catalogue()])
def test_a_fix_is_short_and_its_how_is_by_tool(rule_id: str) -> None:
    found = entry(rule_id)
    assert len(found.fix) <= 600
    for name, text in found.how:
        assert 2 <= len(name) <= 20
        assert 40 <= len(text) <= 600
        assert text.endswith(".")


@pytest.mark.parametrize(
    "rule_id",
    [
        "cert-default-subject",
        "cert-subject-not-printable",
        "cert-subject-has-nul",
        "criteria-subject-mismatch",
    ],
)
def test_what_readers_of_the_blog_asked_is_told_for_each_tool(rule_id: str) -> None:
    found = entry(rule_id)
    tools = [name for name, _ in found.how]
    assert tools == ["AD CS", "OpenSSL", ".NET", "Go", "Python"]
    assert not [name for name in ("AD CS", "OpenSSL") if name not in found.fix]


def test_ids_and_aliases_stand_once() -> None:
    names = [name for item in catalogue() for name in (item.id, *item.aliases)]
    assert len(names) == len(set(names))


def test_phases_come_in_the_order_of_a_life() -> None:
    seen = list(dict.fromkeys(item.phase for item in catalogue()))
    assert tuple(seen) == PHASES


def test_severity_goes_by_profile() -> None:
    found = entry("cert-subject-not-printable")
    assert [found.severity(profile) for profile in PROFILES] == ["error", "warning", "none", "none"]
    assert found.derived == {"wp81", "win81", "win10"}


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ConfigError, match="wp8, wp81, win81, win10"):
        entry("criteria-prefix").severity("wp7")


def test_an_alias_leads_to_its_rule() -> None:
    assert [item.id for item in resolve("missing-appauth-entry")] == ["appauth-entry-missing"]
    assert [item.id for item in resolve("appauth-entry-missing")] == ["appauth-entry-missing"]


def test_a_group_alias_leads_to_all_of_its_rules() -> None:
    found = [item.id for item in resolve("search-criteria-format")]
    assert found == ["criteria-prefix", "criteria-store"]


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ConfigError, match="no rule is called 'nonsense'"):
        resolve("nonsense")


def test_causes_and_consequences_mirror_each_other() -> None:
    by_id = {item.id: item for item in catalogue()}
    for item in catalogue():
        for cause in item.causes:
            assert item.id in by_id[cause].consequences
        for symptom in item.consequences:
            assert item.id in by_id[symptom].causes
    assert "hub-no-attempt" in entry("cert-public-key-mismatch").consequences


@pytest.mark.parametrize("rule_id", sorted(RULES))
def test_a_registered_rule_has_an_entry_that_is_no_mere_cause(rule_id: str) -> None:
    found = entry(rule_id)
    assert "cause" not in found.scope
    assert any(found.severity(profile) is not Severity.NONE for profile in PROFILES)
