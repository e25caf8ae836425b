"""Rules on the provisioning document."""

from __future__ import annotations

import base64
import json

import pytest

from mdmcore.records import AuthScheme
from mdmcore.rules import Finding
from mdmcore.syncml.xml import serialize_syncml
from tests.support.story import (
    NONCE_C2S,
    NONCE_S2C,
    Story,
    account,
    answer,
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


def test_a_right_document_has_no_finding() -> None:
    for profile in ("wp8", "wp81", "win81", "win10"):
        assert findings(document(), profile) == ()


def test_an_unescaped_ampersand_is_not_wellformed() -> None:
    found = findings(document().replace(b"&amp;Stores", b"&Stores"))
    assert "wap-not-wellformed" in rules_of(found)
    place = next(f for f in found if f.rule == "wap-not-wellformed").places[0]
    at = int(place.where["offset"])
    assert b"&Stores" in document().replace(b"&amp;Stores", b"&Stores")[at - 12 : at + 12]


def test_a_certificate_named_by_something_else() -> None:
    wap = document()
    start = wap.index(b'type="My"')
    name = wap[wap.index(b'type="', wap.index(b'type="User"') + 6) + 6 :][:40]
    found = findings(wap[:start] + wap[start:].replace(name, b"01" * 20))
    assert rules_of(found) == {"wap-thumbprint-mismatch"}
    assert name.decode() in found[0].message


def test_a_thumbprint_in_lower_case_is_the_same() -> None:
    wap = document()
    name = wap[wap.index(b'type="', wap.index(b'type="User"') + 6) + 6 :][:40]
    assert findings(wap.replace(name, name.lower())) == ()


@pytest.mark.parametrize("provider_id", ["DEMO MDM", "A&B", "a/b", "Größe"])
def test_a_provider_id_that_needs_escaping(provider_id: str) -> None:
    assert rules_of(findings(document(provider_id=provider_id))) == {"provider-id-needs-escaping"}


def test_a_plain_provider_id() -> None:
    assert findings(document(provider_id="Example-MDM_1.test")) == ()


@pytest.mark.parametrize(("entry", "level"), [(SERVER_ENTRY, "CLIENT"), (DEVICE_ENTRY, "APPSRV")])
def test_an_entry_of_the_account_is_missing(entry: bytes, level: str) -> None:
    wap = document()
    start = wap.index(entry)
    end = wap.index(b"</characteristic>", start) + len(b"</characteristic>")
    found = findings(wap[:start] + wap[end:])
    assert rules_of(found) == {"appauth-entry-missing"}
    assert level in found[0].message


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
    found = story.enroll(username="bert@example.test")
    assert rules_of(found.findings) == {"appauth-nonce-reused"}
    assert found.findings[0].count == 2
    assert "life-1" in found.findings[0].message


def test_an_answer_sent_again_reuses_nothing() -> None:
    story = Story("wp8").enrolled()
    assert story.enroll(csr=phone_csr()).findings == ()


@pytest.mark.parametrize("name", ["PROVIDER-ID", "ADDR"])
@pytest.mark.parametrize("is_empty", [True, False])
def test_the_account_lacks_what_it_needs(name: str, is_empty: bool) -> None:
    wap = document()
    start = wap.index(f'<parm name="{name}"'.encode())
    end = wap.index(b"/>", start) + 2
    left = f'<parm name="{name}" value=""/>'.encode() if is_empty else b""
    found = findings(wap[:start] + left + wap[end:])
    assert [f.message for f in found if f.rule == "w7-missing-parm"] == [
        f"the w7 APPLICATION has no {name}"
    ]


def test_an_address_without_tls() -> None:
    wap = document()
    plain = wap.replace(b'name="ADDR" value="https://', b'name="ADDR" value="http://')
    found = [f for f in findings(plain) if f.rule == "w7-addr-not-https"]
    assert len(found) == 1
    assert found[0].places[0].where["xpath"].endswith("/parm[@name='ADDR']")


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
