"""What a provisioning document that enrols a device says, as typed values.

One class for each branch of enrollment.md 9.2 to 9.7 (CertificateStore, w7 APPLICATION, Registry,
DMClient, EnterpriseAppManagement CSPs). ``provisioning_form`` chooses what of it a generation of
devices gets, ``provisioning_builder`` writes it, ``provisioning_reading`` reads it back. Values
are not judged here: ``provisioning_checks`` does.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mdmcore.enrollment.provisioning import Characteristic, Parm
from mdmcore.enrollment.provisioning_view import AppManagement
from mdmcore.namespaces import SYNCML_XML_MEDIA_TYPE
from mdmcore.profiles import Store
from mdmcore.records import AuthScheme

MY_USER = Store(store="My", scope="User")
CA_SYSTEM = Store(store="CA", scope="System")


@dataclass(frozen=True, slots=True, kw_only=True)
class Renew:
    """My/WSTEP/Renew: how and when the certificate is renewed. Periods are in days.

    ``server_url`` is the discovery URL that renewal begins at; empty: that of the enrolment.
    """

    robo_support: bool = True
    renew_period: int = 42
    retry_interval: int = 4
    server_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateStore:
    """Certificates as DER. ``key_container`` has the parms of the PrivateKeyContainer.

    It stands beside the client certificate's branch, or inside it. ``None``: there is none.
    """

    client: bytes = field(repr=False)
    root: bytes | None = field(default=None, repr=False)
    intermediate: bytes | None = field(default=None, repr=False)
    client_store: Store = MY_USER
    intermediate_store: Store = CA_SYSTEM
    key_container: tuple[Parm, ...] | None = ()
    is_key_container_inside: bool = False
    renew: Renew | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCredential:
    """APPAUTH CLIENT: what the server presents, always DIGEST; its user name is PROVIDER-ID."""

    secret: str = field(repr=False)
    nonce: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCredential:
    """APPAUTH APPSRV: what the device presents. ``nonce`` is empty where it presents BASIC."""

    name: str
    secret: str = field(repr=False)
    scheme: AuthScheme = AuthScheme.MD5
    nonce: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationParms:
    """The parms of the w7 APPLICATION that can be chosen freely; ``None`` and empty: left out.

    Times are in milliseconds. A flag is written without value when it is set. INIT is not among
    them: MDM enrolment fails with it.
    """

    conn_retry_freq: int | None = 6
    initial_backoff_time: int | None = 30_000
    max_backoff_time: int | None = 120_000
    backcompat_retry_disabled: bool = True
    default_encoding: str = SYNCML_XML_MEDIA_TYPE
    proto_ver: str = ""
    role: int | None = None
    to_napid: str = ""
    use_hw_dev_id: bool = False
    ssp_hyperlink: str = ""
    server_list: str = ""
    crl_check: bool | None = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The w7 APPLICATION: the DM account. ``criteria`` is the SSLCLIENTCERTSEARCHCRITERIA text."""

    provider_id: str
    addr: str
    server_credential: ServerCredential
    device_credential: DeviceCredential
    name: str = ""
    criteria: str = ""
    parms: ApplicationParms = ApplicationParms()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Three sets of contacts with the server: how often, and every how many minutes (9.5).

    The first begins after enrolment, the remaining one goes on for ever with count 0.
    """

    first_retries: int = 10
    first_interval: int = 15
    second_retries: int = 8
    second_interval: int = 60
    remaining_retries: int = 0
    remaining_interval: int = 480


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """The Registry branch: ``retries`` below ``retry_key``, RenewalPeriod (days) below its key."""

    renewal_key: str = ""
    renewal_period: int | None = 42
    retry_key: str = ""
    retries: Schedule | None = Schedule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """DMClient/Provider/<id>/Poll; the flags are ``None`` where they are left out."""

    schedule: Schedule = Schedule(remaining_interval=1560)
    poll_on_login: bool | None = True
    all_users_poll_on_first_login: bool | None = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DmClientBranch:
    """DMClient/Provider/<PROVIDER-ID>; empty texts are left out, ``parms`` are further ones.

    ``requires_message_signing``: RequireMessageSigning is written as true, else not at all.
    """

    ent_device_name: str = ""
    ent_dmid: str = ""
    upn: str = ""
    management_server_address_list: tuple[str, ...] = ()
    requires_message_signing: bool = False
    parms: tuple[Parm, ...] = ()
    poll: Poll | None = Poll()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioning:
    """A whole document; ``extra`` are branches of other kinds, as they are."""

    certificates: CertificateStore
    application: Application
    registry: Registry | None = Registry()
    dm_client: DmClientBranch | None = DmClientBranch()
    app_management: AppManagement | None = None
    extra: tuple[Characteristic, ...] = ()


type NumberNames = tuple[tuple[str, str], ...]
"""Pairs of a ``Schedule``'s attribute and the name of its parm, in the order of the samples."""

REGISTRY_NAMES: NumberNames = (
    ("second_retries", "NumRetries"),
    ("second_interval", "RetryInterval"),
    ("first_retries", "AuxNumRetries"),
    ("first_interval", "AuxRetryInterval"),
    ("remaining_retries", "Aux2NumRetries"),
    ("remaining_interval", "Aux2RetryInterval"),
)
"""Misleading as they are: Aux is the first set, the plain pair the second (9.5)."""

POLL_NAMES: NumberNames = (
    ("first_retries", "NumberOfFirstRetries"),
    ("first_interval", "IntervalForFirstSetOfRetries"),
    ("second_retries", "NumberOfSecondRetries"),
    ("second_interval", "IntervalForSecondSetOfRetries"),
    ("remaining_retries", "NumberOfRemainingScheduledRetries"),
    ("remaining_interval", "IntervalForRemainingScheduledRetries"),
)

POLL_FLAGS = (
    ("poll_on_login", "PollOnLogin"),
    ("all_users_poll_on_first_login", "AllUsersPollOnFirstLogin"),
)

APPLICATION_NUMBERS = (
    ("conn_retry_freq", "CONNRETRYFREQ"),
    ("initial_backoff_time", "INITIALBACKOFFTIME"),
    ("max_backoff_time", "MAXBACKOFFTIME"),
)
APPLICATION_FLAGS = (
    ("backcompat_retry_disabled", "BACKCOMPATRETRYDISABLED"),
    ("use_hw_dev_id", "USEHWDEVID"),
)
"""Present without value, or absent (9.3)."""
