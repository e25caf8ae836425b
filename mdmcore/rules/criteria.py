"""Rules on SSLCLIENTCERTSEARCHCRITERIA, by which a device finds its certificate.

They belong to the phase provisioning (enrollment.md 9.4).
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.enrollment.provisioning_view import W7Account, parm_path
from mdmcore.pki.criteria import SearchCriteria, parse_ssl_client_criteria, subject_matches
from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import Life
from mdmcore.rules.model import Hit, Severity
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_ISSUING = frozenset({Kind.RST, Kind.RENEW})
_PARM = "SSLCLIENTCERTSEARCHCRITERIA"


def without_client_tls(life: Life) -> Severity | None:
    """Warning once the DM host was seen to answer without a client certificate."""
    return Severity.WARNING if life.answered_without_client_tls else None


@rule("criteria-prefix", kinds=_ISSUING, cap=without_client_tls)
def criteria_prefix(scene: Scene) -> Iterator[Hit]:
    """The search criteria do not begin with a plain Subject=, so the device sends no certificate
    where the server asks for one. Begin with Subject=, unescaped."""
    account, criteria = _criteria(scene)
    if account is not None and criteria is not None and not criteria.has_prefix:
        yield _hit(scene, account, criteria, "the search criteria do not begin with Subject=")


@rule("criteria-store", kinds=_ISSUING, cap=without_client_tls)
def criteria_store(scene: Scene) -> Iterator[Hit]:
    """The search criteria do not end with &Stores=My%5CUser, so no certificate is found. End with
    that, its ampersand escaped once in the XML."""
    account, criteria = _criteria(scene)
    if account is None or criteria is None or criteria.has_store:
        return
    if not criteria.is_double_escaped:  # criteria-double-escaped is about that
        yield _hit(scene, account, criteria, "the search criteria do not end with the store")


@rule("criteria-subject-mismatch", kinds=_ISSUING, cap=without_client_tls)
def criteria_subject_mismatch(scene: Scene) -> Iterator[Hit]:
    """The subject in the search criteria is not that of the issued certificate, so no certificate
    is found, or the enrolment is rolled back. Write the criteria from the issued certificate."""
    account, criteria = _criteria(scene)
    part = scene.decoded.provisioning
    if account is None or criteria is None or part is None or criteria.subject is None:
        return
    issued = [c.certificate for c in part.client_certificates if c.certificate is not None]
    if not issued or any(subject_matches(criteria.subject, c.subject) for c in issued):
        return
    names = "; ".join(certificate.subject.rfc4514() for certificate in issued)
    message = f"the search criteria ask for {criteria.subject!r}, the certificate's subject is "
    yield _hit(scene, account, criteria, message + names)


def _criteria(scene: Scene) -> tuple[W7Account | None, SearchCriteria | None]:
    part = scene.decoded.provisioning
    account = part.account if part is not None else None
    if account is None or account.criteria is None:
        return account, None
    return account, parse_ssl_client_criteria(account.criteria)


def _hit(scene: Scene, account: W7Account, criteria: SearchCriteria, message: str) -> Hit:
    return scene.hit(
        message,
        part="document",
        xpath=parm_path(account.path, _PARM),
        evidence=criteria.text,
    )
