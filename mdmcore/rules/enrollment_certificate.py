"""Rules on the CSR and the certificate issued for it (enrollment.md 7 and 8)."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.namespaces import DEFAULT_CSR_COMMON_NAME
from mdmcore.pki.asn1.name import PRINTABLE_ALPHABET, PRINTABLE_STRING
from mdmcore.pki.certificate import Certificate, verify_issued_by
from mdmcore.rules.criteria import without_client_tls
from mdmcore.rules.decoded import Kind
from mdmcore.rules.issued import issued_certificates
from mdmcore.rules.life import Life
from mdmcore.rules.model import Hit, Severity
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_ISSUING = frozenset({Kind.RST, Kind.RENEW})
_ANY_USAGE = "2.5.29.37.0"
_MAX_SHOWN = 5


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
    issued = list(issued_certificates(scene))
    if csr is None or any(certificate.spki == csr.spki for _, certificate in issued):
        return
    for path, certificate in issued:
        yield scene.hit(
            "the issued certificate does not carry the public key of the CSR",
            part="certificate",
            xpath=path,
            evidence=(
                f"certificate {certificate.spki_sha256[:16]}..., "
                f"CSR {csr.spki_sha256[:16]}... (SHA-256 of the public key)"
            ),
        )


@rule("cert-default-subject", kinds=_ISSUING, cap=without_hub)
def default_subject(scene: Scene) -> Iterator[Hit]:
    """The issued certificate keeps the subject that every phone puts into its CSR, so it is not
    found and the Company Hub is never requested. Set a subject unique to the device."""
    for _, certificate in issued_certificates(scene):
        for name in certificate.subject.common_names:
            if name.rstrip("\0").upper() == DEFAULT_CSR_COMMON_NAME:
                message = "the certificate has the constant subject of every phone's CSR"
                yield _subject_hit(scene, certificate, message)


@rule("cert-subject-not-printable", kinds=_ISSUING, cap=without_hub)
def subject_not_printable(scene: Scene) -> Iterator[Hit]:
    """A value of the certificate's subject is not a PrintableString, so Windows Phone 8.0 does not
    find its certificate. Encode the subject's values as PrintableString."""
    for _, certificate in issued_certificates(scene):
        types = {
            attribute.type_name
            for attribute in certificate.subject.attributes
            if attribute.tag != PRINTABLE_STRING
        }
        if types:
            message = f"the certificate's subject is encoded as {', '.join(sorted(types))}"
            yield _subject_hit(scene, certificate, message)


@rule("cert-subject-has-nul", kinds=_ISSUING, cap=without_hub)
def subject_has_nul(scene: Scene) -> Iterator[Hit]:
    """The certificate's subject holds a NUL byte: search criteria end there, so the certificate is
    not found. Do not copy the subject of the CSR; set one without NUL."""
    for _, certificate in issued_certificates(scene):
        if any(attribute.has_nul for attribute in certificate.subject.attributes):
            message = "the certificate's subject holds a NUL byte"
            yield _subject_hit(scene, certificate, message)


@rule("cert-subject-illegal-printable", kinds=_ISSUING)
def subject_illegal_printable(scene: Scene) -> Iterator[Hit]:
    """A PrintableString in the certificate's subject holds characters that it may not, such as an
    underscore or "@", so strict peers refuse the certificate. Use a GUID as CN."""
    for _, certificate in issued_certificates(scene):
        texts = (a.text for a in certificate.subject.attributes if a.tag == PRINTABLE_STRING)
        # A NUL is cert-subject-has-nul's matter.
        wrong = sorted({c for text in texts for c in text} - PRINTABLE_ALPHABET - {"\0"})
        if wrong:
            shown = " ".join(map(repr, wrong[:_MAX_SHOWN]))
            message = f"a PrintableString of the certificate's subject holds {shown}"
            yield _subject_hit(scene, certificate, message)


@rule("cert-no-client-auth-eku", kinds=_ISSUING, cap=without_client_tls)
def no_client_auth(scene: Scene) -> Iterator[Hit]:
    """The extended key usage of the issued certificate leaves out client authentication, so the
    device offers no certificate where the server asks for one. Add clientAuth
    (1.3.6.1.5.5.7.3.2)."""
    for _, certificate in issued_certificates(scene):
        usages = certificate.ext_key_usages
        # Without the extension a certificate is for any purpose (RFC 5280 4.2.1.12).
        if usages is None or certificate.has_client_auth or _ANY_USAGE in usages:
            continue
        yield scene.hit(
            "the certificate's extended key usage has no clientAuth",
            part="certificate",
            field="ext_key_usages",
            evidence=", ".join(usages) or "empty",
        )


@rule("cert-leaf-is-root", kinds=_ISSUING)
def leaf_is_root(scene: Scene) -> Iterator[Hit]:
    """The issued certificate is its own issuer, so Windows 10 and later offer no certificate for
    client TLS. Issue the certificate from a CA of its own."""
    part = scene.decoded.provisioning
    csr = scene.decoded.csr.csr if scene.decoded.csr is not None else None
    for item in part.client_certificates if part is not None else ():
        certificate = item.certificate
        if certificate is None or not certificate.is_self_issued:
            continue
        # A CA in My is the issued certificate only where it carries the device's key.
        if certificate.is_ca and (csr is None or certificate.spki != csr.spki):
            continue
        is_signed = verify_issued_by(certificate, certificate)
        yield scene.hit(
            "the issued certificate is self-signed"
            if is_signed
            else "the issued certificate names itself as its issuer",
            part="certificate",
            field="issuer",
            evidence=certificate.issuer.rfc4514(),
        )


def _subject_hit(scene: Scene, certificate: Certificate, message: str) -> Hit:
    return scene.hit(
        message,
        part="certificate",
        field="subject",
        evidence=certificate.subject.rfc4514(),
    )
