"""Facts of certificates, CSRs and renewal tokens for people: string types and NULs are visible."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mdmcore.inspector.describe import describe_certificate, describe_csr
from mdmcore.pki.asn1.name import DistinguishedName, NameAttribute
from mdmcore.pki.asn1.name_text import keyword
from mdmcore.pki.certificate import Certificate
from mdmcore.pki.cms import digest_name
from mdmcore.rules.decoded import CsrPart, RenewalPart

type Json = dict[str, Any]

_MAX_VALUE = 200


def value_lines(name: DistinguishedName) -> list[str]:
    """Each value of a name with its string type, length and octets that cannot be seen."""
    return [" ".join(_words(attribute)) for attribute in name.attributes]


def _words(attribute: NameAttribute) -> Iterator[str]:
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in attribute.text)
    yield f"{keyword(attribute.oid)}={text[:_MAX_VALUE]}"
    yield f"({attribute.type_name}, tag {attribute.tag:02x}, {len(attribute.raw)} bytes"
    if attribute.has_nul:
        last = attribute.raw[-1:].hex()
        yield "with NUL, the last byte is 00)" if last == "00" else "with NUL)"
    else:
        yield "without NUL)"


def certificate_facts(certificate: Certificate) -> Json:
    """``describe_certificate`` with the values of the subject."""
    facts = describe_certificate(certificate)
    return {
        "subject": facts.pop("subject"),
        "subject_values": value_lines(certificate.subject),
        **facts,
    }


def certificate_summary(certificate: Certificate) -> str:
    """One line."""
    if certificate.is_ca:
        what = "CA certificate"
    else:
        what = "TLS server certificate" if certificate.is_tls_server else "certificate"
    return (
        f"{what} {certificate.subject.rfc4514()}, issued by {certificate.issuer.rfc4514()}, "
        f"{certificate.key_bits} bits, until {certificate.not_after:%Y-%m-%d}"
    )


def csr_facts(part: CsrPart) -> Json:
    """``describe_csr`` with the values of the subject; the problem where it cannot be read."""
    facts = describe_csr(part)
    if part.csr is None:
        return facts
    return {
        "subject": facts.pop("subject"),
        "subject_values": value_lines(part.csr.subject),
        **facts,
    }


def csr_summary(part: CsrPart) -> str:
    """One line."""
    if part.csr is None:
        return f"a CSR that cannot be read: {part.problem}"
    verdict = "valid" if part.signature_problem is None else "NOT valid"
    csr = part.csr
    return (
        f"CSR {csr.subject.rfc4514()}, {csr.key_bits} bits, {csr.digest_name}, "
        f"self-signature {verdict}"
    )


def renewal_facts(part: RenewalPart) -> Json:
    """Who signed a renewal token and whether the signature holds."""
    if part.signed is None:
        return {"bytes": len(part.raw), "problem": str(part.problem)}
    signer = part.signer
    return {
        "bytes": len(part.signed.der),
        "content_type": part.signed.content_type,
        "signers": len(part.signed.signers),
        "signer": None if signer is None else signer.subject.rfc4514(),
        "signer_issuer": None if signer is None else signer.issuer.rfc4514(),
        "digest": ", ".join(digest_name(one) for one in part.signed.signers),
        "signature": "valid" if part.signer_problem is None else str(part.signer_problem),
        "certificates": len(part.signed.certificates),
    }


def renewal_summary(part: RenewalPart) -> str:
    """One line."""
    if part.signed is None:
        return f"a PKCS#7 that cannot be read: {part.problem}"
    signer = part.signer
    who = "an unknown signer" if signer is None else signer.subject.rfc4514()
    verdict = "valid" if part.signer_problem is None else "NOT valid"
    return f"PKCS#7 of a renewal, signed by {who}, signature {verdict}"
