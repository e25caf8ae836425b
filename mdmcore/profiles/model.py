"""The columns of the table of profiles: what is said of each generation of devices.

Each field has a ``Column``: what it is called for people, which step it belongs to, and where it
comes from (sections of enrollment.md unless said otherwise; [U]: unconfirmed for the phone).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, get_args, get_type_hints

ON_PREMISE = "OnPremise"
FEDERATED = "Federated"
CERTIFICATE = "Certificate"


class PollScheme(StrEnum):
    """Where the document puts the schedule of the DM client (9.5)."""

    REGISTRY = "registry"
    DM_CLIENT = "DMClient Poll"


class RenewalWay(StrEnum):
    """How a certificate is renewed (section 10)."""

    MANUAL = "user-driven"
    """The user is asked for the password; server authentication only, base64 applied twice."""
    ROBO = "silent"
    """Request on behalf of: client TLS with the present certificate, base64 applied once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A certificate store of the document: ``My/User`` is store My, scope User."""

    store: str
    scope: str

    def __str__(self) -> str:
        return f"{self.store}/{self.scope}"


@dataclass(frozen=True, slots=True)
class Column:
    """What a field is called for people, which step it belongs to, and its source."""

    step: str
    label: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceProfile:
    """One generation of devices."""

    name: Annotated[str, Column("device", "profile", "")]
    title: Annotated[str, Column("device", "devices", "1")]
    usual_device: Annotated[
        Mapping[str, str],
        Column("device", "what a usual one says of itself", "captures; the rest is invented"),
    ]
    usual_details: Annotated[
        Mapping[str, str], Column("device", "what its DevDetail says beyond that", "invented")
    ]

    # --- connection (2) ---
    tls_versions: Annotated[tuple[str, ...], Column("connection", "TLS versions", "2 [U]")]
    speaks_http2: Annotated[
        bool, Column("connection", "speaks HTTP/2", "2; captured log for win10")
    ]

    takes_wildcard_certificates: Annotated[
        bool,
        Column("connection", "takes a wildcard certificate", "blog; win81, win10 derived"),
    ]
    ends_when_asked_for_certificate: Annotated[
        bool,
        Column(
            "connection",
            "ends a connection that asks for a certificate before it has one",
            "field-problems 3.1",
        ),
    ]

    # --- discovery (1, 4) ---
    request_versions: Annotated[
        tuple[str, ...],
        Column("discovery", "RequestVersion, the usual one first", "1, field-problems 1; wp8 [U]"),
    ]
    discover_device_type: Annotated[
        str, Column("discovery", "DeviceType in Discover", "1; wp8 [U]")
    ]
    sends_application_version: Annotated[
        bool, Column("discovery", "ApplicationVersion in Discover", "1")
    ]
    os_edition: Annotated[str, Column("discovery", "OSEdition", "4.1; captured log")]
    offered_auth_policies: Annotated[
        tuple[str, ...], Column("discovery", "AuthPolicies offered", "1; wp8 and wp81 [U]")
    ]
    auth_policies: Annotated[tuple[str, ...], Column("discovery", "AuthPolicies understood", "1")]
    highest_enrollment_version: Annotated[
        int | None,
        Column(
            "discovery",
            "highest EnrollmentVersion answered (from 5 on policies speak of attestation)",
            "1, 4.2; MS-MDE2 3.3.4.1.1.2",
        ),
    ]
    probe_user_agent: Annotated[str, Column("discovery", "User-Agent of the probe", "1")]
    enrollment_user_agent: Annotated[
        str, Column("discovery", "User-Agent of the SOAP requests", "1")
    ]
    appru: Annotated[str, Column("discovery", "appru of the sign-in page", "5.2; wp81 [U]")]
    browser_user_agent: Annotated[str, Column("discovery", "User-Agent of the sign-in page", "[U]")]
    user_token_types: Annotated[
        tuple[str, ...], Column("discovery", "ValueTypes of the user's token", "5.2")
    ]

    # --- policy and certificate (6, 8) ---
    policy_client: Annotated[
        tuple[str, str],
        Column("certificate", "client element of GetPolicies, its lastUpdate", "6; MS-MDE 4.2.1"),
    ]
    """Name and text; an empty text is nil."""
    policy_values: Annotated[
        tuple[str, ...], Column("certificate", "policy values honoured", "1, 6")
    ]
    default_key_bits: Annotated[int, Column("certificate", "key without a policy, bits", "6")]
    largest_key_bits: Annotated[int, Column("certificate", "largest key, bits", "[U]")]
    crypto_providers: Annotated[
        tuple[str, ...], Column("certificate", "where it keeps keys, the usual one first", "[U]")
    ]
    signature_digests: Annotated[
        Mapping[str, str],
        Column(
            "certificate", "OIDs of the policy and the CSR's digest", "6; SHA-256 on phones [U]"
        ),
    ]
    csr_common_name: Annotated[
        str,
        Column("certificate", "CN of the CSR, a NUL behind it", "8.1; captured requests for win10"),
    ]
    """A format string: ``guid`` is a fresh GUID, ``device_id`` the DeviceID of the request."""
    csr_device_extension: Annotated[
        str,
        Column(
            "certificate", "OID of a CSR extension that holds the DeviceID", "captured requests"
        ),
    ]
    searched_string_types: Annotated[
        frozenset[str], Column("certificate", "string types the certificate search finds", "8.2")
    ]
    finds_default_subject: Annotated[
        bool, Column("certificate", "finds a certificate with the CSR's own subject", "8.2")
    ]
    offers_self_signed: Annotated[
        bool, Column("certificate", "offers a self-signed certificate in TLS", "8.2; win81 [U]")
    ]

    # --- request (7) ---
    device_type: Annotated[str, Column("request", "DeviceType in the RST", "1, 7.1")]
    context_items: Annotated[
        tuple[str, ...],
        Column("request", "ContextItems in their order", "7.1; MS-MDE 3.4.4.1.1.1; captures"),
    ]
    reads_fault_detail: Annotated[
        bool, Column("request", "reads DeviceEnrollmentServiceError", "11")
    ]

    # --- provisioning document (9) ---
    client_store: Annotated[Store, Column("document", "store of the client certificate", "9.2")]
    device_client_store: Annotated[
        Store,
        Column("document", "the same when EnrollmentType is Device", "9.2; MS-MDE2 2.2.9.1"),
    ]
    intermediate_store: Annotated[
        Store, Column("document", "store of an intermediate CA", "9.2 (conflict)")
    ]
    certificate_stores: Annotated[
        Mapping[Store, bool],
        Column("document", "stores it knows, and whether the key is bound there", "9.2"),
    ]
    key_container: Annotated[
        tuple[tuple[str, str, str], ...], Column("document", "parms of PrivateKeyContainer", "9.2")
    ]
    is_key_container_inside: Annotated[
        bool,
        Column("document", "PrivateKeyContainer inside the certificate's branch", "9.2 (conflict)"),
    ]
    is_case_sensitive: Annotated[bool, Column("document", "store names are case-sensitive", "9.1")]
    application_parms: Annotated[
        tuple[tuple[str, str], ...], Column("document", "further parms of APPLICATION", "9.3")
    ]
    application_names: Annotated[
        tuple[str, ...], Column("document", "parms of APPLICATION only it knows", "9.3; MS-MDE 3.6")
    ]
    poll_schemes: Annotated[
        tuple[PollScheme, ...],
        Column("document", "schedules it reads, the preferred first", "1, 9.5"),
    ]
    retry_key: Annotated[str, Column("document", "registry key of the schedule", "9.5")]
    renewal_key: Annotated[str, Column("document", "registry key of RenewalPeriod", "9.5")]
    default_retries: Annotated[Mapping[str, int], Column("document", "schedule without one", "9.5")]
    shortest_poll_minutes: Annotated[
        int,
        Column("document", "shortest interval of periodic polling", "9.5; win81, win10 ours"),
    ]
    reads_renew_branch: Annotated[bool, Column("document", "reads My/WSTEP/Renew", "9.2")]
    reads_app_management: Annotated[bool, Column("document", "EnterpriseAppManagement", "1, 9.7")]
    reads_upn: Annotated[bool, Column("document", "UPN below DMClient", "9.6")]
    reads_poll_on_login: Annotated[
        bool, Column("document", "PollOnLogin, AllUsersPollOnFirstLogin below Poll", "9.6")
    ]
    reads_address_list: Annotated[
        bool, Column("document", "ManagementServerAddressList below DMClient", "9.6")
    ]

    # --- renewal (10) ---
    renewals: Annotated[
        Mapping[str, tuple[RenewalWay, ...]],
        Column("renewal", "renewal by AuthPolicy, the default first", "1, 10"),
    ]
    renewal_value_type: Annotated[
        str, Column("renewal", "ValueType of the PKCS#7", "10 (conflict) [U]")
    ]
    renewal_prompts_repeat: Annotated[bool, Column("renewal", "asks again until expiry", "10")]
    needs_ent_dmid: Annotated[bool, Column("renewal", "renews only with an EntDMID", "10; blog")]

    # --- management and unenrolment (13, session.md) ---
    dm_user_agent: Annotated[
        str, Column("management", "User-Agent of DM sessions", "session.md 3 [U]")
    ]
    dm_version: Annotated[str, Column("management", "./DevInfo/DmV", "capture of a Lumia 630")]
    context_prefixes: Annotated[
        tuple[str, ...],
        Column("management", "first LocURI segments that name a context", "session.md 2.3"),
    ]
    adds_one_to_msg_id: Annotated[
        bool, Column("management", "server answers MsgID n with n+1", "blog comment 18")
    ]
    reports_unenrollment: Annotated[
        bool, Column("management", "reports that the user left (alert 1226)", "13; wp8 [U]")
    ]
    takes_large_objects: Annotated[
        bool, Column("management", "takes values in chunks (LrgObj)", "session.md 1.7 [U]")
    ]
    sends_large_objects: Annotated[
        bool, Column("management", "sends values in chunks", "session.md 1.7 (MS-MDM <13><14>)")
    ]
    max_message_bytes: Annotated[
        int | None,
        Column("management", "MaxMsgSize that it names", "session.md 1.7; the figure [U]"),
    ]
    has_decimal_session_ids: Annotated[
        bool,
        Column("management", "SessionID is decimal, not hexadecimal", "session.md 1.1 (OMAsup)"),
    ]
    sends_login_status: Annotated[
        bool,
        Column("management", "says whether a user is logged on (alert 1224)", "session.md 1.2"),
    ]
    reports_pending_requests: Annotated[
        bool,
        Column("management", "can ask the server to wait (alert 1224)", "session.md 2.5, DMClient"),
    ]
    answers_get_in_atomic: Annotated[
        bool,
        Column("management", "answers a Get inside Atomic", "field-problems 1 (KI); win81 [U]"),
    ]
    has_parallel_sessions: Annotated[
        bool,
        Column("management", "holds sessions of device and user side by side", "session.md 2.3"),
    ]
    signs_messages: Annotated[
        bool,
        Column("management", "signs messages when told to (MS-Signature)", "session.md 3, 7"),
    ]
    unenroll_needs_data: Annotated[
        bool, Column("management", "Exec Unenroll needs the ProviderID as Data", "13")
    ]

    @property
    def request_version(self) -> str:
        """RequestVersion of a usual device."""
        return self.request_versions[0]

    def renewal_ways(self, auth_policy: str) -> tuple[RenewalWay, ...]:
        """The ways of renewal after an enrolment by that AuthPolicy, the default first."""
        return self.renewals.get(auth_policy, ())


def columns() -> tuple[tuple[str, Column], ...]:
    """Each field of ``DeviceProfile`` with its column, in the order of the steps."""
    found: list[tuple[str, Column]] = []
    for name, hint in get_type_hints(DeviceProfile, include_extras=True).items():
        found.extend((name, each) for each in get_args(hint) if isinstance(each, Column))
    return tuple(found)
