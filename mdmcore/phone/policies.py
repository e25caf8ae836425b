"""GetPolicies: which key and which digest the server wants (enrollment.md section 6).

Windows Phone 8 reads minimalKeyLength, hashAlgorithmOIDReference and its oID, nothing else.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from mdmcore.enrollment.policies import serialize_get_policies
from mdmcore.enrollment.security import username_token
from mdmcore.http import Request, Response
from mdmcore.namespaces import ACTION_GET_POLICIES_RESPONSE, POLICY, XSI
from mdmcore.phone.answers import Expected, open_answer, soap_request
from mdmcore.phone.discovery import Endpoint, new_message_id
from mdmcore.phone.exact import Exact
from mdmcore.phone.refusal import Step
from mdmcore.phone.settings import Caution, PhoneSettings, Random
from mdmcore.phone.web import fetch
from mdmcore.xml import children, local_name

DEFAULT_DIGEST = "sha1"
_HASH_GROUP = "1"
_SCHEMA_WITH_HASH = "3"
_ORDERS = {
    "response": "policyID policyFriendlyName nextUpdateHours policiesNotChanged policies",
    "attributes": (
        "commonName policySchema certificateValidity permission privateKeyAttributes revision "
        "supersededPolicies privateKeyFlags subjectNameFlags enrollmentFlags generalFlags "
        "hashAlgorithmOIDReference rARequirements keyArchivalAttributes extensions"
    ),
    "privateKeyAttributes": (
        "minimalKeyLength keySpec keyUsageProperty permissions algorithmOIDReference "
        "cryptoProviders"
    ),
    "oID": "value group oIDReferenceID defaultName",
}
"""MS-XCEP 3.1.4.1.3: the schema's sequences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatePolicy:
    """What the key and the request must be like."""

    key_bits: int
    digest: str


def default_policy(settings: PhoneSettings) -> CertificatePolicy:
    """What holds when no policy service is named (L-Fed)."""
    return CertificatePolicy(key_bits=settings.device.default_key_bits, digest=DEFAULT_DIGEST)


def get_policies(
    endpoint: Endpoint, settings: PhoneSettings, *, random: Random
) -> Generator[Request, Response, CertificatePolicy]:
    """Ask the policy service; Refusal when the policy cannot be followed."""
    url = endpoint.checked(Step.POLICY)
    message_id = new_message_id(random)
    body = serialize_get_policies(
        security=username_token(settings.username, settings.password), message_id=message_id, to=url
    )
    response = yield from fetch(soap_request(url, body, settings), Step.POLICY)
    expected = Expected(
        step=Step.POLICY, action=ACTION_GET_POLICIES_RESPONSE, message_id=message_id
    )
    content = open_answer(response, expected, settings)
    return _read(content.need(POLICY, "GetPoliciesResponse"), settings)


def _read(answer: Exact, settings: PhoneSettings) -> CertificatePolicy:
    attributes = answer.need(POLICY, "response", "policies", "policy", "attributes")
    if Caution.POLICY_ORDER in settings.cautions:
        _check_order(answer)
    length = attributes.find(POLICY, "privateKeyAttributes", "minimalKeyLength")
    key_bits = settings.device.default_key_bits
    if length is not None and not _is_nil(length):
        key_bits = _key_bits(length, settings)
    return CertificatePolicy(key_bits=key_bits, digest=_digest(answer, attributes, settings))


def _key_bits(length: Exact, settings: PhoneSettings) -> int:
    text = length.text
    bits = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    if bits <= 0:
        raise length.refuse("minimalKeyLength is not a positive number of bits", text)
    largest = settings.device.largest_key_bits
    if bits > largest:
        raise length.refuse(f"the device makes keys of up to {largest} bits", text)
    return bits


def _digest(answer: Exact, attributes: Exact, settings: PhoneSettings) -> str:
    reference = attributes.find(POLICY, "hashAlgorithmOIDReference")
    if reference is None or _is_nil(reference):
        return DEFAULT_DIGEST
    named = _referenced(answer, reference)
    schema = attributes.find(POLICY, "policySchema")
    if schema is None or schema.text != _SCHEMA_WITH_HASH:
        return DEFAULT_DIGEST  # below schema 3 the element means nothing: SHA-1 is used
    value = named.need(POLICY, "value")
    digest = settings.device.signature_digests.get(value.text)
    if digest is None:
        known = ", ".join(settings.device.signature_digests)
        raise value.refuse(f"the device signs only with {known}", value.text)
    return digest


def _referenced(answer: Exact, reference: Exact) -> Exact:
    """The oID that hashAlgorithmOIDReference means: there, only once, of the hash group."""
    known = answer.find(POLICY, "oIDs")
    found = [
        oid
        for oid in (known.all(POLICY, "oID") if known is not None else ())
        if (number := oid.find(POLICY, "oIDReferenceID")) is not None
        and number.text == reference.text
    ]
    if len(found) != 1:
        many = "no" if not found else f"{len(found)}"
        raise reference.refuse(f"{many} oID elements have this oIDReferenceID", reference.text)
    group = found[0].find(POLICY, "group")
    if group is None or group.text != _HASH_GROUP:
        raise found[0].refuse(
            "the oID is not of group 1 (hash algorithms)", "" if group is None else group.text
        )
    return found[0]


def _is_nil(element: Exact) -> bool:
    return (element.attribute("nil", XSI) or "").strip() in {"true", "1"}


def _check_order(answer: Exact) -> None:
    for element in answer.element.iter():
        order = _ORDERS.get(local_name(element), "").split()
        names = [local_name(part) for part in children(element)]
        places = [order.index(name) for name in names if name in order]
        if places != sorted(places):
            found = Exact(element=element, step=answer.step)
            raise found.refuse("children are not in the schema's order", ", ".join(names))
