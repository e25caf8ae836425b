"""Which mistake a refusal means: the table, and looking a place up in it."""

from __future__ import annotations

import pytest

from mdmcore.rules import PROFILES, entry
from mdmcore.rules.refused import expectation, refusal_table, suspects

ADDR = "/wap-provisioningdoc/characteristic[@type='APPLICATION']/parm[@name='ADDR']"
CRITERIA = (
    "/wap-provisioningdoc/characteristic[@type='EnterpriseAppManagement']"
    "/characteristic[@type='4000000001']/parm[@name='CertificateSearchCriteria']"
)


def test_every_row_is_about_one_rule_of_the_catalogue() -> None:
    rules = [row.rule for row in refusal_table()]
    assert len(set(rules)) == len(rules)
    for rule in rules:
        entry(rule)


def test_every_row_says_what_is_expected_and_where() -> None:
    for row in refusal_table():
        assert row.expected.endswith("."), row.rule
        assert row.at, row.rule
        for one in row.at:
            assert one.profiles <= set(PROFILES)


@pytest.mark.parametrize(
    ("step", "place", "profile", "first"),
    [
        ("management", ADDR, "wp8", "w7-addr-not-https"),
        ("provisioning", ADDR, "wp8", "w7-name-case"),
        ("discovery", "connection tls-wildcard", "wp8", "tls-wildcard-certificate"),
        ("hub", "connection name-unresolved", "wp81", "host-name-unresolved"),
        ("management", "/SyncML/SyncBody/Status[1]/MsgRef", "win10", "msgref-mismatch"),
        ("renewal", "status 302", "wp8", "redirect-during-renewal"),
        ("management", "status 302", "wp8", "redirect-or-compression"),
        ("management", "status 401", "wp8", "http-401-instead-of-syncml"),
        ("discovery", "status 405", "wp8", "discovery-post-not-routed"),
    ],
)
def test_the_likeliest_rule_stands_first(step: str, place: str, profile: str, first: str) -> None:
    assert suspects(step, place, profile)[0] == first


def test_a_rule_holds_for_its_profiles_only() -> None:
    assert "cert-subject-not-printable" in suspects("hub", CRITERIA, "wp8")
    assert "cert-subject-not-printable" not in suspects("hub", CRITERIA, "wp81")


def test_a_place_that_nobody_knows() -> None:
    assert suspects("provisioning", "/somewhere/else", "wp8") == ()
    assert suspects("hub", "/SyncML/SyncHdr/VerDTD", "wp8") == ()


def test_what_is_expected() -> None:
    assert expectation("msgref-mismatch") == "MsgRef is the MsgID of the device's message."
    assert expectation("poll-adjacent") == ""
