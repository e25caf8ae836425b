"""The SOAP fault of a server that refuses a request which was right (enrollment.md 11)."""

from __future__ import annotations

from mdmcore.enrollment.fault import serialize_fault
from mdmcore.http import Response
from mdmcore.server.answers import soap_answer
from mdmcore.server.faults.model import Answered
from mdmcore.server.faults.texts import element_text


def soap_refusal(answered: Answered, subcode: str, reason: str) -> Response:
    """The fault under HTTP 500, in answer to that request's MessageID."""
    message_id = element_text(answered.request.body or b"", "MessageID")
    relates_to = None if message_id is None else message_id.strip()
    return soap_answer(serialize_fault(subcode, reason, relates_to), status=500)
