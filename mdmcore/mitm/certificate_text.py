"""Readable lines about certificates, certificate requests and PKCS#7, for the content views.

Names are shown value by value with their ASN.1 string types: what a device refuses is often there.
"""

from __future__ import annotations

import base64
import binascii
import re
from textwrap import indent

from mdmcore.errors import MdmError
from mdmcore.inspector.artifact.der_kinds import der_kind
from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.pki_facts import renewal_facts, value_lines
from mdmcore.inspector.renewal_part import read_renewal
from mdmcore.pki.asn1.name import DistinguishedName
from mdmcore.pki.certificate import Certificate, parse_certificate
from mdmcore.pki.csr import Pkcs10, parse_pkcs10, signature_problem

_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_MAX_BLOCKS = 32
_MAX_VALUES = 32
_SHOWN_INSIDE = frozenset({ArtifactKind.CSR, ArtifactKind.CERTIFICATE})


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
    """A certificate, a PKCS#10 request or a PKCS#7, whichever it is; else why it is none."""
    if der_kind(data) is ArtifactKind.PKCS7:
        return _pkcs7(data)
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
            *_values(found.subject),
            f"  issuer: {found.issuer.rfc4514()}",
            *_values(found.issuer),
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
            *_values(found.subject),
            f"  key: {found.key_bits} bits",
            f"  signature algorithm: {found.signature_algorithm}",
            f"  self-signature: {signature_problem(found) or 'valid'}",
        ]
    )


def _values(name: DistinguishedName) -> list[str]:
    return [f"    {line}" for line in value_lines(name)[:_MAX_VALUES]]


def _pkcs7(data: bytes) -> str:
    """Who signed, the certificates, and what is signed where that is a request or certificate."""
    part = read_renewal(data)
    facts = renewal_facts(part)
    if part.signed is not None and not part.signed.signers:
        facts["signature"] = "none"
    lines = ["PKCS#7 SignedData", *(f"  {n.replace('_', ' ')}: {v}" for n, v in facts.items())]
    if part.signed is None:
        return "\n".join(lines)
    content = part.signed.content
    if content:
        known = content.startswith(b"\x30") and der_kind(content) in _SHOWN_INSIDE
        inner = describe_der(content) if known else f"{len(content)} bytes"
        lines.append(f"  signed content:\n{indent(inner, '    ')}")
    lines += [
        f"  certificate {number}:\n{indent(_certificate(one), '    ')}"
        for number, one in enumerate(part.signed.certificates[:_MAX_BLOCKS], start=1)
    ]
    return "\n".join(lines)
