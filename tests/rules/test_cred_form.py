"""Rules on the form of credentials."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.http import TlsFacts
from mdmcore.inspector import Inspection
from mdmcore.inspector.artifact import ArtifactSettings, inspect_artifact
from mdmcore.namespaces import UNENROLL_ALERT_TYPE
from mdmcore.rules import Finding
from mdmcore.syncml.credentials import basic_cred
from mdmcore.syncml.digest_mistakes import HEX_THEN_BASE64, wrong_digest
from mdmcore.syncml.model import Alert, Cred, Item, Meta, SyncML
from mdmcore.syncml.xml import serialize_syncml
from tests.support.story import (
    CERT_CN,
    DEVICE_SECRET,
    GET,
    NONCE_C2S,
    NONCE_S2C,
    NOW,
    PROVIDER,
    SERVER_SECRET,
    Story,
    answer,
    device_cred,
    header_status,
    package,
    package1,
    package1_statuses,
    rules_of,
    server_cred,
)


def synced(asked: Cred, answered: Cred | None) -> Inspection:
    told = answer("1", "212", "1", GET, cred=answered)
    return Story("win10").enrolled().sync(package1(cred=asked), told)


def lint(message: SyncML) -> tuple[Finding, ...]:
    data = serialize_syncml(message)
    (report,) = inspect_artifact(data, name="x", settings=ArtifactSettings(now=NOW))
    return report.findings


def only(findings: tuple[Finding, ...], rule: str) -> tuple[str, str, str]:
    """Part and place of the one finding, which is of that rule, and its evidence."""
    (finding,) = findings
    assert finding.rule == rule
    (place,) = finding.places
    return place.where["part"], place.where["xpath"], place.evidence


def test_right_credentials_of_both_sides() -> None:
    assert synced(device_cred(), server_cred()).findings == ()
    assert lint(package1(cred=device_cred())) == ()
    assert lint(package1(cred=basic_cred(CERT_CN, DEVICE_SECRET))) == ()
    assert lint(answer("1", "212", "1", GET, cred=server_cred())) == ()


# --- server-cred-copied-from-client


def test_the_server_sends_the_devices_credentials_back() -> None:
    found = synced(device_cred(), device_cred())
    assert only(found.findings, "server-cred-copied-from-client") == (
        "response",
        "/SyncML/SyncHdr/Cred/Data",
        "syncml:auth-md5",
    )
    assert found.findings[0].severity == "error"


# --- digest-hex-then-base64


def test_the_servers_digest_in_hex() -> None:
    data = wrong_digest(HEX_THEN_BASE64, PROVIDER, SERVER_SECRET, NONCE_S2C)
    wrong = replace(server_cred(), data=data)
    for found in (
        synced(device_cred(), wrong).findings,
        lint(answer("1", "212", "1", GET, cred=wrong)),
    ):
        where = ("response", "/SyncML/SyncHdr/Cred/Data", "32 hex digits")
        assert only(found, "digest-hex-then-base64") == where
        assert data not in found[0].message


def test_the_devices_digest_in_hex() -> None:
    data = wrong_digest(HEX_THEN_BASE64, CERT_CN, DEVICE_SECRET, NONCE_C2S)
    found = lint(package1(cred=replace(device_cred(), data=data)))
    assert only(found, "digest-hex-then-base64")[0] == "request"


def test_a_basic_credential_may_be_hex_digits() -> None:
    cred = replace(basic_cred("0123456789abcdef", "0123456789abcde"), type="syncml:auth-basic")
    assert lint(package1(cred=cred)) == ()


# --- cred-missing-meta


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"type": ""}, "Type absent"),
        ({"format": ""}, "Format absent"),
        ({"type": "", "format": ""}, "Type and Format absent"),
    ],
)
def test_a_cred_without_type_or_format(wrong: dict[str, str], said: str) -> None:
    cred = replace(server_cred(), **wrong)  # type: ignore[arg-type]
    for found in (
        synced(device_cred(), cred).findings,
        lint(answer("1", "212", "1", GET, cred=cred)),
    ):
        where = ("response", "/SyncML/SyncHdr/Cred", said)
        assert only(found, "cred-missing-meta") == where


# --- cred-in-command


def test_a_cred_inside_a_command() -> None:
    told = answer("1", "212", "1", replace(GET, cred=server_cred()))
    for found in (
        Story("win10").enrolled().sync(package1(cred=device_cred()), told).findings,
        lint(told),
    ):
        part, where, evidence = only(found, "cred-in-command")
        assert part == "response"
        assert where.endswith("/Get/Cred")
        assert evidence == "Get"
        assert rules_of(found) == {"cred-in-command"}


# --- missing-server-cred


def unproved(code: str = "212") -> SyncML:
    return answer("1", code, "1", GET, is_proved=False)


@pytest.mark.parametrize("code", ["200", "212"])
def test_the_server_takes_credentials_and_shows_none(code: str) -> None:
    found = Story("wp8").enrolled().sync(package1(cred=device_cred()), unproved(code))
    (finding,) = [f for f in found.findings if f.rule != "missing-212"]
    assert finding.rule == "missing-server-cred"
    assert finding.severity == "error"
    (place,) = finding.places
    assert place.where == {"part": "response", "xpath": "/SyncML/SyncHdr"}
    assert place.evidence == "Cred absent"


def test_a_server_that_has_proved_itself_need_not_again() -> None:
    story = Story("win10").enrolled()
    nonce = bytes(16)
    story.sync(package1(), answer("1", "407", next_nonce=nonce, cred=server_cred()))
    asked = package1("2", cred=device_cred(nonce), status=header_status("212"))
    taken = answer("2", "212", "2", *package1_statuses("2"), GET, is_proved=False)
    assert story.sync(asked, taken).findings == ()


def test_a_device_that_leaves_needs_no_proof() -> None:
    item = Item(meta=Meta(type=UNENROLL_ALERT_TYPE), data="1")
    leaving = package(
        "1",
        Alert(cmd_id="2", code="1201"),
        Alert(cmd_id="3", code="1226", items=(item,)),
        cred=device_cred(),
    )
    found = Story("win10").enrolled().sync(leaving, answer("1", "212", "1", is_proved=False))
    assert "missing-server-cred" not in rules_of(found.findings)


def test_a_challenge_proves_nobody() -> None:
    told = answer("1", "401", next_nonce=bytes(16))
    found = Story("win10").enrolled().sync(package1(cred=device_cred(secret="wrong")), told)
    assert rules_of(found.findings) == {"dm-credentials-refused", "digest-from-unknown-values"}


def test_a_device_without_credentials_trusts_tls() -> None:
    tls = TlsFacts(client_certificates=(b"\x30\x00",))
    assert Story("win10").enrolled().sync(package1(), unproved("200"), tls=tls).findings == ()


def test_without_the_account_no_entry_is_known() -> None:
    assert Story("win10").sync(package1(cred=device_cred()), unproved()).findings == ()
