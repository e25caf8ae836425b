"""Rules on the policies answer, its order compared with the published schema."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest

from mdmcore.enrollment.fault import serialize_fault
from mdmcore.enrollment.policies import (
    PolicyOid,
    PolicyResponse,
    serialize_get_policies_response,
)
from mdmcore.rules import Finding
from tests.enrollment.oracles import is_valid_soap
from tests.support.certification_requests import build_request
from tests.support.keys import load_key
from tests.support.story import MESSAGE_ID, Story, rules_of

SHA1 = PolicyOid(
    value="1.3.14.3.2.29", group=1, reference_id=0, default_name="szOID_OIWSEC_sha1RSASign"
)
RIGHT = PolicyResponse(policy_schema=3, minimal_key_length=2048, hash_oid_reference=0, oids=(SHA1,))
BODY = "/Envelope/Body/GetPoliciesResponse"
ATTRIBUTES = f"{BODY}/response/policies/policy/attributes"
PROFILES = ["wp8", "wp81", "win81", "win10"]


def answer(policy: PolicyResponse = RIGHT) -> bytes:
    return serialize_get_policies_response(policy, relates_to=MESSAGE_ID)


def findings(body: bytes, profile: str = "wp8") -> tuple[Finding, ...]:
    return Story(profile).policies(response=body).findings


def only(body: bytes, rule: str, profile: str = "wp8") -> Finding:
    found = findings(body, profile)
    assert rules_of(found) == {rule}
    return found[0]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_right_answer_has_no_finding(profile: str) -> None:
    assert findings(answer(), profile) == ()
    assert findings(answer(replace(RIGHT, hash_oid_reference=None, oids=())), profile) == ()


# --- policy-unsupported-value


@pytest.mark.parametrize(
    ("name", "content", "silent_on"),
    [
        ("keySpec", "1", {"win10"}),
        ("algorithmOIDReference", "0", {"win81", "win10"}),
        ("cryptoProviders", "<provider>Microsoft Platform Crypto Provider</provider>", {"win10"}),
        ("enrollmentFlags", "0", {"win10"}),
        ("nextUpdateHours", "8", {"win10"}),
    ],
)
def test_a_value_that_is_not_read(name: str, content: str, silent_on: set[str]) -> None:
    nil = f'<{name} xsi:nil="true"/>'.encode()
    body = answer()
    assert nil in body
    body = body.replace(nil, f"<{name}>{content}</{name}>".encode())
    for profile in PROFILES:
        if profile in silent_on:
            assert findings(body, profile) == ()
            continue
        finding = only(body, "policy-unsupported-value", profile)
        assert finding.severity == "info"
        assert finding.places[0].where["xpath"].endswith(f"/{name}")


# --- policy-schema-not-3


@pytest.mark.parametrize("schema", [1, 2, None])
@pytest.mark.parametrize("profile", PROFILES)
def test_another_schema(schema: int | None, profile: str) -> None:
    body = answer(replace(RIGHT, policy_schema=schema))
    finding = only(body, "policy-schema-not-3", profile)
    assert finding.severity == "warning"
    where = {"part": "response", "xpath": f"{ATTRIBUTES}/policySchema"}
    assert finding.places[0].where == where
    assert finding.places[0].evidence == ("" if schema is None else str(schema))


def test_an_answer_without_a_policy_has_no_schema() -> None:
    body = re.sub(rb"<policies>.*</policies>", b'<policies xsi:nil="true"/>', answer())
    assert findings(body) == ()


# --- policy-oid-dangling


@pytest.mark.parametrize(
    ("policy", "place", "message"),
    [
        (
            replace(RIGHT, hash_oid_reference=7),
            f"{ATTRIBUTES}/hashAlgorithmOIDReference",
            "hashAlgorithmOIDReference 7 names no oIDReferenceID",
        ),
        (
            replace(RIGHT, oids=()),
            f"{ATTRIBUTES}/hashAlgorithmOIDReference",
            "hashAlgorithmOIDReference 0 names no oIDReferenceID",
        ),
        (
            replace(RIGHT, oids=(replace(SHA1, group=3),)),
            f"{ATTRIBUTES}/hashAlgorithmOIDReference",
            "hashAlgorithmOIDReference 0 names an OID of group 3, not 1",
        ),
        (
            replace(RIGHT, oids=(SHA1, SHA1, SHA1)),
            f"{BODY}/oIDs/oID[2]/oIDReferenceID",
            "oIDReferenceID 0 stands more than once",
        ),
    ],
)
def test_a_reference_to_no_digest(policy: PolicyResponse, place: str, message: str) -> None:
    finding = only(answer(policy), "policy-oid-dangling")
    assert (finding.severity, finding.count, finding.message) == ("error", 1, message)
    assert finding.places[0].where == {"part": "response", "xpath": place}


@pytest.mark.parametrize("text", ["x", "1" * 5000])
def test_a_reference_that_is_no_number(text: str) -> None:
    body = answer().replace(
        b"<hashAlgorithmOIDReference>0<", f"<hashAlgorithmOIDReference>{text}<".encode()
    )
    body = body.replace(b"<oIDReferenceID>0<", f"<oIDReferenceID>{text}<".encode())
    assert only(body, "policy-oid-dangling").message.endswith("names no oIDReferenceID")


# --- policy-key-length-mismatch


@pytest.mark.parametrize(("wanted", "is_found"), [(4096, True), (2048, False), (None, False)])
def test_a_shorter_key_than_was_asked_for(wanted: int | None, is_found: bool) -> None:
    assert load_key("device").key_size == 2048
    story = Story("wp8")
    story.policies(response=answer(replace(RIGHT, minimal_key_length=wanted)))
    found = story.enroll().findings
    assert bool(found) == is_found
    if is_found:
        assert (found[0].rule, found[0].severity) == ("policy-key-length-mismatch", "warning")
        assert found[0].places[0].where == {"part": "csr", "field": "key"}
        assert found[0].places[0].evidence == "2048 bits"


@pytest.mark.parametrize(
    ("reason", "speaks"),
    [
        ("key of 2048 bits, this server certifies 4096", True),
        ("The public key does not meet the minimum size of the template", True),
        ("the key is not exportable", False),
        ("the request is 64 bits too long", False),
    ],
)
def test_a_key_as_long_as_was_asked_for_is_refused(reason: str, speaks: bool) -> None:
    story = Story("wp8")
    story.policies(response=answer(replace(RIGHT, minimal_key_length=2048)))
    body = serialize_fault("CertificateRequest", reason, relates_to=MESSAGE_ID)
    found = {f.rule: f for f in story.enroll(response=body, status=500).findings}
    assert ("policy-key-length-mismatch" in found) is speaks
    if speaks:
        assert reason in found["policy-key-length-mismatch"].message


def test_without_policies_nothing_was_asked() -> None:
    assert Story("wp8").enroll(csr=build_request()).findings == ()


# --- policy-element-order


def swapped(body: bytes, first: str, second: str) -> bytes:
    """The answer with two neighbouring elements in each other's place."""
    pattern = rf"(<{first}[ >/].*?(?:</{first}>|/>))(<{second}[ >/].*?(?:</{second}>|/>))"
    changed = re.sub(pattern, r"\2\1", body.decode(), count=1, flags=re.S)
    assert changed != body.decode()
    return changed.encode()


@pytest.mark.parametrize(
    ("first", "second", "place"),
    [
        ("commonName", "policySchema", f"{ATTRIBUTES}/commonName"),
        ("minimalKeyLength", "keySpec", f"{ATTRIBUTES}/privateKeyAttributes/minimalKeyLength"),
        ("value", "group", f"{BODY}/oIDs/oID/value"),
        ("policyID", "policyFriendlyName", f"{BODY}/response/policyID"),
        ("validityPeriodSeconds", "renewalPeriodSeconds", ""),
        ("enroll", "autoEnroll", ""),
        ("majorRevision", "minorRevision", ""),
        ("generalFlags", "hashAlgorithmOIDReference", ""),
    ],
)
def test_two_elements_in_the_wrong_order(first: str, second: str, place: str) -> None:
    body = swapped(answer(), first, second)
    assert not is_valid_soap(body)
    finding = only(body, "policy-element-order")
    assert (finding.severity, finding.count) == ("warning", 1)
    assert finding.message == f"{first} stands behind {second}"
    assert finding.places[0].evidence == first
    assert finding.places[0].where["xpath"].endswith(place or first)


def test_every_order_of_three_elements_agrees_with_the_schema() -> None:
    parts = [
        '<supersededPolicies xsi:nil="true"/>',
        '<privateKeyFlags xsi:nil="true"/>',
        '<subjectNameFlags xsi:nil="true"/>',
    ]
    body = answer().decode()
    assert "".join(parts) in body
    for order in itertools.permutations(parts):
        changed = body.replace("".join(parts), "".join(order)).encode()
        is_found = "policy-element-order" in rules_of(findings(changed))
        assert is_found != is_valid_soap(changed)


def test_elements_may_be_left_out_and_unknown_ones_put_in() -> None:
    body = re.sub(rb'<(keySpec|generalFlags|cAs) xsi:nil="true"/>', b"", answer())
    body = body.replace(b"<policySchema>", b'<x xmlns="urn:x"/><policySchema>')
    assert findings(body) == ()


def test_a_broken_answer_is_not_judged_by_what_was_recovered() -> None:
    body = swapped(answer(), "commonName", "policySchema").replace(
        b'<keySpec xsi:nil="true"/>', b'<keySpecxsi:nil="true"/>'
    )
    assert rules_of(findings(body)) == {"xml-not-wellformed"}
