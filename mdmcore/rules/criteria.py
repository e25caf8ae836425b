"""Rules on SSLCLIENTCERTSEARCHCRITERIA, by which a device finds its certificate.

They belong to the phase provisioning (enrollment.md 9.4).
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.enrollment.provisioning_view import W7Account, parm_path
from mdmcore.pki.criteria import (
    SearchCriteria,
    parse_ssl_client_criteria,
    percent_decode,
    subject_is_meant,
)
from mdmcore.rules.life import Life
from mdmcore.rules.model import Hit, Severity
from mdmcore.rules.provisioned import ISSUING, account_of, document_hit, provisioned
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_PARM = "SSLCLIENTCERTSEARCHCRITERIA"


def without_client_tls(life: Life) -> Severity | None:
    """Warning once the DM host was seen to do without a client certificate, and not to ask."""
    is_done_without = life.answered_without_client_tls and not life.asked_for_client_tls
    return Severity.WARNING if is_done_without else None


@rule("criteria-prefix", kinds=ISSUING, cap=without_client_tls)
def criteria_prefix(scene: Scene) -> Iterator[Hit]:
    """The search criteria do not begin with a plain Subject=, so the device sends no certificate
    where the server asks for one. Begin with Subject=, unescaped."""
    account, criteria = _criteria(scene)
    if account is not None and criteria is not None and not criteria.has_prefix:
        yield _hit(scene, account, criteria, "the search criteria do not begin with Subject=")


@rule("criteria-store", kinds=ISSUING, cap=without_client_tls)
def criteria_store(scene: Scene) -> Iterator[Hit]:
    """The search criteria do not end with &Stores=My%5CUser, so no certificate is found. End with
    that, its ampersand escaped once in the XML."""
    account, criteria = _criteria(scene)
    if account is None or criteria is None or criteria.has_store:
        return
    if not criteria.is_double_escaped:  # criteria-double-escaped is about that
        yield _hit(scene, account, criteria, "the search criteria do not end with the store")


@rule("criteria-double-escaped", kinds=ISSUING, cap=without_client_tls)
def criteria_double_escaped(scene: Scene) -> Iterator[Hit]:
    """The search criteria are escaped once more than they should be (a sample of the vendor does
    it), so names and values are not split and no certificate is found. Escape for XML once."""
    account, criteria = _criteria(scene)
    if account is not None and criteria is not None and criteria.is_double_escaped:
        left = "&amp;" if "&amp;" in criteria.text else "%25"
        yield _hit(
            scene, account, criteria, f"{left!r} is left in the search criteria after XML decoding"
        )


@rule("criteria-unescaped", kinds=ISSUING)
def criteria_unescaped(scene: Scene) -> Iterator[Hit]:
    """The subject in the search criteria has plain characters that RFC 2396 reserves, such as "=",
    "," or a blank, so it may be split wrongly and no certificate found. Percent-encode them."""
    account, criteria = _criteria(scene)
    if account is None or criteria is None or criteria.is_fully_encoded:
        return
    plain = [c for c in dict.fromkeys(criteria.subject_text or "") if not _is_unreserved(c)]
    shown = " ".join("a blank" if character == " " else character for character in plain)
    yield _hit(scene, account, criteria, f"the subject in the search criteria has plain {shown}")


def _is_unreserved(character: str) -> bool:
    # "%" begins an escape; a stray one is shown by what follows it.
    return character in "-_.!~*'()%" or (character.isascii() and character.isalnum())


@rule("criteria-subject-mismatch", kinds=ISSUING, cap=without_client_tls)
def criteria_subject_mismatch(scene: Scene) -> Iterator[Hit]:
    """The subject in the search criteria is not that of the issued certificate, so no certificate
    is found, or the enrolment is rolled back. Write the criteria from the issued certificate."""
    account, criteria = _criteria(scene)
    if account is None or criteria is None or criteria.subject is None:
        return
    subjects = {criteria.subject}
    if criteria.is_double_escaped:  # the subject may be right but for that
        subjects.add(percent_decode(criteria.subject))
    issued = [certificate for _, certificate in provisioned(scene).issued]
    if not issued or any(subject_is_meant(s, c.subject) for c in issued for s in subjects):
        return
    names = "; ".join(certificate.subject.rfc4514() for certificate in issued)
    message = f"the search criteria ask for {criteria.subject!r}, the certificate's subject is "
    yield _hit(scene, account, criteria, message + names)


def _criteria(scene: Scene) -> tuple[W7Account | None, SearchCriteria | None]:
    account = account_of(scene)
    if account is None or account.criteria is None:
        return account, None
    return account, parse_ssl_client_criteria(account.criteria)


def _hit(scene: Scene, account: W7Account, criteria: SearchCriteria, message: str) -> Hit:
    return document_hit(scene, message, parm_path(account.path, _PARM), criteria.text)
