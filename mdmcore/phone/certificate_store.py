"""The device's certificate store: what enrolment put in, and the search that finds it again.

The search is the device's own work (enrollment.md 8.2, 9.4, 9.7): by subject text, only among the
string types it knows, and useless without the private key. Nothing is issued or verified here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mdmcore.namespaces import DEFAULT_CSR_COMMON_NAME
from mdmcore.pki.certificate import Certificate
from mdmcore.pki.criteria import parse_ssl_client_criteria, subject_matches
from mdmcore.profiles import DeviceProfile

PERSONAL = "My"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCertificate:
    """A certificate in the store; ``has_key`` when the device's private key is bound to it."""

    store: str
    scope: str
    certificate: Certificate
    has_key: bool

    @property
    def place(self) -> str:
        """Store, scope and thumbprint, joined by ``/``."""
        return f"{self.store}/{self.scope}/{self.certificate.thumbprint}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """The certificate that a leg would use, or the reason why there is none."""

    found: HeldCertificate | None
    problem: str = ""


def search_by_criteria(
    store: tuple[HeldCertificate, ...],
    criteria: str | None,
    profile: DeviceProfile,
    *,
    now: datetime | None,
) -> SearchResult:
    """Search by SSLCLIENTCERTSEARCHCRITERIA, as the DM client does before its TLS handshake."""
    if not criteria:
        return SearchResult(found=None, problem="the account names no search criteria")
    parsed = parse_ssl_client_criteria(criteria)
    problem = ""
    if not parsed.has_prefix or parsed.subject is None:
        problem = "it does not begin with 'Subject='"
    elif parsed.is_double_escaped:
        problem = "it is escaped twice"
    elif not parsed.has_store:
        problem = "it does not end with '&Stores=My%5CUser'"
    if problem or parsed.subject is None:
        return SearchResult(
            found=None, problem=f"no certificate found for criteria {criteria!r}: {problem}"
        )
    return search_by_name(store, parsed.subject, profile, now=now)


def search_by_name(
    store: tuple[HeldCertificate, ...],
    dn_text: str,
    profile: DeviceProfile,
    *,
    now: datetime | None,
) -> SearchResult:
    """Search by the text of a name (decoded); ``now`` ``None`` leaves the dates unjudged."""
    personal = [held for held in store if held.store == PERSONAL]
    named = [held for held in personal if subject_matches(dn_text, held.certificate.subject)]
    if not named:
        return SearchResult(found=None, problem=_nothing_found(personal, dn_text))
    problems = [_obstacle(held, profile, now=now) for held in named]
    for held, problem in zip(named, problems, strict=True):
        if not problem:
            return SearchResult(found=held)
    return SearchResult(
        found=None, problem=f"no certificate found for criteria {dn_text!r}: {problems[0]}"
    )


def _nothing_found(personal: list[HeldCertificate], dn_text: str) -> str:
    names = ", ".join(held.certificate.subject.rfc4514() for held in personal) or "none"
    cut = ", the text ends at its NUL" if "\0" in dn_text else ""
    return f"no certificate found for criteria {dn_text!r}{cut}; subjects in the store: {names}"


def _obstacle(held: HeldCertificate, profile: DeviceProfile, *, now: datetime | None) -> str:
    """Why the device cannot use a certificate of the right name; empty when it can."""
    certificate = held.certificate
    types = {attribute.type_name for attribute in certificate.subject.attributes}
    foreign = sorted(types - profile.searched_string_types)
    if foreign:
        wanted = " or ".join(sorted(profile.searched_string_types))
        return f"its subject is {' and '.join(foreign)}, the search finds only {wanted}"
    is_default = certificate.subject.common_name == DEFAULT_CSR_COMMON_NAME
    if is_default and not profile.finds_default_subject:
        return "it has the subject of the device's own request, which the search passes over"
    if not held.has_key:
        return (
            f"the device has no private key for it (in {held.store}/{held.scope}, "
            f"key {certificate.spki_sha256[:16]}...)"
        )
    return tls_obstacle(certificate, profile, now=now)


def tls_obstacle(certificate: Certificate, profile: DeviceProfile, *, now: datetime | None) -> str:
    """Why the device does not offer a certificate in a TLS handshake; empty when it does."""
    if certificate.ext_key_usages is not None and not certificate.has_client_auth:
        return "its extended key usage has no clientAuth"
    if certificate.is_self_issued and not profile.offers_self_signed:
        return "it is its own issuer, which the device does not offer"
    if now is not None and now < certificate.not_before:
        return f"it is not valid before {certificate.not_before:%Y-%m-%d %H:%M} UTC"
    if now is not None and now > certificate.not_after:
        return f"it expired on {certificate.not_after:%Y-%m-%d %H:%M} UTC"
    return ""
