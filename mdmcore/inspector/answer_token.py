"""Telling what the token of an answer is, where it is no provisioning document."""

from __future__ import annotations

from mdmcore.errors import MdmError
from mdmcore.pki.certificate import parse_certificate
from mdmcore.pki.pem import CERTIFICATE, pem_blocks
from mdmcore.rules.decoded import TokenForm

_SEQUENCE = b"\x30"
# The OID 1.2.840.113549.1.7 and one arc more: what every ContentInfo of PKCS#7 begins with.
_PKCS7 = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
_ARMOUR = b"-----BEGIN "
_PEM_FORMS = {CERTIFICATE: TokenForm.CERTIFICATE, "PKCS7": TokenForm.PKCS7, "CMS": TokenForm.PKCS7}


def token_form(token: bytes) -> TokenForm | None:
    """The form of a decoded token that is a certificate or PKCS#7, in DER or PEM; else ``None``."""
    if token.startswith(_SEQUENCE):
        # A PKCS#7 may be BER with lengths left open, which our reader of DER does not take.
        if _PKCS7 in token[1:17]:
            return TokenForm.PKCS7
        return TokenForm.CERTIFICATE if _is_certificate(token) else None
    if not token.lstrip().startswith(_ARMOUR):
        return None  # a document may hold PEM in a wrong place, which is another mistake
    try:
        labels = [block.label for block in pem_blocks(token)]
    except MdmError:
        return None
    return next((_PEM_FORMS[label] for label in labels if label in _PEM_FORMS), None)


def _is_certificate(token: bytes) -> bool:
    try:
        parse_certificate(token)
    except MdmError:
        return False
    return True
