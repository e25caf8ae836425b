"""The table: Windows Phone 8.0, Windows Phone 8.1, Windows 8.1 PCs, Windows 10 and 11.

Sources stand with the columns in ``model``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from mdmcore.errors import ConfigError
from mdmcore.namespaces import (
    DEFAULT_CSR_COMMON_NAME,
    ENROLLMENT_KEY,
    MACHINE_ENROLLMENT_KEY,
    MACHINE_OMA_DM_RETRY_KEY,
    OMA_DM_RETRY_KEY,
    VALUE_TYPE_JWT,
    VALUE_TYPE_USER_TOKEN,
    VALUE_TYPES_PKCS7,
)
from mdmcore.profiles.model import (
    FEDERATED,
    ON_PREMISE,
    DeviceProfile,
    PollScheme,
    RenewalWay,
    Store,
)
from mdmcore.profiles.usual_devices import (
    LUMIA_630,
    LUMIA_820,
    PC_DETAILS,
    PC_WINDOWS_10,
    PC_WINDOWS_81,
    PHONE_DETAILS,
)

_MY_USER = Store(store="My", scope="User")
_MY_SYSTEM = Store(store="My", scope="System")
_CA_SYSTEM = Store(store="CA", scope="System")
_PHONE_STORES = MappingProxyType(
    {
        Store(store="Root", scope="System"): False,
        _CA_SYSTEM: False,
        _MY_USER: True,
        _MY_SYSTEM: False,
    }
)
_PC_STORES = MappingProxyType({**_PHONE_STORES, _MY_SYSTEM: True})

_SHA1 = MappingProxyType(
    dict.fromkeys(("1.3.14.3.2.29", "1.3.14.3.2.26", "1.2.840.113549.1.1.5"), "sha1")
)
_SHA1_AND_SHA256 = MappingProxyType(
    {**_SHA1, **dict.fromkeys(("2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.11"), "sha256")}
)
_ANY_STRING = frozenset(
    {"PrintableString", "UTF8String", "T61String", "IA5String", "BMPString", "UniversalString"}
)
_RETRIES = MappingProxyType(
    {
        "AuxNumRetries": 10,
        "AuxRetryInterval": 15,
        "NumRetries": 0,
        "RetryInterval": 0,
        "Aux2NumRetries": 0,
        "Aux2RetryInterval": 0,
    }
)
_PC_CONTAINER = (
    ("KeySpec", "2", ""),
    ("ContainerName", "ConfigMgrEnrollment", ""),
    ("ProviderType", "1", ""),
)
"""MS-MDE 3.6; the container's name is the server's choice."""
_ENROLLMENT_PKCS7, _SECEXT_PKCS7 = VALUE_TYPES_PKCS7

_WP8 = DeviceProfile(
    name="wp8",
    title="Windows Phone 8.0",
    usual_device=LUMIA_820,
    usual_details=PHONE_DETAILS,
    tls_versions=("TLSv1",),
    speaks_http2=False,
    takes_wildcard_certificates=False,
    ends_when_asked_for_certificate=False,
    request_versions=("1.0",),
    discover_device_type="WindowsPhone",
    sends_application_version=False,
    os_edition="",
    offered_auth_policies=(),
    auth_policies=(ON_PREMISE,),
    highest_enrollment_version=None,
    probe_user_agent="Windows Phone 8 Enrollment Client",
    enrollment_user_agent="Windows Enrollment Client",
    appru="",
    browser_user_agent="",
    user_token_types=(),
    policy_client=("client", ""),
    policy_values=("minimalKeyLength", "hashAlgorithmOIDReference"),
    default_key_bits=2048,
    largest_key_bits=4096,
    crypto_providers=(),
    signature_digests=_SHA1_AND_SHA256,
    csr_common_name=DEFAULT_CSR_COMMON_NAME,
    csr_device_extension="",
    searched_string_types=frozenset({"PrintableString"}),
    finds_default_subject=False,
    offers_self_signed=True,
    device_type="WindowsPhone",
    context_items=("DeviceType", "ApplicationVersion"),
    reads_fault_detail=False,
    client_store=_MY_USER,
    device_client_store=_MY_USER,
    intermediate_store=_CA_SYSTEM,
    certificate_stores=_PHONE_STORES,
    key_container=(),
    is_key_container_inside=False,
    is_case_sensitive=True,
    application_parms=(),
    application_names=(),
    poll_schemes=(PollScheme.REGISTRY,),
    retry_key=OMA_DM_RETRY_KEY,
    renewal_key=ENROLLMENT_KEY,
    default_retries=_RETRIES,
    shortest_poll_minutes=60,
    reads_renew_branch=False,
    reads_app_management=True,
    reads_upn=False,
    reads_poll_on_login=False,
    reads_address_list=False,
    renewals=MappingProxyType({ON_PREMISE: (RenewalWay.MANUAL,)}),
    renewal_value_type=_SECEXT_PKCS7,
    renewal_prompts_repeat=False,
    needs_ent_dmid=True,
    dm_user_agent="MSFT OMA DM Client/1.2.0.1",
    dm_version="1.3",
    context_prefixes=(),
    adds_one_to_msg_id=True,
    reports_unenrollment=False,
    takes_large_objects=False,
    sends_large_objects=False,
    max_message_bytes=None,
    has_decimal_session_ids=False,
    sends_login_status=False,
    reports_pending_requests=False,
    answers_get_in_atomic=True,
    has_parallel_sessions=False,
    signs_messages=False,
    unenroll_needs_data=True,
)

_WP81 = replace(
    _WP8,
    name="wp81",
    title="Windows Phone 8.1",
    usual_device=LUMIA_630,
    tls_versions=("TLSv1", "TLSv1.1", "TLSv1.2"),
    request_versions=("2.0",),
    sends_application_version=True,
    offered_auth_policies=(ON_PREMISE, FEDERATED),
    auth_policies=(ON_PREMISE, FEDERATED),
    appru="ms-app://windows.immersivecontrolpanel",
    browser_user_agent=(
        "Mozilla/5.0 (Mobile; Windows Phone 8.1; ARM; Trident/7.0; Touch; rv:11.0; IEMobile/11.0; "
        "NOKIA; Lumia 630) like Gecko"
    ),
    user_token_types=(VALUE_TYPE_USER_TOKEN,),
    searched_string_types=_ANY_STRING,
    poll_schemes=(PollScheme.DM_CLIENT, PollScheme.REGISTRY),
    shortest_poll_minutes=1440,
    reads_renew_branch=True,
    renewals=MappingProxyType(
        {ON_PREMISE: (RenewalWay.MANUAL, RenewalWay.ROBO), FEDERATED: (RenewalWay.ROBO,)}
    ),
    renewal_prompts_repeat=True,
    reports_unenrollment=True,
)

_WIN81 = replace(
    _WP81,
    name="win81",
    title="Windows 8.1 PC",
    usual_device=PC_WINDOWS_81,
    usual_details=PC_DETAILS,
    takes_wildcard_certificates=True,
    ends_when_asked_for_certificate=False,
    request_versions=("",),
    discover_device_type="",
    sends_application_version=False,
    offered_auth_policies=(),
    auth_policies=(FEDERATED,),
    probe_user_agent="Windows Enrollment Client",
    browser_user_agent=(
        "Mozilla/5.0 (Windows NT 6.3; WOW64; Trident/7.0; MSAppHost/2.0; rv:11.0) like Gecko"
    ),
    policy_client=("Client", "0001-01-01T00:00:00"),
    policy_values=(
        "policySchema",
        "minimalKeyLength",
        "algorithmOIDReference",
        "hashAlgorithmOIDReference",
    ),
    finds_default_subject=True,
    device_type="CIMClient_Windows",
    context_items=("DeviceType",),
    certificate_stores=_PC_STORES,
    key_container=_PC_CONTAINER,
    is_key_container_inside=True,
    is_case_sensitive=False,
    application_parms=(("ROLE", "4294967295"),),
    application_names=("SSPHyperlink", "ServerList", "CRLCheck"),
    poll_schemes=(PollScheme.REGISTRY,),
    retry_key=MACHINE_OMA_DM_RETRY_KEY,
    renewal_key=MACHINE_ENROLLMENT_KEY,
    shortest_poll_minutes=60,
    reads_renew_branch=True,
    reads_app_management=False,
    renewals=MappingProxyType({FEDERATED: (RenewalWay.ROBO,)}),
    renewal_value_type=_ENROLLMENT_PKCS7,
    context_prefixes=("Device", "User"),
    adds_one_to_msg_id=False,
    has_decimal_session_ids=True,
    sends_login_status=True,
    answers_get_in_atomic=False,
    has_parallel_sessions=True,
    signs_messages=True,
    unenroll_needs_data=False,
)

_WIN10 = replace(
    _WIN81,
    name="win10",
    title="Windows 10 and 11",
    usual_device=PC_WINDOWS_10,
    tls_versions=("TLSv1.2", "TLSv1.3"),
    ends_when_asked_for_certificate=True,
    speaks_http2=True,
    request_versions=("9.0", "8.0", "7.0", "6.0", "5.0", "4.0"),
    discover_device_type="CIMClient_Windows",
    sends_application_version=True,
    os_edition="72",
    offered_auth_policies=(ON_PREMISE, FEDERATED),
    auth_policies=(ON_PREMISE, FEDERATED),
    highest_enrollment_version=4,
    probe_user_agent="ENROLLClient",
    enrollment_user_agent="ENROLLClient",
    browser_user_agent=(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; WebView/3.0) AppleWebKit/537.36 "
        "(KHTML, like Gecko) Chrome/70.0.3538.102 Safari/537.36 Edge/18.26200"
    ),
    user_token_types=(VALUE_TYPE_USER_TOKEN, VALUE_TYPE_JWT),
    policy_client=("client", ""),
    policy_values=(
        "policySchema",
        "minimalKeyLength",
        "algorithmOIDReference",
        "hashAlgorithmOIDReference",
        "cryptoProviders",
    ),
    crypto_providers=(
        "Microsoft Software Key Storage Provider",
        "Microsoft Platform Crypto Provider",
        "Microsoft Enhanced Cryptographic Provider v1.0",
        "Microsoft Enhanced RSA and AES Cryptographic Provider",
    ),
    csr_common_name="{guid:.30}!{device_id}",
    csr_device_extension="1.3.6.1.4.1.311.66.1.0",
    offers_self_signed=False,
    context_items=(
        "UXInitiated",
        "HWDevID",
        "Locale",
        "TargetedUserLoggedIn",
        "OSEdition",
        "DeviceName",
        "MAC",
        "DeviceID",
        "EnrollmentType",
        "DeviceType",
        "OSVersion",
        "ApplicationVersion",
        "NotInOobe",
    ),
    reads_fault_detail=True,
    device_client_store=_MY_SYSTEM,
    key_container=(),
    is_key_container_inside=False,
    application_parms=(("ROLE", "4294967295"),),
    application_names=(),
    poll_schemes=(PollScheme.DM_CLIENT,),
    retry_key="",
    renewal_key="",
    shortest_poll_minutes=15,
    reads_upn=True,
    reads_poll_on_login=True,
    reads_address_list=True,
    renewals=MappingProxyType({ON_PREMISE: (RenewalWay.ROBO,), FEDERATED: (RenewalWay.ROBO,)}),
    takes_large_objects=True,
    sends_large_objects=True,
    max_message_bytes=524288,
    reports_pending_requests=True,
)

PROFILES: Mapping[str, DeviceProfile] = MappingProxyType(
    {profile.name: profile for profile in (_WP8, _WP81, _WIN81, _WIN10)}
)


def device_profile(name: str) -> DeviceProfile:
    """The profile of that name; ConfigError for one that does not exist."""
    try:
        return PROFILES[name]
    except KeyError:
        raise ConfigError(f"no profile {name!r}; there is: {', '.join(PROFILES)}") from None
