"""Loose CSRs, certificates and renewal tokens.

A default subject or NUL in a CSR is a fact, because every phone sends it; in an issued certificate
it is a mistake. A CA certificate is not judged as a client certificate.
"""

from __future__ import annotations

from mdmcore.enrollment.provisioning_view import StoredCertificate
from mdmcore.errors import MdmError, ParseError
from mdmcore.inspector.artifact.judge import exchange_of, judge
from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.layers import Piece
from mdmcore.inspector.artifact.nested import certificate_part, csr_part
from mdmcore.inspector.artifact.pki_facts import (
    certificate_facts,
    certificate_summary,
    csr_facts,
    csr_summary,
    renewal_facts,
    renewal_summary,
)
from mdmcore.inspector.artifact.profile import profile_of
from mdmcore.inspector.artifact.values import (
    ArtifactReport,
    ArtifactSettings,
    ReadProblem,
)
from mdmcore.inspector.decode import read_csr
from mdmcore.inspector.renewal_part import read_renewal
from mdmcore.pki.certificate import Certificate, parse_certificate
from mdmcore.pki.cms import parse_signed_data
from mdmcore.rules import Rule
from mdmcore.rules.decoded import Decoded, Kind, ProvisionedCertificate, Provisioning

_OF_A_SERVER = (
    "not judged as a device's certificate: it names hosts and is for servers; mdmproxy inspect "
    "and analyze judge the connection it is shown in"
)


def problem_of(error: ParseError, piece: Piece) -> ReadProblem:
    """The error with its place, which counts in what is inside the layers."""
    behind = f" behind {' > '.join(piece.layers)}" if piece.layers and error.where else ""
    return ReadProblem(message=error.message, where=f"{error.where}{behind}")


def read_csr_artifact(piece: Piece, name: str, settings: ArtifactSettings) -> ArtifactReport:
    """The report of a PKCS#10; one that cannot be read has a problem and no findings."""
    part = read_csr(piece.data)
    layers = (*piece.layers, "DER CSR")
    if part.problem is not None:
        return ArtifactReport(
            name=name,
            kind=ArtifactKind.CSR,
            summary=csr_summary(part),
            layers=layers,
            problem=problem_of(part.problem, piece),
        )
    decoded = Decoded(kind=Kind.RST, csr=part)
    chosen = profile_of(decoded, settings)
    return ArtifactReport(
        name=name,
        kind=ArtifactKind.CSR,
        summary=csr_summary(part),
        layers=layers,
        profile=chosen.profile,
        profile_reason=chosen.reason,
        facts=csr_facts(part),
        findings=judge(exchange_of(name, settings), decoded, chosen, settings),
    )


def read_certificate_artifact(
    piece: Piece, name: str, settings: ArtifactSettings
) -> ArtifactReport:
    """The report of a certificate, judged as if it were issued to a device, unless it is that of a
    TLS server."""
    layers = (*piece.layers, "DER certificate")
    try:
        certificate = parse_certificate(piece.data)
    except ParseError as error:
        return ArtifactReport(
            name=name,
            kind=ArtifactKind.CERTIFICATE,
            summary="a certificate that cannot be read",
            layers=layers,
            problem=problem_of(error, piece),
        )
    decoded = issued(certificate)
    chosen = profile_of(None, settings)
    is_judged = not certificate.is_tls_server
    return ArtifactReport(
        name=name,
        kind=ArtifactKind.CERTIFICATE,
        summary=certificate_summary(certificate),
        layers=layers,
        profile=chosen.profile,
        profile_reason=chosen.reason,
        facts=certificate_facts(certificate),
        notes=() if is_judged else (_OF_A_SERVER,),
        findings=judge(
            exchange_of(name, settings), decoded, chosen, settings, only=_about_certificates
        )
        if is_judged
        else (),
    )


def issued(certificate: Certificate) -> Decoded:
    """An answer in which this certificate is the one issued to the device."""
    stored = StoredCertificate(
        store="My",
        scope="User",
        thumbprint=certificate.thumbprint,
        der=certificate.der,
        text="",
        path="",
    )
    item = ProvisionedCertificate(stored=stored, certificate=certificate)
    return Decoded(kind=Kind.RST, provisioning=Provisioning(raw=b"", certificates=(item,)))


def _about_certificates(rule: Rule) -> bool:
    """The document around the certificate is not there to be judged."""
    return rule.id.startswith("cert-")


def read_pkcs7(piece: Piece, name: str, settings: ArtifactSettings) -> ArtifactReport:
    """The report of a renewal's PKCS#7 and of the CSR inside it."""
    renewal = read_renewal(piece.data)
    layers = (*piece.layers, "DER PKCS#7")
    if renewal.problem is not None or renewal.signed is None:
        error = renewal.problem
        problem = problem_of(error, piece) if error is not None else None
        return ArtifactReport(
            name=name,
            kind=ArtifactKind.PKCS7,
            summary=renewal_summary(renewal),
            layers=layers,
            problem=problem,
        )
    content = renewal.signed.content
    csr = None if content is None else read_csr(content)
    decoded = Decoded(kind=Kind.RENEW, renewal=renewal, csr=csr)
    chosen = profile_of(decoded, settings)
    signers = renewal.signed.certificates
    parts = [csr_part(csr, "signed content", layers)] if csr is not None else []
    parts += [certificate_part(one, "certificates", layers) for one in signers]
    notes: tuple[str, ...] = ()
    if renewal.signer_problem is not None:
        notes = (f"the signature does not hold: {renewal.signer_problem}",)
    return ArtifactReport(
        name=name,
        kind=ArtifactKind.PKCS7,
        summary=renewal_summary(renewal),
        layers=layers,
        profile=chosen.profile,
        profile_reason=chosen.reason,
        facts=renewal_facts(renewal),
        parts=tuple(parts),
        notes=notes,
        findings=judge(exchange_of(name, settings), decoded, chosen, settings),
    )


def certificates_of_bundle(der: bytes) -> tuple[bytes, ...]:
    """The certificates of a PKCS#7 that signs nothing (a .p7b file); none for any other."""
    try:
        signed = parse_signed_data(der)
    except MdmError:
        return ()
    if signed.signers or signed.content is not None:
        return ()
    return tuple(certificate.der for certificate in signed.certificates)
