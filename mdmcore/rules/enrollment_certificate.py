"""Rules on the CSR and the certificate issued for it (enrollment.md 7 and 8)."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.namespaces import DEFAULT_CSR_COMMON_NAME
from mdmcore.pki.asn1.name import PRINTABLE_STRING
from mdmcore.rules.decoded import Kind, ProvisionedCertificate
from mdmcore.rules.life import Life
from mdmcore.rules.model import Hit, Severity
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_ISSUING = frozenset({Kind.RST, Kind.RENEW})


def without_hub(life: Life) -> Severity | None:
    """Warning once the provisioning document is known to have no EnterpriseAppManagement."""
    part = life.provisioning
    if part is None or part.document is None or part.app_management is not None:
        return None
    return Severity.WARNING


@rule("csr-signature-invalid", kinds=_ISSUING)
def csr_signature_invalid(scene: Scene) -> Iterator[Hit]:
    """The CSR cannot be read, or its self-signature does not verify over its original bytes, so
    the server must refuse it. Find what changed or cut the request on its way."""
    part = scene.decoded.csr
    if part is None:
        return
    if part.problem is not None:
        offset = 0 if part.problem.offset is None else part.problem.offset
        yield scene.hit(
            f"the CSR cannot be read: {part.problem}",
            part="csr",
            offset=offset,
            evidence=f"{len(part.raw)} bytes",
        )
    elif part.signature_problem is not None:
        yield scene.hit(
            f"the CSR's self-signature does not verify: {part.signature_problem}",
            part="csr",
            field="signature",
            evidence=part.csr.signature_algorithm if part.csr is not None else "",
        )


@rule("cert-public-key-mismatch", kinds=_ISSUING)
def public_key_mismatch(scene: Scene) -> Iterator[Hit]:
    """The issued certificate carries another public key than the CSR: enrolment reports success,
    but the key can never be used for client TLS, hub or renewal. Sign the key of the CSR."""
    csr = scene.decoded.csr.csr if scene.decoded.csr is not None else None
    if csr is None or scene.decoded.provisioning is None:
        return
    issued = [
        item
        for item in scene.decoded.provisioning.client_certificates
        if item.certificate is not None and not item.certificate.is_ca
    ]
    if any(item.certificate is not None and item.certificate.spki == csr.spki for item in issued):
        return
    for item in issued:
        assert item.certificate is not None
        yield scene.hit(
            "the issued certificate does not carry the public key of the CSR",
            part="certificate",
            xpath=item.stored.path,
            evidence=(
                f"certificate {item.certificate.spki_sha256[:16]}..., "
                f"CSR {csr.spki_sha256[:16]}... (SHA-256 of the public key)"
            ),
        )


@rule("cert-default-subject", kinds=_ISSUING, cap=without_hub)
def default_subject(scene: Scene) -> Iterator[Hit]:
    """The issued certificate keeps the subject that every phone puts into its CSR, so it is not
    found and the Company Hub is never requested. Set a subject unique to the device."""
    for item in _issued(scene):
        assert item.certificate is not None
        for name in item.certificate.subject.common_names:
            if name.rstrip("\0").upper() == DEFAULT_CSR_COMMON_NAME:
                yield _subject_hit(
                    scene, item, "the certificate has the constant subject of every phone's CSR"
                )


@rule("cert-subject-not-printable", kinds=_ISSUING, cap=without_hub)
def subject_not_printable(scene: Scene) -> Iterator[Hit]:
    """A value of the certificate's subject is not a PrintableString, so Windows Phone 8.0 does not
    find its certificate. Encode the subject's values as PrintableString."""
    for item in _issued(scene):
        assert item.certificate is not None
        types = {
            attribute.type_name
            for attribute in item.certificate.subject.attributes
            if attribute.tag != PRINTABLE_STRING
        }
        if types:
            found = ", ".join(sorted(types))
            yield _subject_hit(scene, item, f"the certificate's subject is encoded as {found}")


@rule("cert-subject-has-nul", kinds=_ISSUING, cap=without_hub)
def subject_has_nul(scene: Scene) -> Iterator[Hit]:
    """The certificate's subject holds a NUL byte: search criteria end there, so the certificate is
    not found. Do not copy the subject of the CSR; set one without NUL."""
    for item in _issued(scene):
        assert item.certificate is not None
        if any(attribute.has_nul for attribute in item.certificate.subject.attributes):
            yield _subject_hit(scene, item, "the certificate's subject holds a NUL byte")


def _issued(scene: Scene) -> Iterator[ProvisionedCertificate]:
    """The client certificates of the answer; a CA beside them in My is none."""
    if scene.decoded.provisioning is None:
        return
    for item in scene.decoded.provisioning.client_certificates:
        if item.certificate is not None and not item.certificate.is_ca:
            yield item


def _subject_hit(scene: Scene, item: ProvisionedCertificate, message: str) -> Hit:
    assert item.certificate is not None
    return scene.hit(
        message,
        part="certificate",
        field="subject",
        evidence=item.certificate.subject.rfc4514(),
    )
