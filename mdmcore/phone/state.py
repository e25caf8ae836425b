"""What a simulated phone knows after enrolment: one value, replaced by each step that changes it.

The private key stays with whoever made it; here is only which key it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from mdmcore.enrollment.provisioning_view import (
    REQUIRE_MESSAGE_SIGNING,
    AppManagement,
    W7Account,
    is_true,
)
from mdmcore.phone.certificate_store import (
    HeldCertificate,
    SearchResult,
    search_by_criteria,
    search_by_name,
)
from mdmcore.phone.device.state import DeviceState
from mdmcore.phone.policies import CertificatePolicy
from mdmcore.phone.renewal_state import RenewalSettings, RenewalState
from mdmcore.phone.schedule import Schedule
from mdmcore.phone.settings import PhoneSettings
from mdmcore.pki.criteria import decode_hub_criteria
from mdmcore.records import AuthScheme

_IDLE = RenewalState()
_DEVICE = DeviceState()


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeValue:
    """A node of the management tree that the server has written.

    ``uri`` is the LocURI without ``./``, beginning with ``User/`` in the user's context. ``value``
    is base64 where the format is ``b64`` or ``bin``, empty for an interior node (``node``).
    """

    uri: str
    value: str
    format: str = "chr"
    type: str = "text/plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledPhone:
    """An enrolled phone. Nonces are raw bytes, ``None`` while the document gave no usable one.

    ``auth_policy`` and the URLs are those of the enrolment, ``accepted_redirect`` the one that the
    user agreed to, ``policy`` what the next CSR must be like. ``key_sha256`` names the key of the
    MDM certificate. ``nonce_c2s`` goes into the phone's next digest, ``nonce_s2c`` is what the
    server's next digest must be made with (session.md 4.4); ``scheme`` is how the device proved
    itself in the last session, ``None``: as the account says (4.1). ``deleted`` and ``written``
    are what management changed, ``device`` is what the device is beyond its nodes;
    ``requires_message_signing`` is what the document said of it. After
    ``is_unenrolled`` nothing of the enrolment is left.
    """

    settings: PhoneSettings
    auth_policy: str
    discovery_url: str
    enrollment_url: str
    accepted_redirect: str | None
    policy: CertificatePolicy
    key_sha256: str
    certificates: tuple[HeldCertificate, ...]
    account: W7Account
    schedule: Schedule
    renewal: RenewalSettings
    renewal_state: RenewalState = _IDLE
    requires_message_signing: bool = False
    ent_dmid: str | None
    ent_device_name: str | None
    upn: str | None
    hub: AppManagement | None
    enrolled: datetime
    nonce_c2s: bytes | None = field(default=None, repr=False)
    nonce_s2c: bytes | None = field(default=None, repr=False)
    scheme: AuthScheme | None = None
    sessions: int = 0
    written: tuple[NodeValue, ...] = ()
    deleted: frozenset[str] = frozenset()
    device: DeviceState = _DEVICE
    is_unenrolled: bool = False

    @property
    def management_id(self) -> str:
        """DevId and Source of DM sessions: with USEHWDEVID the IMEI, where there is one (W7)."""
        hardware = self.settings.imei if self.account.uses_hardware_id else ""
        return hardware or self.settings.device_id

    @property
    def enterprise_device_id(self) -> str | None:
        """EntDMID, from the document or as the server set it later."""
        written = self._written_below_provider("EntDMID")
        return self.ent_dmid if written is None else written

    @property
    def signs_messages(self) -> bool:
        """Whether the device signs its DM messages: it can, and document or server asked for it."""
        written = self._written_below_provider(REQUIRE_MESSAGE_SIGNING)
        asked = self.requires_message_signing if written is None else is_true(written)
        return asked and self.settings.device.signs_messages

    @property
    def mdm_certificate(self) -> HeldCertificate | None:
        """The certificate of the enrolment, whose private key the device has."""
        return next((one for one in self.certificates if self._is_own(one)), None)

    def _is_own(self, held: HeldCertificate) -> bool:
        return held.has_key and held.certificate.spki_sha256 == self.key_sha256

    def _written_below_provider(self, name: str) -> str | None:
        """What the server wrote to a leaf below DMClient/Provider/<id>; ``None``: nothing."""
        provider = quote(self.account.provider_id or "", safe="")
        node = f"Vendor/MSFT/DMClient/Provider/{provider}/{name}"
        return next((value.value for value in self.written if value.uri == node), None)

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
