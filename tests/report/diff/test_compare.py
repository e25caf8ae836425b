"""Two lives beside each other: a mistake is the difference, and nothing else is."""

from __future__ import annotations

import jsonschema
import msgspec
import pytest

from mdmcore.profiles import FEDERATED
from mdmcore.report.diff import compare_lives
from mdmcore.report.schema import diff_schema
from mdmcore.rules.model import PROFILES
from tests.report.diff.lives import differences, life, places, values

DOCUMENT = "provisioning document"
CERTIFICATE = "certificate My/User"
POLICY = "answer /Envelope/Body/GetPoliciesResponse/response/policies/policy/attributes"
RETRY = r"/Registry/HKLM\Software\Microsoft\Enrollment\OmaDmRetry"

FAULTS: dict[str, list[tuple[str, str]]] = {
    # HTTP
    "response-chunked": [
        ("discovery", "answer header Transfer-Encoding"),
        ("discovery", "answer header Content-Length"),
    ],
    "discovery-get-not-200": [
        ("probe", "status"),
        ("probe", "answer header Content-Type"),
        ("probe", "answer header Allow"),
        ("probe", "answer body"),
    ],
    "wrong-content-type": [("session 1, message 1", "answer header Content-Type")],
    # SOAP
    "relates-to-mismatch": [("discovery", "answer RelatesTo: is the request's MessageID")],
    "policy-schema-not-3": [("policies", f"{POLICY}/policySchema")],
    "policy-element-order": [("policies", f"{POLICY} (order)")],
    "bst-linebreaks": [("certificate request", "answer token is written")],
    "bst-is-certificate": [("certificate request", "answer token holds")],
    # the certificate
    "cert-public-key-mismatch": [(DOCUMENT, f"{CERTIFICATE}: has the key of the CSR")],
    "cert-subject-not-printable": [(DOCUMENT, f"{CERTIFICATE}: string types")],
    "cert-subject-has-nul": [(DOCUMENT, f"{CERTIFICATE}: subject")],
    "cert-no-client-auth-eku": [(DOCUMENT, f"{CERTIFICATE}: extended key usage")],
    "cert-lifetime-shorter-than-renew-period": [(DOCUMENT, f"{CERTIFICATE}: lifetime")],
    "wap-thumbprint-mismatch": [(DOCUMENT, f"{CERTIFICATE}: named by its thumbprint")],
    # the provisioning document
    "criteria-unescaped": [(DOCUMENT, "/APPLICATION/SSLCLIENTCERTSEARCHCRITERIA")],
    "appauth-secret-missing": [(DOCUMENT, "/APPLICATION/APPAUTH CLIENT/AAUTHSECRET")],
    "omadmretry-first-set-zero": [
        (DOCUMENT, f"{RETRY}/AuxNumRetries"),
        (DOCUMENT, f"{RETRY}/AuxRetryInterval"),
    ],
    "entdmid-missing": [(DOCUMENT, "/DMClient/Provider/MDMProxy/EntDMID")],
    "eam-criteria-wrong-form": [
        (DOCUMENT, "/EnterpriseAppManagement/4000000001/CertificateSearchCriteria")
    ],
    # sessions
    "missing-212": [("session 1, message 1", "server: Status for SyncHdr")],
    "missing-server-cred": [
        ("session 1, message 1", "server: Cred"),
        ("session 1, message 1", "server: Cred proves"),
    ],
    "digest-inner-hash-hex": [("session 1, message 1", "server: Cred proves")],
    "stale-nonce": [("session 3, message 1", "server: Cred proves")],
    "nonce-short": [("session 1, message 1", "server: Status for SyncHdr")],
    "duplicate-cmdid": [("session 1, message 1", "server: CmdIDs are there and each once")],
    "status-order-mismatch": [("session 1, message 1", "server: order of commands")],
    "locuri-backslash": [("session 1, message 1", r"server: Get .\DevDetail\SwV")],
    # the hub
    "hub-206-no-content-range": [("hub", "answer header Content-Range")],
}


@pytest.mark.parametrize("profile", PROFILES)
def test_two_devices_that_do_the_same_do_not_differ(profile: str) -> None:
    found = differences(profile)
    assert [(one.step, one.what, one.a, one.b) for one in found.differences] == []
    assert found.a.device["email"] != found.b.device["email"]
    assert found.a.steps == found.b.steps


@pytest.mark.parametrize("fault", FAULTS)
def test_a_mistake_is_what_differs(fault: str) -> None:
    found = differences("wp8", fault)
    assert places(found) == FAULTS[fault]
    assert fault in {one.what for one in found.differences if one.step == "findings"}


def test_on_premise_beside_federated() -> None:
    """Comments 22 and 23 of the blog: the one works, the other does not."""
    found = differences("wp81", policies=(FEDERATED,))
    policy = "answer /Envelope/Body/DiscoverResponse/DiscoverResult"
    header = "request /Envelope/Header/Security"
    assert places(found) == [
        ("discovery", f"{policy}/AuthPolicy"),
        ("discovery", f"{policy}/AuthenticationServiceUrl"),
        ("policies", f"{header}/BinarySecurityToken"),
        ("policies", f"{header}/UsernameToken"),
        ("policies", "user is proven by"),
    ]
    assert values(found)[f"{policy}/AuthPolicy"] == ("OnPremise", "Federated")
    lacking = [(one.step, one.kind) for one in found.differences if one.what == "step"]
    assert lacking == [("sign-in", "only-in-b"), ("sign-in 2", "only-in-b")]
    again = {one.what: one.also for one in found.differences}
    assert again["user is proven by"] == ("certificate request",)


def test_a_federated_enrolment_that_goes_wrong_beside_one_on_premise() -> None:
    right = differences("wp81", policies=(FEDERATED,))
    wrong = differences("wp81", "cert-public-key-mismatch", policies=(FEDERATED,))
    more = [place for place in places(wrong) if place not in places(right)]
    assert more == [(DOCUMENT, f"{CERTIFICATE}: has the key of the CSR")]


def test_how_far_each_came() -> None:
    found = differences("wp8", "bst-is-certificate")
    told = {one.what: (one.a, one.b) for one in found.differences if one.step == "outcome"}
    assert told["enrolled"] == ("yes", "no")
    assert told["outcome"] == ("complete", "running")
    lacking = [one.step for one in found.differences if one.what == "step"]
    assert lacking[0] == DOCUMENT
    assert "session 1, message 1" in lacking


def test_a_session_that_parts_is_not_followed_and_said_once() -> None:
    found = differences("wp8", "missing-212")
    told = [one for one in found.differences if one.step.startswith("session")]
    assert [one.what for one in told] == [
        "server: Status for SyncHdr",
        "the session goes on otherwise",
    ]
    assert told[0].also == tuple(f"session {number}, message 1" for number in (2, 3, 4))


def test_the_other_way_round_is_the_mirror() -> None:
    a, b = life("wp8"), life("wp8", "entdmid-missing", number=1)
    swap = {"only-in-a": "only-in-b", "only-in-b": "only-in-a"}
    there = {(one.what, one.kind, one.a, one.b) for one in compare_lives(a, b).differences}
    back = {(one.what, one.kind, one.a, one.b) for one in compare_lives(b, a).differences}
    assert there == {(what, swap.get(kind, kind), b, a) for what, kind, a, b in back}


def test_no_secret_is_in_the_document() -> None:
    found = msgspec.json.encode(differences("wp8", "appauth-secret-missing")).decode()
    secrets = [
        credential.secret
        for one in (life("wp8"), life("wp8", "appauth-secret-missing", number=1))
        if one.life.account is not None
        for credential in (one.life.account.server, one.life.account.device)
        if credential is not None
    ]
    assert len(secrets) >= 3
    assert not [secret for secret in secrets if secret in found]


def test_the_document_is_that_of_its_schema() -> None:
    for fault in ("missing-212", "policy-element-order", "bst-is-certificate"):
        document = msgspec.json.decode(msgspec.json.encode(differences("wp8", fault)))
        jsonschema.validate(document, diff_schema())
