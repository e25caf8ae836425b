"""Rules on sessions with HMAC."""

from __future__ import annotations

import pytest

from mdmcore.http import Headers, Request, Response
from mdmcore.inspector import Inspection
from mdmcore.namespaces import SYNCML_XML_MEDIA_TYPE
from mdmcore.syncml.hmac_header import HMAC_HEADER, MacHeader, mac, serialize_mac_header
from mdmcore.syncml.model import SyncML
from mdmcore.syncml.xml import serialize_syncml
from tests.support.story import (
    CERT_CN,
    DEVICE_SECRET,
    DM_URL,
    NONCE_C2S,
    Story,
    answer,
    device_cred,
    package1,
)

NONCE = bytes([0x31] * 16)


def synced(asked: SyncML, answered: SyncML, *, has_hmac: bool = True) -> Inspection:
    """The first message after enrolment, proved by HMAC, and its answer."""
    media = ("Content-Type", SYNCML_XML_MEDIA_TYPE)
    body = serialize_syncml(asked)
    value = mac(CERT_CN, DEVICE_SECRET, NONCE_C2S, body)
    proof = (HMAC_HEADER, serialize_mac_header(MacHeader(username=CERT_CN, mac=value)))
    headers = Headers([media, proof] if has_hmac else [media])
    return (
        Story("win10")
        .enrolled()
        .tell(
            Request(method="POST", url=DM_URL, headers=headers, body=body),
            Response(status=200, headers=Headers([media]), body=serialize_syncml(answered)),
        )
    )


def only(found: Inspection, rule: str) -> tuple[str, str, str]:
    """Part and place of the one finding, which is of that rule, and its evidence."""
    (finding,) = found.findings
    assert finding.rule == rule
    assert finding.severity == "error"
    (place,) = finding.places
    return place.where["part"], place.where["xpath"], place.evidence


def test_a_right_message() -> None:
    assert synced(package1(), answer("1", "200", next_nonce=NONCE)).findings == ()


@pytest.mark.parametrize("code", ["401", "407"])
def test_a_challenge_is_judged_elsewhere(code: str) -> None:
    assert synced(package1(), answer("1", code, next_nonce=NONCE)).findings == ()


def test_a_cred_beside_the_header() -> None:
    found = synced(package1(cred=device_cred()), answer("1", "200", next_nonce=NONCE))
    where = ("request", "/SyncML/SyncHdr/Cred", "syncml:auth-md5")
    assert only(found, "hmac-with-cred") == where


def test_212_ends_no_proof() -> None:
    found = synced(package1(), answer("1", "212", next_nonce=NONCE))
    part, where, evidence = only(found, "hmac-212")
    assert (part, evidence) == ("response", "212")
    assert where.endswith("/Status[1]/Data")


def test_an_answer_without_a_new_nonce() -> None:
    part, where, evidence = only(synced(package1(), answer("1", "200")), "hmac-no-nextnonce")
    assert (part, evidence) == ("response", "Chal absent")
    assert where.endswith("/Status[1]")


def test_without_hmac_none_of_it_counts() -> None:
    told = answer("1", "212")
    assert synced(package1(cred=device_cred()), told, has_hmac=False).findings == ()
