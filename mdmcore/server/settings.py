"""What the person who runs the emulator can choose, and the URLs that follow from it.

The emulator answers for each domain, and for ``mdm.`` and ``enterpriseenrollment.`` before it.
Policy and enrolment service share one host (enrollment.md section 2): ``mdm.``. With client TLS the
first enrolment stays on ``enterpriseenrollment.``, where nobody asks for a client certificate, and
what needs one (renewal, by way of its own discovery) is on ``mdm.``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from mdmcore.enrollment.provisioning import Characteristic, Parm
from mdmcore.enrollment.provisioning_model import ApplicationParms, Poll, Renew, Schedule
from mdmcore.namespaces import DISCOVERY_PATH
from mdmcore.pki.authority import DEFAULT_BACKDATE
from mdmcore.pki.subject import DEFAULT_SUBJECT, SubjectTemplate, parse_subject_template
from mdmcore.profiles import FEDERATED, ON_PREMISE
from mdmcore.records import AuthScheme, ServerFacts
from mdmcore.server.hub import HubPackage
from mdmcore.server.limits import Limits
from mdmcore.server.planning import WantedJob

POLICY_PATH = "/EnrollmentServer/Policy.svc"
ENROLLMENT_PATH = "/EnrollmentServer/Enrollment.svc"
AUTHENTICATION_PATH = "/EnrollmentServer/Authenticate"
DM_PATH = "/ManagementServer/MDM.svc"
HUB_PATH = "/CompanyHub/"
SCEP_PATH = "/CertificateServer/SCEP"
_ENROLLMENT_PREFIX = "enterpriseenrollment."
_MANAGEMENT_PREFIX = "mdm."
_PREFIXES = (_ENROLLMENT_PREFIX, _MANAGEMENT_PREFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredAccount:
    """A DM account given by hand, for a device that enrolled elsewhere; ``None``: any device."""

    name: str
    secret: str
    scheme: AuthScheme
    device_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """The Company Hub: the package to serve and what the AETX says of the enterprise."""

    package: HubPackage
    file_name: str
    product_id: str
    enterprise_id: str
    enrollment_token: str
    name: str = "Company Hub"
    crl_check: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisioningSettings:
    """What stands in the provisioning documents beside certificate and account.

    ``device_name`` and ``upn`` may hold ``{guid}``, ``{username}``, ``{device_type}`` and
    ``{device_name}``; ``extra`` are branches that are added to each document as they are.
    """

    application: ApplicationParms = field(default_factory=ApplicationParms)
    retries: Schedule = field(default_factory=Schedule)
    poll: Poll = field(default_factory=Poll)
    renewal: Renew = field(default_factory=Renew)
    device_name: str = "{username}_{device_type}"
    upn: str = "{username}"
    management_server_address_list: tuple[str, ...] = ()
    dm_client_parms: tuple[Parm, ...] = ()
    extra: tuple[Characteristic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Settings of one emulated server. ``users`` empty: any user name and password will do."""

    domains: tuple[str, ...]
    users: tuple[tuple[str, str], ...] = ()
    accounts: tuple[ConfiguredAccount, ...] = ()
    hub: Hub | None = None
    profile: str = "wp8"
    """The kind of device to assume where a device does not tell its own."""
    auth_policies: tuple[str, ...] = (ON_PREMISE, FEDERATED)
    """Ways of proving the user that may be chosen, in order of preference."""
    provider_id: str = "MDMProxy"
    server_name: str = "mdmproxy"
    accepts_jwt: bool = True
    """Whether an unverified JWT of Entra ID proves a user."""
    token_lifetime: timedelta = timedelta(minutes=15)
    minimal_key_length: int = 2048
    key_lengths: tuple[int, ...] = (2048, 3072, 4096)
    """Sizes of RSA keys, in bits, that get a certificate."""
    hash_oid: str = "1.3.14.3.2.29"
    appsrv_scheme: AuthScheme = AuthScheme.MD5
    subject: SubjectTemplate = field(
        default_factory=lambda: parse_subject_template(DEFAULT_SUBJECT)
    )
    certificate_lifetime: timedelta = timedelta(days=365)
    certificate_backdate: timedelta = DEFAULT_BACKDATE
    limits: Limits = field(default_factory=Limits)
    provisioning: ProvisioningSettings = field(default_factory=ProvisioningSettings)
    jobs: tuple[WantedJob, ...] = ()
    """The scenario: what each device that enrols gets to do."""
    client_tls: bool = False
    """Whether ``mdm.`` asks for client certificates, and devices are told to renew there."""
    require_client_tls: bool = False
    """Whether a silent renewal must come over a connection with the present certificate."""
    accept_client_tls: bool = False
    """Whether that certificate alone proves a device in DM sessions, without a credential."""
    require_message_signing: bool = False
    """Whether devices that can sign DM messages are told to, and refused when they do not."""

    @property
    def renewal_period_days(self) -> int:
        """RenewPeriod: how many days before its end a certificate is renewed."""
        return self.provisioning.renewal.renew_period

    def domain_of(self, host: str) -> str | None:
        """The domain that answers for this host (any case), or ``None`` if it is not ours."""
        name = host.lower().rstrip(".")
        for domain in self.domains:
            ours = domain.lower()
            if name == ours or any(name == prefix + ours for prefix in _PREFIXES):
                return ours
        return None

    def asks_client_certificate(self, host: str) -> bool:
        """Whether a connection to that host (any case) is asked for a client certificate."""
        domain = self.domain_of(host) if self.client_tls else None
        return domain is not None and host.lower().rstrip(".") == f"{_MANAGEMENT_PREFIX}{domain}"

    def service_host(self, domain: str, asked_at: str) -> str:
        """The host of the services that a Discover which came to ``asked_at`` is told of."""
        if not self.client_tls or self.asks_client_certificate(asked_at):
            return f"{_MANAGEMENT_PREFIX}{domain}"
        return f"{_ENROLLMENT_PREFIX}{domain}"

    def policy_url(self, host: str) -> str:
        """EnrollmentPolicyServiceUrl on that host."""
        return f"https://{host}{POLICY_PATH}"

    def enrollment_url(self, host: str) -> str:
        """EnrollmentServiceUrl, same host as the policy service."""
        return f"https://{host}{ENROLLMENT_PATH}"

    def authentication_url(self, host: str) -> str:
        """AuthenticationServiceUrl, where a Federated enrolment signs in."""
        return f"https://{host}{AUTHENTICATION_PATH}"

    def renewal_server_url(self, domain: str) -> str | None:
        """My/WSTEP/Renew/ServerURL: where a renewal begins with discovery, or ``None``: not said.

        A device then goes where it enrolled (enrollment.md 10).
        """
        if not self.client_tls:
            return None
        return f"https://{_MANAGEMENT_PREFIX}{domain}{DISCOVERY_PATH}"

    def dm_url(self, domain: str) -> str:
        """ADDR of the DM account."""
        return f"https://mdm.{domain}{DM_PATH}"

    def hub_url(self, domain: str) -> str | None:
        """StoreURI, or ``None`` without a hub."""
        return None if self.hub is None else f"https://mdm.{domain}{HUB_PATH}{self.hub.file_name}"

    def facts(self, domain: str) -> ServerFacts:
        """What commands for devices of that domain need to know."""
        hub = self.hub
        return ServerFacts(
            provider_id=self.provider_id,
            profile=self.profile,
            enterprise_id="" if hub is None else hub.enterprise_id,
            hub_url=self.hub_url(domain) or "",
            product_id="" if hub is None else hub.product_id,
        )

    def is_hub_path(self, path: str) -> bool:
        """Whether a path (compared without case) is that of the hub package."""
        hub = self.hub
        return hub is not None and path.lower() == f"{HUB_PATH}{hub.file_name}".lower()
