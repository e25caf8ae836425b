"""Rules on the APPAUTH entries of the provisioning document."""

from __future__ import annotations

import base64
import json

import pytest

from mdmcore.pki.criteria import ssl_client_criteria
from mdmcore.records import AuthScheme
from mdmcore.rules import Finding
from mdmcore.syncml.xml import serialize_syncml
from tests.support.story import (
    NONCE_C2S,
    NONCE_S2C,
    Story,
    account,
    answer,
    certificate,
    device_cred,
    document,
    header_status,
    package,
    package1,
    phone_csr,
    rules_of,
)

S2C, C2S = base64.b64encode(NONCE_S2C), base64.b64encode(NONCE_C2S)
SERVER_ENTRY = b'<characteristic type="APPAUTH"><parm name="AAUTHLEVEL" value="CLIENT"/>'
DEVICE_ENTRY = b'<characteristic type="APPAUTH"><parm name="AAUTHLEVEL" value="APPSRV"/>'


def findings(wap: bytes, profile: str = "wp8") -> tuple[Finding, ...]:
    return Story(profile).enroll(wap).findings


@pytest.mark.parametrize(("entry", "level"), [(SERVER_ENTRY, "CLIENT"), (DEVICE_ENTRY, "APPSRV")])
def test_an_entry_of_the_account_is_missing(entry: bytes, level: str) -> None:
    wap = document()
    start = wap.index(entry)
    end = wap.index(b"</characteristic>", start) + len(b"</characteristic>")
    found = findings(wap[:start] + wap[end:])
    assert rules_of(found) == {"appauth-entry-missing"}
    assert level in found[0].message
    assert found[0].places[0].evidence.startswith(f"{level} absent; there is ")


def test_the_servers_entry_must_be_digest() -> None:
    wap = document()
    start = wap.index(SERVER_ENTRY)
    found = findings(wap[:start] + wap[start:].replace(b'"DIGEST"', b'"BASIC"', 1))
    assert rules_of(found) == {"appauth-client-not-digest"}


def test_the_devices_entry_may_be_basic() -> None:
    assert findings(document(dm_account=account(scheme=AuthScheme.BASIC))) == ()


def test_a_nonce_that_is_no_base64() -> None:
    found = findings(document().replace(S2C, b"nonce"))
    assert rules_of(found) == {"appauth-nonce-not-base64"}
    assert found[0].places[0].evidence == "the literal text 'nonce'"


def test_the_evidence_does_not_tell_the_nonce() -> None:
    secret = "s3cr3t-n0nce-text!"
    found = findings(document().replace(S2C, secret.encode()))
    assert rules_of(found) == {"appauth-nonce-not-base64"}
    told = json.dumps([[p.evidence, dict(p.where)] for f in found for p in f.places])
    assert secret not in told
    assert "18 characters" in told


def test_a_nextnonce_that_is_no_base64() -> None:
    right = serialize_syncml(answer("2", "212", next_nonce=NONCE_S2C))
    story = Story("wp8").enrolled()
    found = story.sync(package1(cred=device_cred()), right.replace(S2C, b"nonce"))
    assert rules_of(found.findings) == {"appauth-nonce-not-base64"}
    assert found.findings[0].places[0].where["part"] == "response"


def test_the_devices_nextnonce_is_looked_at_too() -> None:
    story = Story("wp8").enrolled()
    story.sync(package1(cred=device_cred()), answer("2", "212"))
    asked = serialize_syncml(package("2", header_status("212", "2", next_nonce=NONCE_S2C)))
    found = story.sync(asked.replace(S2C, b"nonce"), answer("3", "200", "2"))
    assert rules_of(found.findings) == {"appauth-nonce-not-base64"}
    assert found.findings[0].places[0].where["part"] == "request"


def test_one_nonce_for_both_entries() -> None:
    found = findings(document().replace(C2S, S2C))
    assert rules_of(found) == {"appauth-nonce-reused"}


def test_one_nonce_for_two_devices() -> None:
    story = Story("wp8")
    story.enrolled()
    story.discover(email="bert@example.test")
    criteria = ssl_client_criteria("ANOTHER")
    other = document(client=certificate(b"ANOTHER"), criteria=criteria)
    found = story.enroll(other, username="bert@example.test")
    assert rules_of(found.findings) == {"appauth-nonce-reused"}
    assert found.findings[0].count == 2
    assert "life-1" in found.findings[0].message


def test_an_answer_sent_again_reuses_nothing() -> None:
    story = Story("wp8").enrolled()
    assert story.enroll(csr=phone_csr()).findings == ()


def test_an_entry_without_secret() -> None:
    found = findings(document().replace(b'value="server-secret"', b'value=""'))
    assert rules_of(found) == {"appauth-secret-missing"}
    assert "CLIENT" in found[0].message


def test_a_digest_entry_without_nonce() -> None:
    parm = b'<parm name="AAUTHDATA" value="' + C2S + b'"/>'
    assert parm in document()
    found = findings(document().replace(parm, b""))
    assert rules_of(found) == {"appauth-nonce-missing"}
    assert "APPSRV" in found[0].message


# --- nonce-short


@pytest.mark.parametrize(("size", "is_short"), [(1, True), (7, True), (8, False), (16, False)])
def test_a_short_nonce_of_the_account(size: int, is_short: bool) -> None:
    found = findings(document().replace(S2C, base64.b64encode(bytes(size))))
    assert rules_of(found) == ({"nonce-short"} if is_short else set())
    if is_short:
        (place,) = found[0].places
        assert found[0].severity == "warning"
        assert place.evidence == f"{size} bytes"
        assert "AAUTHDATA" in place.where["xpath"]


@pytest.mark.parametrize(("size", "is_short"), [(0, True), (7, True), (8, False)])
def test_a_short_next_nonce(size: int, is_short: bool) -> None:
    told = answer("1", "212", next_nonce=bytes(size))
    found = Story("win10").enrolled().sync(package1(cred=device_cred()), told).findings
    assert rules_of(found) == ({"nonce-short"} if is_short else set())
    if is_short:
        (place,) = found[0].places
        assert place.where["part"] == "response"
        assert place.where["xpath"].endswith("/Chal/Meta/NextNonce")
        assert place.evidence == f"{size} bytes"
