"""What decoding an exchange gives: both sides, their typed parts, and what could not be read.

Values only; ``mdmcore/inspector/decode.py`` makes them. A part that is absent or unreadable is
``None``; the reason stands in ``BodySide.problems`` or ``notes``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from mdmcore.codes import Reading as CodeReading
from mdmcore.enrollment.aet import Aet
from mdmcore.enrollment.certificate_store_view import RenewalSettings
from mdmcore.enrollment.discovery import DiscoverRequest, DiscoverResponse
from mdmcore.enrollment.fault import SoapFault
from mdmcore.enrollment.html_form import HtmlForm
from mdmcore.enrollment.policies import PolicyResponse
from mdmcore.enrollment.provisioning import ProvisioningDocument
from mdmcore.enrollment.provisioning_view import AppManagement, StoredCertificate, W7Account
from mdmcore.enrollment.schedule_view import Schedule
from mdmcore.enrollment.soap import Envelope
from mdmcore.enrollment.token import RequestSecurityToken, RstrCollection
from mdmcore.errors import ParseError
from mdmcore.pki.certificate import Certificate
from mdmcore.pki.cms import CmsProblem, SignedData
from mdmcore.pki.csr import Pkcs10
from mdmcore.syncml.model import SyncML
from mdmcore.syncml.wbxml import WbxmlDocument
from mdmcore.xml import Element, XmlProblem


class Kind(StrEnum):
    """What an exchange is (design.md section 5)."""

    PROBE = "probe"
    DISCOVER = "discover"
    WAB = "wab"
    GETPOLICIES = "getpolicies"
    RST = "rst"
    RENEW = "renew"
    SYNCML = "syncml"
    HUB = "hub"
    TLS = "tls"
    MARK = "mark"
    OTHER = "other"


SOAP_KINDS = frozenset({Kind.DISCOVER, Kind.GETPOLICIES, Kind.RST, Kind.RENEW})


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that could not be decoded: in words, and where."""

    message: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodySide:
    """One body of an exchange. ``body`` is empty when there was none or it was not recorded.

    ``is_recorded`` tells these two apart. ``skipped`` counts bytes before the document that were
    left out of the parse: blanks that a text log prints before it. ``problems`` come from the
    strict parse; with them ``root`` is what could be recovered. ``is_html``: it begins as a web
    page does, whatever its media type says. ``encoding`` of a message is ``xml`` or ``wbxml``,
    whatever Content-Type says, ``charset`` what the body names in lower case; the ``root`` of
    WBXML is the same message as XML.
    """

    part: str
    body: bytes = b""
    is_recorded: bool = True
    is_xml: bool = False
    is_html: bool = False
    encoding: str = ""
    charset: str = ""
    wbxml: WbxmlDocument | None = None
    skipped: int = 0
    root: Element | None = None
    problems: tuple[XmlProblem, ...] = ()
    stray_prefix: bytes = b""
    envelope: Envelope | None = None
    fault: SoapFault | None = None
    syncml: SyncML | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionedCertificate:
    """A certificate of the provisioning document, parsed when it can be."""

    stored: StoredCertificate
    certificate: Certificate | None = None
    problem: str = ""

    @property
    def is_client(self) -> bool:
        """Whether it lies in a My store: the issued certificate."""
        return self.stored.store.lower() == "my"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioning:
    """The token of an RSTRC, or a loose document: XML problems, document, typed views.

    ``any_case`` is the DM account read without regard to the case of names, for explaining.
    ``aet`` is what the EnrollmentToken of ``app_management`` holds. ``stray_prefix`` stands before
    the declaration of a document that is well-formed without it; ``root`` is what follows.
    """

    raw: bytes
    root: Element | None = None
    problems: tuple[XmlProblem, ...] = ()
    document: ProvisioningDocument | None = None
    account: W7Account | None = None
    any_case: W7Account | None = None
    certificates: tuple[ProvisionedCertificate, ...] = ()
    registry_schedules: tuple[Schedule, ...] = ()
    poll_schedules: tuple[Schedule, ...] = ()
    renewal_settings: RenewalSettings | None = None
    app_management: AppManagement | None = None
    aet: Aet | None = None
    notes: tuple[Note, ...] = ()
    stray_prefix: bytes = b""

    @property
    def client_certificates(self) -> tuple[ProvisionedCertificate, ...]:
        """The certificates of the My stores that could be parsed."""
        return tuple(c for c in self.certificates if c.is_client and c.certificate is not None)

    @property
    def issued(self) -> tuple[tuple[StoredCertificate, Certificate], ...]:
        """The client certificates and where they stand; a CA beside them in My is none."""
        return tuple(
            (item.stored, item.certificate)
            for item in self.client_certificates
            if item.certificate is not None and not item.certificate.is_ca
        )

    @property
    def authorities(self) -> tuple[tuple[StoredCertificate, Certificate], ...]:
        """All other certificates: roots, and intermediates wherever they stand."""
        return tuple(
            (item.stored, item.certificate)
            for item in self.certificates
            if item.certificate is not None and (item.certificate.is_ca or not item.is_client)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CsrPart:
    """The CSR of a request, or why it cannot be read."""

    raw: bytes
    csr: Pkcs10 | None = None
    problem: ParseError | None = None
    signature_problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalPart:
    """The PKCS#7 of a renewal, or why it cannot be read. The CSR inside is ``Decoded.csr``.

    ``layers`` counts the base64 around the DER (manual renewals apply it twice);
    ``signer_problem`` says why the signature does not hold, whosoever the signer is.
    """

    raw: bytes
    layers: int = 0
    signed: SignedData | None = None
    problem: ParseError | None = None
    signer_problem: CmsProblem | None = None

    @property
    def signer(self) -> Certificate | None:
        """The first signer's certificate, when it came along."""
        if self.signed is None or not self.signed.signers:
            return None
        return self.signed.certificate_of(self.signed.signers[0])


class TokenForm(StrEnum):
    """What the token of an answer is, where it is no document."""

    CERTIFICATE = "a certificate"
    PKCS7 = "a PKCS#7"


@dataclass(frozen=True, slots=True, kw_only=True)
class WabPart:
    """A page of the sign-in (MS-MDE 3.2), and what the request for it said.

    ``form`` is the page's form that hands over the token, else its first one. ``appru`` and
    ``login_hint`` come from the query or the posted form, empty where they are not in it.
    """

    appru: str = ""
    login_hint: str = ""
    form: HtmlForm | None = None
    is_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFacts:
    """A package download: the range that was asked and the one that came, as in the headers."""

    requested_range: str = ""
    content_range: str = ""
    media_type: str = ""
    body_length: int | None = None
    is_store_uri: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """An exchange, decoded once for all rules. ``codes``: those of what a device tells."""

    kind: Kind
    summary: str = ""
    request: BodySide = field(default_factory=lambda: BodySide(part="request"))
    response: BodySide | None = None
    discover: DiscoverRequest | None = None
    discover_response: DiscoverResponse | None = None
    policies: PolicyResponse | None = None
    rst: RequestSecurityToken | None = None
    csr: CsrPart | None = None
    renewal: RenewalPart | None = None
    rstrc: RstrCollection | None = None
    token_form: TokenForm | None = None
    provisioning: Provisioning | None = None
    wab: WabPart | None = None
    hub: HubFacts | None = None
    codes: tuple[CodeReading, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def sides(self) -> tuple[BodySide, ...]:
        """Request side, then response side where there is one."""
        return (self.request,) if self.response is None else (self.request, self.response)

    @property
    def answer(self) -> Envelope | None:
        """The server's SOAP message when it is no fault."""
        side = self.response
        return None if side is None or side.fault is not None else side.envelope

    @property
    def request_syncml(self) -> SyncML | None:
        """The device's SyncML message."""
        return self.request.syncml

    @property
    def response_syncml(self) -> SyncML | None:
        """The server's SyncML message."""
        return None if self.response is None else self.response.syncml
