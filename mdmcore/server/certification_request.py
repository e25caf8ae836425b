"""Judging the CSR of a first enrolment or a renewal before a certificate is made of it.

Sources: enrollment.md 8.1. The subject is not looked at: each phone sends the same one.
"""

from __future__ import annotations

from mdmcore.errors import MdmError
from mdmcore.pki.csr import Pkcs10, parse_pkcs10, signature_problem
from mdmcore.server.certificate_policy import check_key
from mdmcore.server.refusal import Refusal
from mdmcore.server.settings import ServerSettings

_MAX_CSR_BYTES = 64 * 1024


def accepted_csr(der: bytes, settings: ServerSettings) -> Pkcs10:
    """The PKCS#10 in ``der``; Refusal when unreadable, not self-signed, or its key not allowed."""
    if len(der) > _MAX_CSR_BYTES:
        raise Refusal("CertificateRequest", f"a CSR of {len(der)} bytes is not read")
    try:
        csr = parse_pkcs10(der)
    except MdmError as error:
        raise Refusal("CertificateRequest", f"the CSR cannot be read: {error}") from None
    problem = signature_problem(csr)
    if problem is not None:
        raise Refusal("CertificateRequest", f"the CSR's signature is not valid: {problem}")
    check_key(csr, settings)
    return csr
