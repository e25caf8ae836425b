"""Rules on CertificateStore in the provisioning document (enrollment.md 9.2).

What the issued certificate itself must be is judged in ``enrollment_certificate``.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.enrollment.certificate_store_view import key_containers, unknown_stores
from mdmcore.enrollment.provisioning_view import StoredCertificate, parm_path
from mdmcore.namespaces import OMA_DM_RETRY_KEY
from mdmcore.pki.certificate import Certificate, verify_issued_by
from mdmcore.pki.signature import RSASSA_PSS, SCHEMES
from mdmcore.profiles import Store, device_profile
from mdmcore.rules.decoded import Kind, ProvisionedCertificate, Provisioning
from mdmcore.rules.model import Hit
from mdmcore.rules.provisioned import ISSUING, document_hit, provisioned
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_MY_SYSTEM = Store(store="My", scope="System")
_SHOWN = 40
_MAX_STEPS = 8
"""Certificates of a chain that are followed; a document has one root and one intermediate."""

_MAX_CERTIFICATES = 16
"""Certificates of each kind whose signatures are verified; hostile documents have thousands."""


@rule("wap-thumbprint-mismatch", kinds=ISSUING)
def thumbprint_mismatch(scene: Scene) -> Iterator[Hit]:
    """A certificate's characteristic is not named by the SHA-1 of its DER bytes, so the certificate
    step fails (0x8018001E or 0x80180024). Name it by the thumbprint in 40 upper-case digits."""
    for item in provisioned(scene).certificates:
        certificate = item.certificate
        if certificate is None or item.stored.thumbprint.upper() == certificate.thumbprint:
            continue
        yield document_hit(
            scene,
            f"the certificate is named {item.stored.thumbprint}, "
            f"its thumbprint is {certificate.thumbprint}",
            item.stored.path,
            item.stored.thumbprint,
        )


@rule("wap-cert-formatting", kinds=ISSUING)
def certificate_formatting(scene: Scene) -> Iterator[Hit]:
    """EncodedCertificate is not one line of base64: PEM armour, a blank, a line break, or no
    certificate at all, so the certificate step fails. Write the DER bytes in base64 in one line."""
    if provisioned(scene).document is None:
        return
    for item in provisioned(scene).certificates:
        problem = _formatting_problem(item)
        if problem:
            where = parm_path(item.stored.path, "EncodedCertificate")
            yield document_hit(
                scene, f"EncodedCertificate {problem}", where, item.stored.text[:_SHOWN]
            )


def _formatting_problem(item: ProvisionedCertificate) -> str:
    text = item.stored.text
    if "-----BEGIN" in text:
        return "is PEM, not bare base64"
    if any(character.isspace() for character in text):
        return "has blanks or line breaks in it"
    if item.stored.der is None:
        return "is not base64" if text else "is empty"
    return "" if item.certificate is not None else f"holds no certificate: {item.problem}"


@rule("wap-store-case", kinds=ISSUING)
def store_case(scene: Scene) -> Iterator[Hit]:
    """A certificate store is not written as a phone knows it; its names are case-sensitive, so
    the phone finds no such store and enrolment fails. Write Root/System, CA/System and My/User."""
    document = provisioned(scene).document
    for store in unknown_stores(document) if document is not None else ():
        expected = f"the phone knows only {store.expected!r}" if store.expected else "is no store"
        yield document_hit(
            scene, f"the store name {store.name!r}: {expected}", store.path, store.name
        )


@rule("wap-client-cert-store", kinds=ISSUING)
def client_certificate_store(scene: Scene) -> Iterator[Hit]:
    """The client certificate of a phone stands below My/System, where the key of the request is
    not bound to it, so client TLS has no key. Put it below My/User."""
    part = provisioned(scene)
    if device_profile(scene.profile).certificate_stores[_MY_SYSTEM]:
        return
    if not (scene.life.is_profile_known or _is_for_phones(part)):
        return
    for stored, _ in part.issued:
        if stored.scope.lower() == "system":
            yield document_hit(
                scene,
                "the client certificate of a phone stands below My/System",
                stored.path,
                f"{stored.store}/{stored.scope}",
            )


def _is_for_phones(part: Provisioning) -> bool:
    """Whether the document has the registry key that only phones read."""
    return any(each.key.lower() == OMA_DM_RETRY_KEY.lower() for each in part.registry_schedules)


@rule("wap-private-key-container-missing", kinds={Kind.RST})
def private_key_container_missing(scene: Scene) -> Iterator[Hit]:
    """No PrivateKeyContainer stands beside or in the client certificate's branch, so the device
    may not bind its key. Add an empty characteristic PrivateKeyContainer, as the samples have."""
    part = provisioned(scene)
    if part.document is None:
        return
    containers = key_containers(part.document)
    for stored, _ in part.issued:
        places = {(stored.store, stored.scope), (stored.store, stored.scope, stored.thumbprint)}
        if not places & containers:
            yield document_hit(
                scene,
                f"{stored.store}/{stored.scope} has no PrivateKeyContainer",
                stored.path,
                "absent",
            )


@rule("wap-too-many-cas", kinds=ISSUING)
def too_many_authorities(scene: Scene) -> Iterator[Hit]:
    """The document has more than one root or more than one intermediate certificate: the device
    ignores the further ones, or the branch fails. Send one of each, the rest in a DM session."""
    roots: dict[bytes, StoredCertificate] = {}
    intermediates: dict[bytes, StoredCertificate] = {}
    for stored, certificate in provisioned(scene).authorities:
        known = roots if stored.store.lower() == "root" else intermediates
        known.setdefault(certificate.der, stored)
    for what, found in (("root", roots), ("intermediate", intermediates)):
        if len(found) > 1:
            second = list(found.values())[1]
            yield document_hit(
                scene,
                f"{len(found)} {what} certificates, a device takes one",
                second.path,
                f"{len(found)} in {second.store}/{second.scope}",
            )


@rule("wap-root-not-issuer", kinds=ISSUING)
def root_not_issuer(scene: Scene) -> Iterator[Hit]:
    """The certificate in Root/System did not issue the client certificate, neither directly nor
    through the intermediate that is sent, so the chain is incomplete. Send the CA that signed."""
    part = provisioned(scene)
    above = part.authorities[:_MAX_CERTIFICATES]
    authorities = [certificate for _, certificate in above]
    roots = {c.der: stored for stored, c in above if stored.store.lower() == "root"}
    for _, certificate in part.issued[:_MAX_CERTIFICATES]:
        # A leaf that is its own root is another rule's matter.
        if not roots or certificate.is_self_issued or _leads_to(certificate, authorities, roots):
            continue
        yield document_hit(
            scene,
            f"no certificate in Root issued the client certificate; its issuer is "
            f"{certificate.issuer.rfc4514()}",
            next(iter(roots.values())).path,
            certificate.issuer.rfc4514(),
        )


def _leads_to(
    leaf: Certificate, authorities: list[Certificate], roots: dict[bytes, StoredCertificate]
) -> bool:
    current, seen = leaf, {leaf.der}
    for _ in range(_MAX_STEPS):
        above = next((c for c in authorities if c.der not in seen and _issued(current, c)), None)
        if above is None:
            return False
        if above.der in roots:
            return True
        seen.add(above.der)
        current = above
    return False


def _issued(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether it did, as far as can be told: with an unknown algorithm the name must do."""
    if certificate.signature_algorithm in SCHEMES or certificate.signature_algorithm == RSASSA_PSS:
        return verify_issued_by(certificate, issuer)
    return certificate.issuer.raw == issuer.subject.raw
