"""Rules on the policies answer (MS-XCEP, enrollment.md 6); of the phase discovery-wab-policy."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise

from mdmcore.enrollment.soap import is_nil
from mdmcore.profiles import device_profile
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.xml import Element, child, children, iter_elements, local_name, path_of, text_of

_POLICIES = frozenset({Kind.GETPOLICIES})
_SCHEMA = 3
_DIGEST_GROUP = 1
_ATTRIBUTES = "/Envelope/Body/GetPoliciesResponse/response/policies/policy/attributes"
_SMALLEST_RSA_KEY = 600
"""Bits; a smaller key is of an elliptic curve, which policies do not measure."""
_KEY = re.compile(r"(?i)\bkeys?\b")
_SIZE = re.compile(r"(?i)\b(?:bits?|size|length)\b")
_MAX_SHOWN = 200

_SEQUENCES: Mapping[str, tuple[str, ...]] = {
    "GetPoliciesResponse": ("response", "cAs", "oIDs"),
    "response": (
        "policyID",
        "policyFriendlyName",
        "nextUpdateHours",
        "policiesNotChanged",
        "policies",
    ),
    "policy": ("policyOIDReference", "cAs", "attributes"),
    "attributes": (
        *("commonName", "policySchema", "certificateValidity", "permission"),
        *("privateKeyAttributes", "revision", "supersededPolicies", "privateKeyFlags"),
        *("subjectNameFlags", "enrollmentFlags", "generalFlags", "hashAlgorithmOIDReference"),
        *("rARequirements", "keyArchivalAttributes", "extensions"),
    ),
    "certificateValidity": ("validityPeriodSeconds", "renewalPeriodSeconds"),
    "permission": ("enroll", "autoEnroll"),
    "privateKeyAttributes": (
        *("minimalKeyLength", "keySpec", "keyUsageProperty", "permissions"),
        *("algorithmOIDReference", "cryptoProviders"),
    ),
    "revision": ("majorRevision", "minorRevision"),
    "oID": ("value", "group", "oIDReferenceID", "defaultName"),
}
"""MS-XCEP 3.1.4.1.3: what stands in which order in an element of that name."""

_OPTIONAL = frozenset(
    {
        *("nextUpdateHours", "keySpec", "keyUsageProperty", "permissions"),
        *("algorithmOIDReference", "cryptoProviders", "supersededPolicies", "privateKeyFlags"),
        *("subjectNameFlags", "enrollmentFlags", "generalFlags", "rARequirements"),
        *("keyArchivalAttributes", "extensions"),
    }
)
"""Elements that may be nil and ask something of the device when they are not. The schema wants a
value in the others, so that one there says nothing."""


@rule("policy-unsupported-value", kinds=_POLICIES)
def unsupported_value(scene: Scene) -> Iterator[Hit]:
    """The policies answer sets a value that this kind of device ignores, so what it asks for does
    not happen. Do not rely on policy values beyond key length and digest algorithm."""
    honoured = device_profile(scene.profile).policy_values
    for element in _answer_elements(scene):
        name = local_name(element)
        if name in _OPTIONAL and name not in honoured and _has_value(element):
            yield scene.hit(
                f"{name} is set, which the device does not read",
                part="response",
                xpath=path_of(element),
                evidence=text_of(element),
            )


@rule("policy-schema-not-3", kinds=_POLICIES)
def schema_not_3(scene: Scene) -> Iterator[Hit]:
    """policySchema of the policies answer is not 3, so the digest algorithm asked for is not
    applied and the CSR is signed with SHA-1. Send policySchema 3."""
    policies, attributes = scene.decoded.policies, _attributes(scene)
    if policies is None or attributes is None or policies.policy_schema == _SCHEMA:
        return
    element = child(attributes, "policySchema")
    found = text_of(element)
    yield scene.hit(
        f"policySchema is {found or 'missing'}, not {_SCHEMA}",
        part="response",
        xpath=path_of(element) if element is not None else f"{path_of(attributes)}/policySchema",
        evidence=found,
    )


@rule("policy-oid-dangling", kinds=_POLICIES)
def oid_dangling(scene: Scene) -> Iterator[Hit]:
    """The digest algorithm of the policies answer names no OID, or one that is no digest, so the
    device refuses the policy. Let the reference name exactly one OID, of group 1."""
    policies = scene.decoded.policies
    if policies is None:
        return
    element = child(_attributes(scene), "hashAlgorithmOIDReference")
    if element is not None and text_of(element) and not is_nil(element):
        reference = policies.hash_oid_reference
        named = [oid for oid in policies.oids if oid.reference_id == reference]
        if reference is None or not named:
            problem = "names no oIDReferenceID"
        elif all(oid.group != _DIGEST_GROUP for oid in named):
            problem = f"names an OID of group {named[0].group}, not {_DIGEST_GROUP}"
        else:
            problem = ""
        if problem:
            yield scene.hit(
                f"hashAlgorithmOIDReference {text_of(element)[:40]} {problem}",
                part="response",
                xpath=path_of(element),
                evidence=text_of(element),
            )
    for entry in _doubled(scene):
        yield scene.hit(
            f"oIDReferenceID {text_of(entry)[:40]} stands more than once",
            part="response",
            xpath=path_of(entry),
            evidence=text_of(entry),
        )


@rule("policy-key-length-mismatch", kinds={Kind.RST, Kind.RENEW})
def key_length_mismatch(scene: Scene) -> Iterator[Hit]:
    """The key of the CSR is shorter than the policies asked for, or as long and still refused: the
    CA wants another. Ask in the policies for the key size that the CA wants, and that the device
    can make."""
    policies, part = scene.before.policies, scene.decoded.csr
    if policies is None or policies.minimal_key_length is None or part is None or part.csr is None:
        return
    bits, wanted = part.csr.key_bits, policies.minimal_key_length
    if bits is None or bits < _SMALLEST_RSA_KEY:
        return
    refused = _refusal_of_key(scene)
    if bits < wanted or refused:
        but = f", and the server says: {refused}" if refused and bits >= wanted else ""
        yield scene.hit(
            f"the CSR's key has {bits} bits, the policies ask for {wanted}{but}",
            part="csr",
            field="key",
            evidence=f"{bits} bits",
        )


def _refusal_of_key(scene: Scene) -> str:
    """The reason of a fault that speaks of the key's size, empty where there is none."""
    side = scene.decoded.response
    reason = side.fault.reason if side is not None and side.fault is not None else ""
    return reason[:_MAX_SHOWN] if _KEY.search(reason) and _SIZE.search(reason) else ""


@rule("policy-element-order", kinds=_POLICIES)
def element_order(scene: Scene) -> Iterator[Hit]:
    """Elements of the policies answer do not stand in the order of the MS-XCEP schema, so a strict
    parser refuses the answer. Write them in that order, those without a value nil."""
    for parent in _answer_elements(scene):
        order = _SEQUENCES.get(local_name(parent))
        if order is None:
            continue
        known = [
            (order.index(local_name(e)), e) for e in children(parent) if local_name(e) in order
        ]
        for (first, before), (second, element) in pairwise(known):
            if second < first:
                yield scene.hit(
                    f"{local_name(element)} stands behind {local_name(before)}",
                    part="response",
                    xpath=path_of(element),
                    evidence=local_name(element),
                )
                break


def _answer_elements(scene: Scene) -> Iterator[Element]:
    """The elements of a policies answer that could be parsed without a repair.

    Where a broken document was recovered, its elements may have moved.
    """
    side, answer = scene.decoded.response, scene.decoded.answer
    is_whole = side is not None and not side.problems
    if is_whole and scene.decoded.policies is not None and answer is not None:
        yield from iter_elements(answer.body) if answer.body is not None else ()


def _attributes(scene: Scene) -> Element | None:
    """The attributes of the first policy."""
    named = (each for each in _answer_elements(scene) if local_name(each) == "attributes")
    return next(named, None)


def _has_value(element: Element) -> bool:
    return not is_nil(element) and (bool(text_of(element)) or len(element) > 0)


def _doubled(scene: Scene) -> Iterator[Element]:
    """The second oIDReferenceID of each number that stands more than once."""
    seen: Counter[str] = Counter()
    for element in _answer_elements(scene):
        if local_name(element) == "oIDReferenceID" and text_of(element):
            seen[text_of(element)] += 1
            if seen[text_of(element)] == 2:
                yield element
