"""Rules on what a renewal hands out, and on a certificate that was not renewed in time.

They belong to the phase renewal (enrollment.md 10).
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.enrollment.provisioning_view import branches_at
from mdmcore.pki.certificate import Certificate
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.provisioned import provisioned
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

# PROVIDER-ID names the account; new criteria are needed where the subject has changed.
_NEEDED = frozenset({"APPID", "PROVIDER-ID", "NAME", "SSLCLIENTCERTSEARCHCRITERIA"})


@rule("renew-response-full-doc", kinds={Kind.RENEW})
def full_document(scene: Scene) -> Iterator[Hit]:
    """The answer to a renewal has the account's credentials or settings again, which may reset
    them on the device. Send the new certificate and the APPLICATION with its PROVIDER-ID only."""
    document = provisioned(scene).document
    if document is None:
        return
    for _, path, branch in branches_at(document, "APPLICATION", ignore_case=False):
        more = [parm.name for parm in branch.parms if parm.name not in _NEEDED]
        more += [below.type for below in branch.characteristics]
        if more:
            names = ", ".join(dict.fromkeys(more))
            yield scene.hit(
                f"the answer to the renewal sets the account anew: {names}",
                part="document",
                xpath=path,
                evidence=names,
            )


@rule("cert-expired")
def certificate_expired(scene: Scene) -> Iterator[Hit]:
    """The last certificate issued to the device has expired: company apps no longer start and no
    renewal comes. Only un-enrolling and enrolling again helps; renew in time from then on."""
    if scene.now is None:
        return
    issued = [certificate for _, certificate in provisioned(scene).issued]
    if issued:
        for certificate in issued:
            if certificate.not_after < scene.now:
                yield _hit(scene, certificate, "the issued certificate")
        return
    known, last = scene.before.certificate, scene.before.last
    if known is None or known.not_after >= scene.now:
        return
    # Said once: when the first exchange after that day is seen.
    if last is None or last <= known.not_after:
        yield _hit(scene, known, "the device's certificate")


def _hit(scene: Scene, certificate: Certificate, whose: str) -> Hit:
    return scene.hit(
        f"{whose} {certificate.subject.rfc4514()} expired on "
        f"{certificate.not_after.date().isoformat()}",
        part="certificate",
        field="notAfter",
        evidence=certificate.not_after.isoformat().replace("+00:00", "Z"),
    )
