"""Rules on the enterprise's token."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest

from mdmcore.enrollment.aetx import Aetx, parse_aetx, serialize_aet, serialize_aetx
from mdmcore.rules import Finding
from tests.support.story import (
    CERT_CN,
    ENTERPRISE,
    HUB,
    NOW,
    Story,
    certificate,
    document,
    rules_of,
)

BRANCH = (
    "/wap-provisioningdoc/characteristic[@type='EnterpriseAppManagement']"
    f"/characteristic[@type='{ENTERPRISE}']"
)
TOKEN_PATH = f"{BRANCH}/parm[@name='EnrollmentToken']"


def token_of(inner: str = "", enterprise: str = ENTERPRISE) -> str:
    text = f'<AET><EnterpriseId Value="{enterprise}"/>{inner}</AET>'
    return base64.b64encode(text.encode()).decode()


FILE = parse_aetx(serialize_aetx(ENTERPRISE, serialize_aet(ENTERPRISE)))
TOKEN = FILE.enrollment_token


def enrolled_with(
    token: str | None, *, aetx: Aetx | None = None, enterprise: str = ENTERPRISE
) -> tuple[Finding, ...]:
    """Findings of a document with that token; ``None`` leaves the parm out."""
    hub = replace(HUB, enterprise_id=enterprise, enrollment_token="TOKEN")
    wap = document(hub=hub)
    parm = b'<parm name="EnrollmentToken" value="TOKEN" datatype="string"/>'
    assert parm in wap
    left = b"" if token is None else parm.replace(b"TOKEN", token.replace("\n", "&#10;").encode())
    return Story("wp8", aetx=aetx).enroll(wap.replace(parm, left)).findings


@pytest.mark.parametrize("aetx", [None, FILE])
def test_the_token_of_the_file(aetx: Aetx | None) -> None:
    assert enrolled_with(TOKEN, aetx=aetx) == ()


# --- no token


@pytest.mark.parametrize(
    ("token", "says", "evidence"),
    [
        (None, "no EnrollmentToken", "absent"),
        ("", "no EnrollmentToken", "empty"),
        ("TODO", "what it encodes is no AET", "4 characters"),
        ("insert token here", "not base64", "17 characters"),
        (base64.b64encode(b"<AET/>").decode(), "is no AET", "8 characters"),
    ],
)
@pytest.mark.parametrize("aetx", [None, FILE])
def test_a_branch_without_a_token(
    token: str | None, says: str, evidence: str, aetx: Aetx | None
) -> None:
    (found,) = enrolled_with(token, aetx=aetx)
    assert (found.rule, found.severity) == ("eam-without-signing-cert", "error")
    assert says in found.message
    assert found.places[0].where["xpath"] == TOKEN_PATH
    assert found.places[0].evidence == evidence


def test_without_the_branch_there_is_nothing_to_find() -> None:
    assert Story("wp8").enroll(document(hub=None)).findings == ()


def test_windows_10_has_no_token() -> None:
    assert Story("win10").enroll(document(hub=replace(HUB, enrollment_token="TODO"))).findings == ()


# --- another enterprise


@pytest.mark.parametrize("aetx", [None, FILE])
def test_the_token_of_another_enterprise(aetx: Aetx | None) -> None:
    (found,) = enrolled_with(token_of(enterprise="4000000002"), aetx=aetx)
    assert (found.rule, found.severity) == ("eam-enterprise-id-mismatch", "error")
    assert "the token inside it that of 4000000002" in found.message
    assert found.places[0].where["xpath"] == BRANCH
    assert found.places[0].evidence == ENTERPRISE


def test_the_branch_of_another_enterprise_than_the_files() -> None:
    (found,) = enrolled_with(token_of(enterprise="7"), enterprise="7", aetx=FILE)
    assert found.rule == "eam-enterprise-id-mismatch"
    assert f"the .aetx that of {ENTERPRISE}" in found.message


# --- other bytes


@pytest.mark.parametrize(
    ("token", "says"),
    [
        (TOKEN[:-5], "it is cut after"),
        (TOKEN[:40], "it is cut after 40 of"),
        (f"{TOKEN[:30]}\n{TOKEN[30:]}", "other blanks or line breaks"),
        (f" {TOKEN}", "other blanks or line breaks"),
        (quote(TOKEN, safe=""), "percent-encoded"),
        (base64.b64encode(TOKEN.encode()).decode(), "base64 of the base64"),
        (token_of("<Version>1</Version>"), "another token of the same enterprise"),
    ],
)
def test_a_token_that_is_not_the_files(token: str, says: str) -> None:
    (found,) = enrolled_with(token, aetx=FILE)
    assert (found.rule, found.severity) == ("eam-token-differs-from-aetx", "error")
    assert says in found.message
    assert found.places[0].where["xpath"] == TOKEN_PATH
    assert found.places[0].evidence == f"{len(token)} characters"
    assert token not in f"{found.message}{found.places[0].evidence}"


def test_without_a_file_nothing_differs() -> None:
    assert enrolled_with(token_of("<Version>1</Version>")) == ()
    # What cannot be read is found all the same, as a token that is none.
    assert rules_of(enrolled_with(TOKEN[:-5])) == {"eam-without-signing-cert"}


# --- its end


def test_a_signing_certificate_that_has_expired() -> None:
    text = base64.b64encode(certificate()).decode()
    token = token_of(f"<Certificate>{text}</Certificate>")
    hub = replace(HUB, enrollment_token=token)
    story = Story("wp8")
    assert story.enroll(document(hub=hub)).findings == ()
    late = Story("wp8")
    late.now = NOW + timedelta(days=365)
    fresh = certificate(CERT_CN.encode(), days=1000)
    findings = late.enroll(document(hub=hub, client=fresh)).findings
    (found,) = (finding for finding in findings if finding.rule == "eam-token-expired")
    assert found.severity == "error"
    assert (
        f"the certificate CN={CERT_CN} in the EnrollmentToken ended on 2027-11-23" in found.message
    )
    assert found.places[0].where["xpath"] == TOKEN_PATH
    assert found.places[0].evidence == "2027-11-23T12:00:00Z"


def test_a_date_in_the_token() -> None:
    hub = replace(HUB, enrollment_token=token_of("<Expires>2014-06-01</Expires>"))
    (found,) = Story("wp8").enroll(document(hub=hub)).findings
    assert found.rule == "eam-token-expired"
    assert found.places[0].evidence == "2014-06-01T00:00:00Z"
