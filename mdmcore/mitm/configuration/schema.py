"""The keys of the configuration file, with their types and defaults.

One class for each table; a key that is none of them is refused. Empty texts and 0 mean "not given"
where a default would make no sense. What a key does stands in ``docs/examples/emulate.toml``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from mdmcore.namespaces import SYNCML_XML_MEDIA_TYPE

type Positive = Annotated[int, Meta(ge=1, le=0x7FFF_FFFF)]
type Count = Annotated[int, Meta(ge=0, le=0x7FFF_FFFF)]
type ProfileName = Literal["wp8", "wp81", "win81", "win10"]
type Name = Annotated[str, Meta(min_length=1, max_length=256)]


class Table(Struct, forbid_unknown_fields=True, frozen=True):
    """A table of the file."""


class User(Table, frozen=True):
    """Somebody who may enrol."""

    name: Name
    password: str

    def __repr__(self) -> str:
        return f"User(name={self.name!r})"


class DmAccount(Table, frozen=True):
    """The DM account of a device that enrolled elsewhere; no device id: any device."""

    name: Name
    secret: str
    scheme: Literal["basic", "md5", "hmac"]
    device_id: str = ""

    def __repr__(self) -> str:
        return f"DmAccount(name={self.name!r}, scheme={self.scheme!r})"


class Server(Table, frozen=True):
    """Which server it is, and for whom."""

    domains: tuple[str, ...] = ("example.test",)
    provider_id: Name = "MDMProxy"
    name: Name = "mdmproxy"
    state: str = ""
    profile: Literal["auto", "wp8", "wp81", "win81", "win10"] = "auto"
    auth_policies: tuple[Literal["OnPremise", "Federated"], ...] = ("OnPremise", "Federated")
    users: tuple[User, ...] = ()
    accounts: tuple[DmAccount, ...] = ()
    jwt: bool = True
    token_lifetime_minutes: Annotated[int, Meta(ge=1, le=1440)] = 15
    client_tls: bool = False
    require_client_tls: bool = False
    accept_client_tls: bool = False
    require_message_signing: bool = False


class Policy(Table, frozen=True):
    """What GetPolicies asks of the device's key and request."""

    minimal_key_length: Annotated[int, Meta(ge=512, le=16384)] = 2048
    hash: str = "sha1"


class Certificate(Table, frozen=True):
    """The certificates of devices."""

    subject: Name = "CN={guid}"
    lifetime_days: Annotated[int, Meta(ge=1, le=36500)] = 365
    backdate_minutes: Annotated[int, Meta(ge=0)] = 60
    key_lengths: tuple[Annotated[int, Meta(ge=512, le=16384)], ...] = (2048, 3072, 4096)


class AuthorityTable(Table, frozen=True):
    """The CA that issues them; no file: one of our own, kept in the state folder."""

    ca: tuple[str, ...] = ()
    password_file: str = ""
    password_env: str = ""


class LimitsTable(Table, frozen=True):
    """Who is refused."""

    device_cap: Count = 0
    lowest_application_version: str = ""
    highest_application_version: str = ""
    maintenance: bool = False


class ApplicationTable(Table, frozen=True):
    """The w7 APPLICATION."""

    device_auth: Literal["md5", "basic", "hmac"] = "md5"
    conn_retry_freq: Count = 6
    initial_backoff_time: Count = 30_000
    max_backoff_time: Count = 120_000
    backcompat_retry_disabled: bool = True
    default_encoding: str = SYNCML_XML_MEDIA_TYPE
    proto_ver: str = ""
    role: Annotated[int, Meta(ge=0, le=0xFFFF_FFFF)] = 0
    to_napid: str = ""
    use_hw_dev_id: bool = False
    ssp_hyperlink: str = ""
    server_list: str = ""
    crl_check: bool = False


class RetriesTable(Table, frozen=True):
    """The schedule in the Registry branch."""

    first_retries: Count = 10
    first_interval: Count = 15
    second_retries: Count = 8
    second_interval: Count = 60
    remaining_retries: Count = 0
    remaining_interval: Count = 480


class PollTable(Table, frozen=True):
    """The schedule in the DMClient's Poll branch."""

    first_retries: Count = 10
    first_interval: Count = 15
    second_retries: Count = 8
    second_interval: Count = 60
    remaining_retries: Count = 0
    remaining_interval: Count = 1560
    poll_on_login: bool = True
    all_users_poll_on_first_login: bool = False


class RenewalTable(Table, frozen=True):
    """When and how certificates are renewed."""

    robo_support: bool = True
    renew_period: Positive = 42
    retry_interval: Positive = 4
    server_url: str = ""


class ParmTable(Table, frozen=True):
    """A parm of the provisioning document."""

    name: Name
    value: str = ""
    datatype: str = "string"


class DmClientTable(Table, frozen=True):
    """DMClient/Provider/<provider_id>."""

    device_name: str = "{username}_{device_type}"
    upn: str = "{username}"
    management_server_address_list: tuple[str, ...] = ()
    parms: tuple[ParmTable, ...] = ()


class ProvisioningTable(Table, frozen=True):
    """The provisioning document."""

    extra: tuple[str, ...] = ()
    application: ApplicationTable = field(default_factory=ApplicationTable)
    retries: RetriesTable = field(default_factory=RetriesTable)
    poll: PollTable = field(default_factory=PollTable)
    renewal: RenewalTable = field(default_factory=RenewalTable)
    dmclient: DmClientTable = field(default_factory=DmClientTable)


class HubTable(Table, frozen=True):
    """The Company Hub; package and aetx go together."""

    package: str = ""
    aetx: str = ""
    name: Name = "Company Hub"
    crl_check: bool = False


class JobTable(Table, frozen=True):
    """A job for each device that enrols: a recipe, or the commands in a file."""

    recipe: str = ""
    values: dict[str, str | int | bool] = field(default_factory=dict)
    syncml: str = ""
    profiles: tuple[ProfileName, ...] = ()
    force: bool = False


class FaultTable(Table, frozen=True):
    """A mistake to make on purpose: where, and how often (0: always)."""

    id: Name
    step: str = ""
    times: Count = 0


class Configuration(Table, frozen=True):
    """The whole file."""

    server: Server = field(default_factory=Server)
    policy: Policy = field(default_factory=Policy)
    certificate: Certificate = field(default_factory=Certificate)
    authority: AuthorityTable = field(default_factory=AuthorityTable)
    limits: LimitsTable = field(default_factory=LimitsTable)
    provisioning: ProvisioningTable = field(default_factory=ProvisioningTable)
    hub: HubTable = field(default_factory=HubTable)
    jobs: tuple[JobTable, ...] = ()
    faults: tuple[FaultTable, ...] = ()
