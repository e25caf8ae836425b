"""GetPolicies and GetPoliciesResponse, the part of MS-XCEP that devices evaluate.

MS-MDE 3.3.4, MS-XCEP 3.1.4.1, enrollment.md section 6: schema, key length, digest and the OID
list. All other elements are written nil, because the schema is a strict sequence, and not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mdmcore.enrollment.soap import (
    Envelope,
    Message,
    as_envelope,
    envelope,
    expect_body,
    is_nil,
    same_namespace,
)
from mdmcore.errors import ServerFault
from mdmcore.namespaces import (
    ACTION_GET_POLICIES,
    ACTION_GET_POLICIES_RESPONSE,
    POLICY,
    XSI,
)
from mdmcore.xml import (
    Element,
    Node,
    child,
    iter_elements,
    local_name,
    path_of,
    qname,
    text_of,
)

DEFAULT_POLICY_ID = "{6C5A0000-0000-4000-8000-00000000AA01}"
"""policyID must be present; no device is known to read it."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,10}\Z")
_NIL = {qname(XSI, "nil"): "true"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyOid:
    """An entry of the OID list. Group 1 is a digest, 3 a public key (MS-XCEP 3.1.4.1.3.16)."""

    value: str
    group: int | None
    reference_id: int | None
    default_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyResponse:
    """What a device reads from the answer. ``None`` is nil or absent; key length in bits."""

    policy_schema: int | None
    minimal_key_length: int | None
    hash_oid_reference: int | None
    oids: tuple[PolicyOid, ...] = ()

    @property
    def hash_oid(self) -> str | None:
        """The OID that the reference points to, ``None`` when nil or dangling."""
        if self.hash_oid_reference is None:
            return None
        wanted = self.hash_oid_reference
        return next((oid.value for oid in self.oids if oid.reference_id == wanted), None)


def serialize_get_policies(
    *,
    security: Node | None,
    message_id: str,
    to: str,
    client: str = "client",
    last_update: str = "",
) -> bytes:
    """The request as Windows writes it; ``security`` is its header (``username_token``,
    ``user_token``), ``None`` where TLS proves the device.

    ``client`` is that element's name, ``last_update`` its date: the printed request of a Windows
    8.1 PC has ``Client`` and a zero date, which XCEP's schema does not know (MS-MDE 4.2.1).
    """
    updated = _text("lastUpdate", last_update) if last_update else _nil("lastUpdate")
    asked = _policy(client, updated, _nil("preferredLanguage"))
    body = _root("GetPolicies", asked, _nil("requestFilter"))
    return envelope(ACTION_GET_POLICIES, body, message_id=message_id, to=to, security=security)


def is_get_policies(message: Envelope) -> bool:
    """Whether the body is a GetPolicies, by name and namespace; its content decides nothing."""
    return message.body_name == "GetPolicies" and same_namespace(message.body_namespace, POLICY)


def parse_get_policies_response(source: Message, *, strict: bool = True) -> PolicyResponse:
    """The answer's first policy and its OIDs.

    ``strict=False`` also finds the elements where a recovering parser has moved them, and reads
    numbers that are none as ``None``. Raises XmlError, or ServerFault with the element's path.
    """
    message = as_envelope(source, strict=strict, fault=ServerFault)
    body = expect_body(message, "GetPoliciesResponse", POLICY, fault=ServerFault)
    policy = child(body, "response", "policies", "policy", "attributes")
    if not strict:
        policy = body if policy is None else policy
    lists = [e for e in iter_elements(body) if local_name(e) == "oIDs"]
    return PolicyResponse(
        policy_schema=_number(_at(policy, "policySchema", strict=strict), strict=strict),
        minimal_key_length=_number(
            _at(policy, "privateKeyAttributes", "minimalKeyLength", strict=strict), strict=strict
        ),
        hash_oid_reference=_number(
            _at(policy, "hashAlgorithmOIDReference", strict=strict), strict=strict
        ),
        oids=tuple(
            _oid(entry, strict=strict)
            for found in lists
            for entry in found
            if local_name(entry) == "oID"
        ),
    )


def serialize_get_policies_response(
    policy: PolicyResponse,
    *,
    relates_to: str | None,
    policy_id: str = DEFAULT_POLICY_ID,
    common_name: str = "DevicePolicy",
    validity_seconds: int = 31_536_000,
    renewal_seconds: int = 3_628_800,
) -> bytes:
    """The answer with all elements of the XCEP sequence; what does not matter is nil."""
    attributes = _policy(
        "attributes",
        _text("commonName", common_name),
        _optional("policySchema", policy.policy_schema),
        _policy(
            "certificateValidity",
            _text("validityPeriodSeconds", str(validity_seconds)),
            _text("renewalPeriodSeconds", str(renewal_seconds)),
        ),
        _policy("permission", _text("enroll", "true"), _text("autoEnroll", "false")),
        _policy(
            "privateKeyAttributes",
            _optional("minimalKeyLength", policy.minimal_key_length),
            *map(_nil, ("keySpec", "keyUsageProperty", "permissions")),
            *map(_nil, ("algorithmOIDReference", "cryptoProviders")),
        ),
        _policy("revision", _text("majorRevision", "1"), _text("minorRevision", "0")),
        *map(_nil, ("supersededPolicies", "privateKeyFlags", "subjectNameFlags")),
        *map(_nil, ("enrollmentFlags", "generalFlags")),
        _optional("hashAlgorithmOIDReference", policy.hash_oid_reference),
        *map(_nil, ("rARequirements", "keyArchivalAttributes", "extensions")),
    )
    first = _policy("policy", _text("policyOIDReference", "0"), _nil("cAs"), attributes)
    response = _policy(
        "response",
        _text("policyID", policy_id),
        *map(_nil, ("policyFriendlyName", "nextUpdateHours", "policiesNotChanged")),
        _policy("policies", first),
    )
    oids = tuple(map(_oid_node, policy.oids))
    oid_list = _policy("oIDs", *oids) if oids else _nil("oIDs")
    body = _root("GetPoliciesResponse", response, _nil("cAs"), oid_list)
    return envelope(ACTION_GET_POLICIES_RESPONSE, body, relates_to=relates_to)


def _at(parent: Element | None, *names: str, strict: bool) -> Element | None:
    found = child(parent, *names)
    if found is None and parent is not None and not strict:
        return next((e for e in iter_elements(parent) if local_name(e) == names[-1]), None)
    return found


def _number(element: Element | None, *, strict: bool) -> int | None:
    text = text_of(element)
    if element is None or not text or is_nil(element):
        return None
    if _INTEGER.match(text):
        return int(text)
    if strict:
        raise ServerFault(f"{text[:40]!r} is not a number", place=path_of(element))
    return None


def _oid(entry: Element, *, strict: bool) -> PolicyOid:
    return PolicyOid(
        value=text_of(child(entry, "value")),
        group=_number(child(entry, "group"), strict=strict),
        reference_id=_number(child(entry, "oIDReferenceID"), strict=strict),
        default_name=text_of(child(entry, "defaultName")),
    )


def _oid_node(oid: PolicyOid) -> Node:
    return _policy(
        "oID",
        _text("value", oid.value),
        _optional("group", oid.group),
        _optional("oIDReferenceID", oid.reference_id),
        _text("defaultName", oid.default_name),
    )


def _policy(name: str, *parts: Node) -> Node:
    return Node(qname(POLICY, name), children=parts)


def _root(name: str, *parts: Node) -> Node:
    return Node(qname(POLICY, name), children=parts, nsmap={None: POLICY, "xsi": XSI})


def _text(name: str, text: str) -> Node:
    return Node(qname(POLICY, name), text)


def _nil(name: str) -> Node:
    return Node(qname(POLICY, name), attributes=_NIL)


def _optional(name: str, number: int | None) -> Node:
    return _nil(name) if number is None else _text(name, str(number))
