"""What a simulated phone knows after enrolment: one value, replaced by each step that changes it.

The private key stays with whoever made it; here is only which key it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from mdmcore.enrollment.provisioning_view import AppManagement, W7Account
from mdmcore.phone.certificate_store import (
    HeldCertificate,
    SearchResult,
    search_by_criteria,
    search_by_name,
)
from mdmcore.phone.settings import PhoneSettings
from mdmcore.pki.criteria import decode_hub_criteria


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrySets:
    """The DM client's schedule: counts, and intervals in minutes (enrollment.md 9.5)."""

    aux_num_retries: int
    aux_retry_interval: int
    num_retries: int
    retry_interval: int
    aux2_num_retries: int
    aux2_retry_interval: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeValue:
    """A leaf of the management tree that the server has written."""

    uri: str
    value: str
    format: str = "chr"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledPhone:
    """An enrolled phone. Nonces are raw bytes, ``None`` while the document gave no usable one.

    ``nonce_c2s`` goes into the phone's next digest, ``nonce_s2c`` is what the server's next digest
    must be made with (session.md 4.4). ``deleted`` and ``written`` are what management changed.
    """

    settings: PhoneSettings
    key_sha256: str
    certificates: tuple[HeldCertificate, ...]
    account: W7Account
    retries: RetrySets
    ent_dmid: str | None
    ent_device_name: str | None
    hub: AppManagement | None
    enrolled: datetime
    nonce_c2s: bytes | None = field(default=None, repr=False)
    nonce_s2c: bytes | None = field(default=None, repr=False)
    sessions: int = 0
    written: tuple[NodeValue, ...] = ()
    deleted: frozenset[str] = frozenset()

    def management_certificate(self, now: datetime | None = None) -> SearchResult:
        """The client certificate for the DM leg, found by SSLCLIENTCERTSEARCHCRITERIA."""
        return search_by_criteria(
            self.certificates, self.account.criteria, self.settings.device, now=now
        )

    def hub_certificate(self, now: datetime | None = None) -> SearchResult:
        """The client certificate for the hub, found by CertificateSearchCriteria (decoded once)."""
        text = None if self.hub is None else self.hub.certificate_search_criteria
        if not text:
            return SearchResult(found=None, problem="the hub names no CertificateSearchCriteria")
        return search_by_name(
            self.certificates, decode_hub_criteria(text), self.settings.device, now=now
        )
