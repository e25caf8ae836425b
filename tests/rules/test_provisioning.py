"""Rules on the provisioning document as a whole."""

from __future__ import annotations

import pytest

from mdmcore.enrollment.provisioning import parse_provisioning
from mdmcore.rules import PROFILES, Finding, Severity
from tests.enrollment.oracles import check_provisioning
from tests.support.provisioning_samples import RENEWAL, RIGHT, changed
from tests.support.renewals import renew
from tests.support.story import Story, document, rules_of


def findings(wap: bytes, profile: str = "wp8") -> tuple[Finding, ...]:
    return Story(profile).enroll(wap).findings


# --- right documents


@pytest.mark.parametrize("profile", PROFILES)
def test_a_right_document_has_no_finding(profile: str) -> None:
    assert findings(RIGHT[profile], profile) == ()


@pytest.mark.parametrize("profile", PROFILES)
def test_it_is_right_by_the_schemas_too(profile: str) -> None:
    check_provisioning(RIGHT[profile])
    assert parse_provisioning(RIGHT[profile]).version == "1.1"


def test_a_document_of_ours_is_right_for_its_phone() -> None:
    assert findings(document()) == ()


@pytest.mark.parametrize("profile", PROFILES)
def test_a_right_document_for_one_device_is_no_error_for_a_device_nobody_knows(
    profile: str,
) -> None:
    story = Story("auto")
    story.enroll(RIGHT[profile], context=())
    graver = [f for f in story.inspector.findings() if f.severity is not Severity.INFO]
    assert graver == []


@pytest.mark.parametrize("profile", PROFILES)
def test_a_right_renewal_has_no_finding(profile: str) -> None:
    story = Story(profile)
    story.enroll(RIGHT[profile])
    assert renew(story, RENEWAL).findings == ()


# --- XML


def test_an_unescaped_ampersand_is_not_wellformed() -> None:
    wap = document().replace(b"&amp;Stores", b"&Stores")
    found = findings(wap)
    assert "wap-not-wellformed" in rules_of(found)
    place = next(f for f in found if f.rule == "wap-not-wellformed").places[0]
    at = int(place.where["offset"])
    assert b"&Stores" in wap[at - 12 : at + 12]


# --- characters


def test_a_byte_of_a_code_page() -> None:
    wap = RIGHT["wp8"].replace("Größe".encode(), "Größe".encode("latin-1"))
    found = {f.rule: f for f in findings(wap)}
    assert set(found) == {"wap-not-utf8", "wap-not-wellformed"}
    place = found["wap-not-utf8"].places[0]
    assert wap[int(place.where["offset"])] == "ö".encode("latin-1")[0]
    assert (place.evidence, found["wap-not-utf8"].severity) == ("0xF6", "warning")
    assert found["wap-not-wellformed"].caused_by == ("wap-not-utf8",)


def test_a_declared_code_page() -> None:
    wap = changed("wp8", 'encoding="utf-8"', 'encoding="windows-1252"')
    (found,) = findings(wap.replace("Größe & Söhne".encode(), b"Name"))
    assert found.rule == "wap-not-utf8"
    at = int(found.places[0].where["offset"])
    assert wap[at:].startswith(b"windows-1252")
    assert found.places[0].evidence == "windows-1252"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_a_document_in_utf_16(encoding: str) -> None:
    text = RIGHT["wp8"].decode().partition("?>")[2].strip()
    assert "wap-not-utf8" in rules_of(findings(text.encode(encoding)))


@pytest.mark.parametrize("name", ["Gr??e", "?rzte GmbH", "A\ufffdB"])
def test_characters_that_were_replaced(name: str) -> None:
    (found,) = findings(changed("wp8", "Größe &amp; Söhne", name))
    assert found.rule == "wap-not-utf8"
    assert found.places[0].where["xpath"].endswith("/parm[@name='NAME']")
    assert found.places[0].evidence == name


def test_a_question_is_no_replaced_character() -> None:
    assert findings(changed("wp8", "Größe &amp; Söhne", "Company? Hub?")) == ()


# --- version


@pytest.mark.parametrize(
    ("version", "evidence"), [("", "absent"), (' version="1.0"', "1.0"), (' version=""', "absent")]
)
def test_another_version(version: str, evidence: str) -> None:
    (found,) = findings(changed("wp8", ' version="1.1"', version))
    assert (found.rule, found.severity) == ("wap-version", "warning")
    assert found.places[0].where["xpath"] == "/wap-provisioningdoc/@version"
    assert found.places[0].evidence == evidence
