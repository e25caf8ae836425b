"""GetPolicies: which key and which digest the server wants (enrollment.md section 6).

Which values a device honours stands in the table of profiles: a phone reads minimalKeyLength,
hashAlgorithmOIDReference and its oID, PCs some more. Nothing else is looked at.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from mdmcore.enrollment.policies import serialize_get_policies
from mdmcore.http import Request, Response
from mdmcore.namespaces import ACTION_GET_POLICIES_RESPONSE, POLICY, XSI
from mdmcore.phone.answers import Expected, open_answer, soap_request
from mdmcore.phone.discovery import Endpoint, new_message_id
from mdmcore.phone.exact import Exact
from mdmcore.phone.refusal import Step
from mdmcore.phone.settings import Caution, PhoneSettings, Random
from mdmcore.phone.web import fetch
from mdmcore.xml import Node, children, local_name

DEFAULT_DIGEST = "sha1"
_HASH_GROUP = "1"
_PUBLIC_KEY_GROUP = "3"
_GROUPS = {_HASH_GROUP: "hash algorithms", _PUBLIC_KEY_GROUP: "public keys"}
"""MS-XCEP 3.1.4.1.3.16."""
_RSA = "1.2.840.113549.1.1.1"
_NO_KEY = 0x80180027
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
    """What the key and the request must be like; ``provider`` keeps the key, where one was asked
    for by name."""

    key_bits: int
    digest: str
    provider: str = ""


def default_policy(settings: PhoneSettings) -> CertificatePolicy:
    """What holds when no policy service is named (L-Fed)."""
    return CertificatePolicy(key_bits=settings.device.default_key_bits, digest=DEFAULT_DIGEST)


def get_policies(
    endpoint: Endpoint, settings: PhoneSettings, *, security: Node | None, random: Random
) -> Generator[Request, Response, CertificatePolicy]:
    """Ask the policy service; Refusal when the policy cannot be followed."""
    url = endpoint.checked(Step.POLICY)
    message_id = new_message_id(random)
    client, last_update = settings.device.policy_client
    body = serialize_get_policies(
        security=security, message_id=message_id, to=url, client=client, last_update=last_update
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
    device = settings.device
    honours = device.policy_values
    key = attributes.find(POLICY, "privateKeyAttributes")
    key_bits = device.default_key_bits
    length = _given(key, "minimalKeyLength")
    if length is not None and "minimalKeyLength" in honours:
        key_bits = _key_bits(length, settings)
    algorithm = _given(key, "algorithmOIDReference")
    if algorithm is not None and "algorithmOIDReference" in honours:
        _check_algorithm(_referenced(answer, algorithm, _PUBLIC_KEY_GROUP))
    providers = _given(key, "cryptoProviders")
    provider = ""
    if providers is not None and "cryptoProviders" in honours:
        provider = _provider(providers, settings)
    digest = DEFAULT_DIGEST
    if "hashAlgorithmOIDReference" in honours:
        digest = _digest(answer, attributes, settings)
    return CertificatePolicy(key_bits=key_bits, digest=digest, provider=provider)


def _given(parent: Exact | None, name: str) -> Exact | None:
    """A child element that is there and not nil."""
    found = None if parent is None else parent.find(POLICY, name)
    return None if found is None or _is_nil(found) else found


def _key_bits(length: Exact, settings: PhoneSettings) -> int:
    text = length.text
    bits = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    if bits <= 0:
        raise length.refuse("minimalKeyLength is not a positive number of bits", text)
    largest = settings.device.largest_key_bits
    if bits > largest:
        raise length.refuse(f"the device makes keys of up to {largest} bits", text)
    return bits


def _check_algorithm(named: Exact) -> None:
    value = named.need(POLICY, "value")
    if value.text != _RSA:
        raise value.refuse(f"the device makes RSA keys only ({_RSA})", value.text)


def _provider(providers: Exact, settings: PhoneSettings) -> str:
    """The first provider of the list that the device has; an empty list leaves it the choice."""
    wanted = [found.text for found in providers.all(POLICY, "provider")]
    known = settings.device.crypto_providers
    chosen = next((name for name in wanted if name in known), "")
    if wanted and not chosen:
        raise providers.refuse(
            f"the device has none of these key providers, only {', '.join(known)}",
            ", ".join(wanted),
            hresult=_NO_KEY,
        )
    return chosen


def _digest(answer: Exact, attributes: Exact, settings: PhoneSettings) -> str:
    reference = _given(attributes, "hashAlgorithmOIDReference")
    if reference is None:
        return DEFAULT_DIGEST
    named = _referenced(answer, reference, _HASH_GROUP)
    schema = attributes.find(POLICY, "policySchema")
    if schema is None or schema.text != _SCHEMA_WITH_HASH:
        return DEFAULT_DIGEST  # below schema 3 the element means nothing: SHA-1 is used
    value = named.need(POLICY, "value")
    digest = settings.device.signature_digests.get(value.text)
    if digest is None:
        known = ", ".join(settings.device.signature_digests)
        raise value.refuse(f"the device signs only with {known}", value.text)
    return digest


def _referenced(answer: Exact, reference: Exact, group: str) -> Exact:
    """The oID that a reference means: there, only once, of the right group."""
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
    stated = found[0].find(POLICY, "group")
    if stated is None or stated.text != group:
        raise found[0].refuse(
            f"the oID is not of group {group} ({_GROUPS[group]})",
            "" if stated is None else stated.text,
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
