"""Rules on renewals themselves: how a Renew is answered, and with what (enrollment.md 10).

They belong to the phase renewal. What must be set before a device renews stands in ``renewal``.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.pki.certificate import Certificate, verify_issued_by
from mdmcore.pki.criteria import decode_hub_criteria, parse_ssl_client_criteria, subject_matches
from mdmcore.profiles import FEDERATED
from mdmcore.rules.decoded import Kind, Provisioning
from mdmcore.rules.issued import issued_certificates
from mdmcore.rules.life import Life
from mdmcore.rules.model import Hit, Severity
from mdmcore.rules.refusals import (
    NOT_IMPLEMENTED,
    ROBO_NOT_IMPLEMENTED,
    expects_silent_renewal,
    is_good_renewal_refused,
    is_renewal_refused,
    renewal_causes,
)
from mdmcore.rules.registry import rule
from mdmcore.rules.renew_settings import robo_support
from mdmcore.rules.scene import Scene
from mdmcore.rules.urls import endpoint, redirect_of

_RENEW = frozenset({Kind.RENEW})
_STORE = "/wap-provisioningdoc/characteristic[@type='CertificateStore']"


@rule(NOT_IMPLEMENTED, kinds=_RENEW)
def wrong_request_type(scene: Scene) -> Iterator[Hit]:
    """A renewal that is right as far as we can see is refused, as by a server that knows the
    RequestType Issue only; the device tries again until its certificate ends. Handle Renew."""
    if is_good_renewal_refused(scene) and not expects_silent_renewal(scene):
        yield _refused(scene, renewal_causes(scene))


@rule(ROBO_NOT_IMPLEMENTED, kinds=_RENEW)
def robo_not_implemented(scene: Scene) -> Iterator[Hit]:
    """The device was told to renew silently, but its renewal is refused although it is right; it
    tries until the certificate ends and is then cut off. Implement renewal: after a Federated
    enrolment it cannot be switched off."""
    if is_good_renewal_refused(scene) and expects_silent_renewal(scene):
        yield _refused(scene, renewal_causes(scene))


@rule("renew-attempts-failing", kinds=_RENEW)
def attempts_failing(scene: Scene) -> Iterator[Hit]:
    """A device asks for renewal again and again and gets no certificate; it then reports a failed
    renewal, and its synchronisation on demand may stop. Answer with an RSTRC."""
    before, now = scene.before, scene.exchange.started
    if not before.refused_renewals or not is_renewal_refused(scene.exchange, scene.decoded):
        return
    words = [f"{before.refused_renewals + 1} renewals in a row got no certificate"]
    if before.first_refused_renewal is not None and now is not None:
        words += [f"within {(now - before.first_refused_renewal).days} days"]
    if before.certificate is not None and now is not None:
        words += [f"{max(0, (before.certificate.not_after - now).days)} days are left"]
    causes: tuple[str, ...] = ()
    if is_good_renewal_refused(scene):
        first = ROBO_NOT_IMPLEMENTED if expects_silent_renewal(scene) else NOT_IMPLEMENTED
        causes = (first, *renewal_causes(scene))
    yield scene.hit(
        ", ".join(words),
        part="response",
        field="status",
        evidence=_answer_words(scene),
        caused_by=causes,
    )


@rule("redirect-during-renewal", kinds=_RENEW)
def redirected(scene: Scene) -> Iterator[Hit]:
    """A renewal is redirected to a place that the user did not accept at enrolment, and the device
    refuses to go there. Keep the URL that was accepted at enrolment."""
    target, accepted = redirect_of(scene.exchange), scene.before.discovery_redirect
    if target and (not accepted or endpoint(target) != endpoint(accepted)):
        yield scene.hit(
            f"the renewal is redirected to {target.partition('?')[0]}",
            part="response",
            header="Location",
            evidence=target.partition("?")[0],
        )


@rule("renew-signer-not-checked", kinds=_RENEW)
def signer_not_checked(scene: Scene) -> Iterator[Hit]:
    """A renewal that does not prove who sent it was answered with a certificate, so anybody can get
    one. Verify the CMS signature, and that its signer was issued here."""
    if not any(True for _ in issued_certificates(scene)):
        return
    part, rst = scene.decoded.renewal, scene.decoded.rst
    if part is None or part.problem is not None:
        problem = f"its PKCS#7 cannot be read: {part.problem if part is not None else 'no base64'}"
    elif part.signer_problem is not None:
        problem = f"its signature does not hold: {part.signer_problem}"
    elif part.signer is not None and _is_foreign(scene, part.signer):
        problem = f"its signer {part.signer.subject.rfc4514()} was not issued at this enrolment"
    else:
        return
    signer = part.signer if part is not None else None
    yield scene.hit(
        f"a renewal was answered with a certificate, although {problem}",
        part="request",
        xpath=rst.path if rst is not None else "",
        evidence=f"issuer {signer.issuer.rfc4514()}" if signer is not None else "no signer",
    )


def unless_switched_off(life: Life) -> Severity | None:
    """Info where the document says nothing of silent renewal: the server may well serve it."""
    part = life.provisioning
    is_off = part is not None and robo_support(part.document) is False
    return None if is_off else Severity.INFO


@rule("renew-mandatory-when-federated", kinds={Kind.RST}, cap=unless_switched_off)
def mandatory_when_federated(scene: Scene) -> Iterator[Hit]:
    """The enrolment is Federated and silent renewal is not switched on, but the device renews
    silently all the same when the time comes. Implement renewal, whatever ROBOSupport says."""
    part = scene.decoded.provisioning
    if part is None or part.document is None or scene.life.auth_policy != FEDERATED:
        return
    support = robo_support(part.document)
    if not support:
        said = "missing" if support is None else "false"
        yield scene.hit(
            f"the enrolment is Federated and ROBOSupport is {said}",
            part="document",
            xpath=f"{_STORE}/characteristic[@type='My']",
            evidence=f"ROBOSupport {said}",
        )


@rule("renew-subject-changed", kinds=_RENEW)
def subject_changed(scene: Scene) -> Iterator[Hit]:
    """The renewed certificate has another subject than the criteria by which the device searches,
    so it finds none for client TLS. Keep the subject, or send new criteria with it."""
    part = scene.decoded.provisioning
    stored = dict(_stored_criteria(scene.before, part))
    for _, certificate in issued_certificates(scene):
        for name, subject in stored.items():
            if not subject_matches(subject, certificate.subject):
                yield scene.hit(
                    f"the renewed certificate's subject is {certificate.subject.rfc4514()}, "
                    f"{name} of the enrolment asks for {subject!r}",
                    part="certificate",
                    field="subject",
                    evidence=certificate.subject.rfc4514(),
                )


def _refused(scene: Scene, causes: tuple[str, ...]) -> Hit:
    side = scene.decoded.response
    fault = side.fault if side is not None else None
    words = _answer_words(scene)
    message = f"a renewal whose signature holds is answered with {words}"
    if fault is not None and fault.path:
        path = fault.path
        return scene.hit(message, part="response", xpath=path, evidence=words, caused_by=causes)
    return scene.hit(message, part="response", field="status", evidence=words, caused_by=causes)


def _answer_words(scene: Scene) -> str:
    side, response = scene.decoded.response, scene.exchange.response
    status = f"HTTP {response.status}" if response is not None else "nothing"
    if side is not None and side.fault is not None:
        return f"{status}, fault {side.fault.subcode or side.fault.code or 'without a code'}"
    return status if response is None or response.status >= 400 else f"{status} and no certificate"


def _is_foreign(scene: Scene, signer: Certificate) -> bool:
    """Whether the signer is none of the CAs that this enrolment handed out, as far as is known."""
    known = scene.before.provisioning
    if known is None or endpoint(scene.exchange.request.url) != endpoint(
        scene.before.enrollment_url
    ):
        return False
    certificates = [c.certificate for c in known.certificates if c.certificate is not None]
    if any(certificate.der == signer.der for certificate in certificates):
        return False
    authorities = [one for one in certificates if one.is_ca]
    return bool(authorities) and not any(verify_issued_by(signer, one) for one in authorities)


def _stored_criteria(before: Life, new: Provisioning | None) -> Iterator[tuple[str, str]]:
    """Name and DN text of each criteria that stays in force and named the old certificate."""
    old, certificate = before.provisioning, before.certificate
    if old is None:
        return
    account, hub = old.account, old.app_management
    found = []
    is_replaced = new is not None and new.account is not None and new.account.criteria is not None
    if account is not None and account.criteria is not None and not is_replaced:
        subject = parse_ssl_client_criteria(account.criteria).subject
        found.append(("SSLCLIENTCERTSEARCHCRITERIA", subject))
    is_replaced = new is not None and new.app_management is not None
    if hub is not None and hub.certificate_search_criteria and not is_replaced:
        subject = decode_hub_criteria(hub.certificate_search_criteria)
        found.append(("CertificateSearchCriteria", subject))
    for name, text in found:
        if text is not None and (certificate is None or subject_matches(text, certificate.subject)):
            yield name, text
