"""Mistakes in the RSTRC around the provisioning document (enrollment.md 7.2)."""

from __future__ import annotations

import re

from mdmcore.base64_text import encode_base64
from mdmcore.http import Response
from mdmcore.namespaces import SOAP, SOAP_11
from mdmcore.server.faults.certificates import client_certificate
from mdmcore.server.faults.documents import TOKEN
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.server.faults.texts import element_text, replaced, with_body, with_text

_ISSUES = (Step.ENROLL, Step.RENEW)
_LINE = 64


@fault("bst-is-certificate", *_ISSUES)
def only_the_certificate(answered: Answered) -> Response | None:
    """The token is the certificate instead of the document."""
    der = client_certificate(answered)
    if der is None:
        return None
    return with_body(answered.response, with_text(answered.body, TOKEN, encode_base64(der)))


@fault("bst-valuetype-wrong", *_ISSUES)
def value_type_of_a_certificate(answered: Answered) -> Response | None:
    """ValueType says X509v3."""
    old = b"DeviceEnrollmentProvisionDoc"
    return with_body(answered.response, replaced(answered.body, old, b"X509v3", count=1))


@fault("bst-not-base64", *_ISSUES)
def broken_base64(answered: Answered) -> Response | None:
    """A character is missing from the base64."""
    text = element_text(answered.body, TOKEN)
    if text is None:
        return None
    return with_body(answered.response, with_text(answered.body, TOKEN, f"{text[:-3]}!"))


@fault("bst-linebreaks", *_ISSUES)
def wrapped_base64(answered: Answered) -> Response | None:
    """The base64 is wrapped after 64 characters."""
    text = element_text(answered.body, TOKEN)
    if text is None:
        return None
    lines = [text[start : start + _LINE] for start in range(0, len(text), _LINE)]
    return with_body(answered.response, with_text(answered.body, TOKEN, "\r\n".join(lines)))


@fault("rstr-count", *_ISSUES)
def two_responses(answered: Answered) -> Response | None:
    """Two responses in the collection."""
    found = re.search(
        rb"<RequestSecurityTokenResponse>.*</RequestSecurityTokenResponse>", answered.body
    )
    if found is None:
        return None
    body = answered.body[: found.end()] + found[0] + answered.body[found.end() :]
    return with_body(answered.response, body)


@fault("rstrc-soap11-envelope", *_ISSUES)
def soap_11(answered: Answered) -> Response | None:
    """The envelope of SOAP 1.1."""
    return with_body(
        answered.response, replaced(answered.body, SOAP.encode(), SOAP_11.encode(), count=1)
    )
