"""Mistakes in the policies, and in the SOAP frame of enrolment answers (enrollment.md 3, 6)."""

from __future__ import annotations

import re

from mdmcore.http import Response
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.server.faults.refusing import soap_refusal
from mdmcore.server.faults.texts import (
    around_element,
    element_text,
    replaced,
    with_body,
    with_status,
    with_text,
    without_element,
)

_SOAP_STEPS = (Step.DISCOVER, Step.POLICY, Step.ENROLL, Step.RENEW)
_REASON = "made on purpose"


@fault("policy-unsupported-value", Step.POLICY)
def value_nobody_reads(answered: Answered) -> Response | None:
    """keySpec has a value, which devices ignore."""
    body = replaced(answered.body, b'<keySpec xsi:nil="true"/>', b"<keySpec>2</keySpec>")
    return with_body(answered.response, body)


@fault("policy-schema-not-3", Step.POLICY)
def old_schema(answered: Answered) -> Response | None:
    """policySchema 1."""
    return with_body(answered.response, with_text(answered.body, "policySchema", "1"))


@fault("policy-oid-dangling", Step.POLICY)
def reference_to_nothing(answered: Answered) -> Response | None:
    """hashAlgorithmOIDReference names an OID that is not in the list."""
    body = with_text(answered.body, "hashAlgorithmOIDReference", "9")
    return with_body(answered.response, body)


@fault("policy-key-length-mismatch", Step.POLICY)
def other_key_length(answered: Answered) -> Response | None:
    """Asks for a shorter key than the CA takes."""
    return with_body(answered.response, with_text(answered.body, "minimalKeyLength", "1024"))


@fault("policy-element-order", Step.POLICY)
def other_order(answered: Answered) -> Response | None:
    """revision before permission, out of the order of MS-XCEP."""
    found = re.search(rb"<revision>.*?</revision>", answered.body)
    without = without_element(answered.body, "revision")
    if found is None or without is None:
        return None
    return with_body(answered.response, around_element(without, "permission", before=found[0]))


@fault("relates-to-mismatch", *_SOAP_STEPS)
def other_message(answered: Answered) -> Response | None:
    """RelatesTo names another message."""
    other = "urn:uuid:00000000-0000-0000-0000-000000000000"
    return with_body(answered.response, with_text(answered.body, "RelatesTo", other))


@fault("action-not-addressing", *_SOAP_STEPS)
def action_of_soap(answered: Answered) -> Response | None:
    """Action in the namespace of SOAP."""
    body = answered.body.replace(b"<a:Action", b"<s:Action").replace(b"</a:Action", b"</s:Action")
    return with_body(answered.response, body)


@fault("action-value-wrong", *_SOAP_STEPS)
def action_of_the_request(answered: Answered) -> Response | None:
    """Action is that of the request."""
    action = element_text(answered.request.body or b"", "Action")
    if action is None:
        return None
    return with_body(answered.response, with_text(answered.body, "Action", action.strip()))


@fault("fault-lowercase-elements", Step.POLICY, is_for_failures=True)
def lower_case_fault(answered: Answered) -> Response | None:
    """A fault written as the web documentation prints it."""
    made = soap_refusal(answered, "Authorization", _REASON)
    names = (b"Fault", b"Code", b"Subcode", b"Value", b"Reason", b"Text")
    body = made.body or b""
    for name in names:
        body = re.sub(rb"(</?s:)" + name + rb"\b", rb"\1" + name.lower(), body)
    return with_body(made, body)


@fault("fault-subcode-unknown", Step.POLICY, is_for_failures=True)
def unknown_subcode(answered: Answered) -> Response | None:
    """A fault whose subcode devices do not know."""
    made = soap_refusal(answered, "Authorization", _REASON)
    body = replaced(made.body or b"", b":Authorization<", b":NotAllowed<")
    return with_body(made, body)


@fault("fault-http-200", Step.POLICY, is_for_failures=True)
def good_status(answered: Answered) -> Response | None:
    """A fault under HTTP 200."""
    return with_status(soap_refusal(answered, "Authorization", _REASON), 200)
