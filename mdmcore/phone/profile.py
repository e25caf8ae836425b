"""What differs between generations of devices: one table of data, read by every step.

Sources: enrollment.md sections 1, 6, 9; session.md section 7. [U] marks what no source states for
the phone itself. Steps never ask for a profile's name, only for its values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mdmcore.errors import ConfigError
from mdmcore.namespaces import OMA_DM_RETRY_KEY


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node of the management tree.

    ``uri`` may hold ``{provider}`` and ``{enterprise}``. ``access`` has the letters A add,
    R replace, G get, D delete; without A, R and D the node is permanent. ``value`` names the fact
    that the phone fills in (``tree``); a fact that is unknown leaves the node to be added.
    """

    uri: str
    value: str
    format: str = "chr"
    access: str = "G"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneProfile:
    """One generation of devices, as far as its requests and reactions differ from others."""

    name: str
    # --- discovery (enrollment.md 1, 4) ---
    request_version: str
    device_type: str
    offered_auth_policies: tuple[str, ...]
    """AuthPolicies in the Discover; WP8.0 sends none [U]."""
    understood_auth_policies: tuple[str, ...]
    sends_application_version: bool
    """Whether Discover carries ApplicationVersion; the RST always does."""
    probe_user_agent: str
    enrollment_user_agent: str
    # --- policy and certificate (enrollment.md 6, 8) ---
    default_key_bits: int
    largest_key_bits: int
    """Above this the phone cannot make a key [U]."""
    signature_digests: Mapping[str, str]
    """OID that GetPolicies may name -> digest of the CSR's signature."""
    searched_string_types: frozenset[str]
    """ASN.1 types of subject values that the certificate search finds (8.2)."""
    finds_default_subject: bool
    """Whether a certificate with the CSR's own subject is found by search (C-EAM: do not use)."""
    # --- provisioning (9) ---
    certificate_stores: Mapping[tuple[str, str], bool]
    """(store, scope), case-sensitive -> whether the enrolment key is bound to what is put there."""
    retry_key: str
    default_retries: Mapping[str, int]
    # --- management ---
    dm_user_agent: str
    dm_version: str
    """./DevInfo/DmV; 1.3 as the captured phone reports."""
    context_prefixes: tuple[str, ...]
    """First LocURI segments that only name a context; none on Windows Phone 8 (session.md 2.3)."""
    nodes: tuple[Node, ...]


_WP8_RETRIES = MappingProxyType(
    {
        "AuxNumRetries": 10,
        "AuxRetryInterval": 15,
        "NumRetries": 0,
        "RetryInterval": 0,
        "Aux2NumRetries": 0,
        "Aux2RetryInterval": 0,
    }
)

_WP8_DIGESTS = {
    "1.3.14.3.2.29": "sha1",
    "1.3.14.3.2.26": "sha1",
    "1.2.840.113549.1.1.5": "sha1",
    "2.16.840.1.101.3.4.2.1": "sha256",  # [U], as the next
    "1.2.840.113549.1.1.11": "sha256",
}

_PROVIDER = "./Vendor/MSFT/DMClient/Provider/{provider}"
_ENTERPRISE = "./Vendor/MSFT/EnterpriseAppManagement/{enterprise}"

_WP8_NODES = (
    Node(uri="./DevInfo/DevId", value="device_id"),
    Node(uri="./DevInfo/Man", value="manufacturer"),
    Node(uri="./DevInfo/Mod", value="model"),
    Node(uri="./DevInfo/DmV", value="dm_version"),
    Node(uri="./DevInfo/Lang", value="language"),
    Node(uri="./DevDetail/DevTyp", value="device_type"),
    Node(uri="./DevDetail/OEM", value="manufacturer"),
    Node(uri="./DevDetail/FwV", value="firmware_version"),
    Node(uri="./DevDetail/SwV", value="os_version"),
    Node(uri="./DevDetail/HwV", value="hardware_version"),
    Node(uri="./DevDetail/LrgObj", format="bool", value="large_objects"),
    Node(uri="./DevDetail/URI/MaxDepth", format="int", value="zero"),
    Node(uri="./DevDetail/URI/MaxTotLen", format="int", value="zero"),
    Node(uri="./DevDetail/URI/MaxSegLen", format="int", value="zero"),
    Node(uri="./DevDetail/Ext/Microsoft/RadioSwV", value="firmware_version"),
    Node(uri="./DevDetail/Ext/Microsoft/Resolution", value="resolution"),
    Node(uri="./DevDetail/Ext/Microsoft/ProcessorArchitecture", value="processor_architecture"),
    Node(uri="./DevDetail/Ext/Microsoft/ProcessorType", value="processor_type"),
    Node(uri="./DevDetail/Ext/Microsoft/OSPlatform", value="os_platform"),
    Node(uri="./DevDetail/Ext/Microsoft/DeviceName", value="device_name"),
    Node(uri=f"{_PROVIDER}/EntDeviceName", access="AG", value="ent_device_name"),
    Node(uri=f"{_PROVIDER}/EntDMID", access="AGR", value="ent_dmid"),
    Node(uri=f"{_PROVIDER}/ManagementServiceAddress", access="AGR", value="addr"),
    Node(uri=f"{_ENTERPRISE}/EnrollmentToken", access="AGR", value="enrollment_token"),
    Node(uri=f"{_ENTERPRISE}/StoreProductID", access="AG", value="store_product_id"),
    Node(uri=f"{_ENTERPRISE}/StoreUri", access="AG", value="store_uri"),
    Node(
        uri=f"{_ENTERPRISE}/CertificateSearchCriteria",
        access="AG",
        value="certificate_search_criteria",
    ),
    Node(uri=f"{_ENTERPRISE}/CRLCheck", access="AG", value="crl_check"),
    Node(uri=f"{_ENTERPRISE}/Status", format="int", value="zero"),
)

PROFILES: Mapping[str, PhoneProfile] = MappingProxyType(
    {
        "wp8": PhoneProfile(
            name="wp8",
            request_version="1.0",  # [U]
            device_type="WindowsPhone",
            offered_auth_policies=(),
            understood_auth_policies=("OnPremise",),
            sends_application_version=False,
            probe_user_agent="Windows Phone 8 Enrollment Client",
            enrollment_user_agent="Windows Enrollment Client",
            default_key_bits=2048,
            largest_key_bits=4096,
            signature_digests=MappingProxyType(_WP8_DIGESTS),
            searched_string_types=frozenset({"PrintableString"}),
            finds_default_subject=False,
            certificate_stores=MappingProxyType(
                {
                    ("Root", "System"): False,
                    ("CA", "System"): False,
                    ("My", "User"): True,
                    ("My", "System"): False,
                }
            ),
            retry_key=OMA_DM_RETRY_KEY,
            default_retries=_WP8_RETRIES,
            dm_user_agent="MSFT OMA DM Client/1.2.0.1",  # [U], that of Windows 10
            dm_version="1.3",
            context_prefixes=(),
            nodes=_WP8_NODES,
        ),
    }
)


def phone_profile(name: str) -> PhoneProfile:
    """The profile of that name; ConfigError for one that does not exist."""
    try:
        return PROFILES[name]
    except KeyError:
        known = ", ".join(PROFILES)
        raise ConfigError(f"no phone profile {name!r}; there is: {known}") from None
