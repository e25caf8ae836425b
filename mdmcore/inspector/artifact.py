"""Judging a loose file: a certification request or a certificate, in DER or PEM.

A default subject or NUL in a CSR is a fact, because every phone sends it; in an issued certificate
it is a mistake. A CA certificate is not judged as a client certificate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mdmcore.enrollment.provisioning_view import StoredCertificate
from mdmcore.errors import Asn1Error, ConfigError
from mdmcore.http import Exchange, Request
from mdmcore.inspector.decode import read_csr
from mdmcore.inspector.describe import describe_certificate, describe_csr
from mdmcore.inspector.findings import findings_of
from mdmcore.pki.certificate import Certificate, parse_certificate
from mdmcore.pki.csr import parse_pkcs10
from mdmcore.pki.pem import CERTIFICATE, REQUEST_LABELS, pem_blocks
from mdmcore.rules import DEFAULT_PROFILE, PROFILES, Finding, run_rules
from mdmcore.rules.decoded import Decoded, Kind, ProvisionedCertificate, Provisioning
from mdmcore.rules.life import Life
from mdmcore.rules.scene import Scene

_SEQUENCE = b"\x30"
"""The first byte of every CSR and certificate in DER."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactReport:
    """What is to say about a loose file. ``kind`` is ``csr`` or ``certificate``; ``facts`` has
    plain JSON types only."""

    name: str
    kind: str
    summary: str
    facts: Mapping[str, Any]
    findings: tuple[Finding, ...]


def inspect_artifact(
    data: bytes, *, name: str, profile: str = "auto"
) -> tuple[ArtifactReport, ...]:
    """The reports of a file: one for DER, one for each block of PEM.

    ``name`` stands where findings name an exchange. Raises Asn1Error with the offset for what is
    truncated or neither a CSR nor a certificate, ConfigError for an unknown profile.
    """
    if profile != "auto" and profile not in PROFILES:
        raise ConfigError(f"unknown profile {profile!r}, use auto, {', '.join(PROFILES)}")
    chosen = DEFAULT_PROFILE if profile == "auto" else profile
    blocks = pem_blocks(data)
    if not blocks and not data.startswith(_SEQUENCE):
        raise Asn1Error("this is neither a CSR nor a certificate, in DER or PEM", offset=0)
    if not blocks:
        return (_report(data, None, name, chosen),)
    known = [block for block in blocks if block.label in (CERTIFICATE, *REQUEST_LABELS)]
    if not known:
        label = blocks[0].label
        message = f"a PEM block {label} is neither a CSR nor a certificate"
        raise Asn1Error(message, offset=blocks[0].offset)
    return tuple(_report(block.der, block.label, name, chosen) for block in known)


def _report(der: bytes, label: str | None, name: str, profile: str) -> ArtifactReport:
    if label == CERTIFICATE:
        return _certificate(parse_certificate(der), name, profile)
    if label is not None:
        return _csr(der, name, profile)
    try:
        parse_pkcs10(der)
    except Asn1Error as csr_error:
        try:
            certificate = parse_certificate(der)
        except Asn1Error as certificate_error:
            # Whichever came further had the right structure in mind.
            errors = (csr_error, certificate_error)
            raise max(errors, key=lambda error: error.offset or 0) from None
        return _certificate(certificate, name, profile)
    return _csr(der, name, profile)


def _csr(der: bytes, name: str, profile: str) -> ArtifactReport:
    part = read_csr(der)
    if part.problem is not None:
        raise part.problem
    facts = describe_csr(part)
    verdict = "valid" if part.signature_problem is None else "NOT valid"
    return ArtifactReport(
        name=name,
        kind="csr",
        summary=(
            f"CSR {facts['subject']}, {facts['key_bits']} bits, {facts['digest']}, "
            f"self-signature {verdict}"
        ),
        facts=facts,
        findings=_judge(Decoded(kind=Kind.RST, csr=part), name, profile),
    )


def _certificate(certificate: Certificate, name: str, profile: str) -> ArtifactReport:
    stored = StoredCertificate(
        store="My",
        scope="User",
        thumbprint=certificate.thumbprint,
        der=certificate.der,
        text="",
        path="",
    )
    item = ProvisionedCertificate(stored=stored, certificate=certificate)
    part = Provisioning(raw=b"", certificates=(item,))
    facts = describe_certificate(certificate)
    return ArtifactReport(
        name=name,
        kind="certificate",
        summary=(
            f"certificate {facts['subject']}, issued by {facts['issuer']}, "
            f"{facts['key_bits']} bits, until {facts['not_after']}"
        ),
        facts=facts,
        findings=_judge(Decoded(kind=Kind.RST, provisioning=part), name, profile),
    )


def _judge(decoded: Decoded, name: str, profile: str) -> tuple[Finding, ...]:
    request = Request(method="POST", url="")
    exchange = Exchange(id=name, index=0, capture=name, request=request)
    life = Life(profile=profile)
    scene = Scene(exchange=exchange, decoded=decoded, life=life, before=life, profile=profile)
    return tuple(replace(finding, life=None) for finding in findings_of(run_rules(scene), life))
