"""Mistakes of a SCEP server (RFC 8894; field-problems.md 3.3)."""

from __future__ import annotations

from dataclasses import replace

from mdmcore.errors import MdmError
from mdmcore.http import Response
from mdmcore.pki.cms import parse_signed_data
from mdmcore.pki.scep import GET_CA_CERT, parse_scep_message, scep_operation
from mdmcore.server.faults.foreign_ca import foreign_certificate
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.server.faults.texts import with_body
from mdmcore.server.scep import signed_reply


@fault("scep-no-pkioperation", Step.SCEP)
def other_authority(answered: Answered) -> Response | None:
    """GetCACert brings another CA than the one whose thumbprint devices were told."""
    if scep_operation(answered.request) != GET_CA_CERT:
        return None
    return with_body(answered.response, foreign_certificate(answered.tools))


@fault("scep-certrep-attribute-missing", Step.SCEP)
def without_nonce(answered: Answered) -> Response | None:
    """The CertRep does not repeat the nonce of its request."""
    reply = parse_scep_message(answered.body)
    if reply is None:
        return None
    try:
        envelope = parse_signed_data(answered.body).content or b""
    except MdmError:
        return None
    bare = replace(reply, recipient_nonce=None)
    return with_body(answered.response, signed_reply(envelope, bare, answered.tools.authority))
