"""A few readable lines about a certificate or a certificate request, for the content views."""

from __future__ import annotations

import base64
import binascii
import re

from mdmcore.errors import MdmError
from mdmcore.pki.certificate import Certificate, parse_certificate
from mdmcore.pki.csr import Pkcs10, parse_pkcs10, signature_problem

_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_MAX_BLOCKS = 32


def describe_pem(data: bytes) -> str:
    """Every block of a PEM text; private keys are named, not shown."""
    texts = []
    for match in list(_PEM.finditer(data))[:_MAX_BLOCKS]:
        label = match[1].decode("ascii")
        if "PRIVATE KEY" in label:
            texts.append(f"{label}: not shown")
            continue
        try:
            texts.append(describe_der(base64.b64decode(b"".join(match[2].split()), validate=True)))
        except (binascii.Error, ValueError):
            texts.append(f"{label}: not base64")
    return "\n\n".join(texts) or "PEM text without a complete block"


def describe_der(data: bytes) -> str:
    """A certificate or a PKCS#10 request, whichever it is; else why it is neither."""
    try:
        return _certificate(parse_certificate(data))
    except (MdmError, ValueError) as error:
        as_certificate = error
    try:
        return _request(parse_pkcs10(data))
    except (MdmError, ValueError) as error:
        return f"neither a certificate ({as_certificate}) nor a request ({error})"


def _certificate(found: Certificate) -> str:
    usages = "any" if found.ext_key_usages is None else ", ".join(found.ext_key_usages)
    return "\n".join(
        [
            "X.509 certificate",
            f"  subject: {found.subject.rfc4514()}",
            f"  issuer: {found.issuer.rfc4514()}",
            f"  serial: {found.serial:X}",
            f"  valid from: {found.not_before:%Y-%m-%d %H:%M:%S} UTC",
            f"  valid to: {found.not_after:%Y-%m-%d %H:%M:%S} UTC",
            f"  key: {found.key_bits} bits",
            f"  signature algorithm: {found.signature_algorithm}",
            f"  extended key usage: {usages}",
            f"  CA: {'yes' if found.is_ca else 'no'}",
            f"  thumbprint: {found.thumbprint}",
        ]
    )


def _request(found: Pkcs10) -> str:
    return "\n".join(
        [
            "PKCS#10 certificate request",
            f"  subject: {found.subject.rfc4514()}",
            f"  key: {found.key_bits} bits",
            f"  signature algorithm: {found.signature_algorithm}",
            f"  self-signature: {signature_problem(found) or 'valid'}",
        ]
    )
