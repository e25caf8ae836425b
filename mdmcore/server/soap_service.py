"""The frame around each SOAP service: an envelope in, an answer or a fault out.

Sources: enrollment.md 3 and 11 (SOAP 1.2, MS-MDE2 2.2.10). Faults go under HTTP 500. What a
message means is the services' matter; they refuse by raising ``Refusal``.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from mdmcore.enrollment.fault import serialize_fault
from mdmcore.enrollment.soap import Envelope, parse_envelope
from mdmcore.errors import MdmError
from mdmcore.http import Request, Response, TlsFacts
from mdmcore.server.answers import soap_answer
from mdmcore.server.ports import Random
from mdmcore.server.refusal import Refusal
from mdmcore.xml import parse_strict

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapCall:
    """One message to a service: its envelope, the host and domain of ours that it came to.

    ``tls`` is what the edge knows of the connection, ``None`` where there is none to know.
    """

    envelope: Envelope
    host: str
    domain: str
    tls: TlsFacts | None = None


type SoapService = Callable[[SoapCall], bytes]
"""Gives the answer's body; raises an MdmError for what becomes a fault."""


class SoapServices:
    """Answers POSTs by services; ``random`` makes the ids by which a fault is found in the log."""

    def __init__(self, *, random: Random) -> None:
        self._random = random

    def answer(
        self, request: Request, domain: str, tls: TlsFacts | None, service: SoapService
    ) -> Response:
        """The service's answer to one POST, or the fault that says why there is none."""
        message_id, error_type = None, ""
        try:
            if not request.body:
                raise Refusal("MessageFormat", "the request body is empty")
            envelope = parse_envelope(parse_strict(request.body))
            message_id = envelope.message_id
            call = SoapCall(envelope=envelope, host=request.host, domain=domain, tls=tls)
            return soap_answer(service(call))
        except Refusal as fault:
            subcode, reason, error_type = fault.subcode, str(fault), fault.error_type
        except MdmError as error:
            subcode, reason = "MessageFormat", str(error)
        # Only the detail can carry it (enrollment.md 11).
        trace_id = str(uuid.UUID(bytes=self._random(16), version=4)) if error_type else ""
        where = f" ({error_type}, trace {trace_id})" if error_type else ""
        logger.info("%s refused: %s%s: %s", request.path, subcode, where, reason)
        body = serialize_fault(
            subcode, reason, relates_to=message_id, error_type=error_type, trace_id=trace_id
        )
        return soap_answer(body, status=500)
