"""The enrolment messages: SOAP, discovery, policies, tokens, provisioning documents, AETX.

Parse and serialize only (MS-MDE, MS-MDE2, MS-XCEP, MS-WSTEP; enrollment.md sections 3 to 12).
Certificates are ``mdmcore.pki``'s, judgement is that of the server, the phone and the rules.
"""

from __future__ import annotations

from mdmcore.base64_text import decode_base64, encode_base64
from mdmcore.enrollment.aet import Aet, AetEnd, read_aet
from mdmcore.enrollment.aetx import (
    Aetx,
    parse_aetx,
    publisher_id,
    read_enterprise_id,
    serialize_aet,
    serialize_aetx,
)
from mdmcore.enrollment.certificate_store_view import (
    RenewalSettings,
    StoreName,
    key_containers,
    renewal_settings,
    unknown_stores,
)
from mdmcore.enrollment.discovery import (
    DiscoverRequest,
    DiscoverResponse,
    parse_discover,
    parse_discover_response,
    serialize_discover,
    serialize_discover_response,
)
from mdmcore.enrollment.fault import SoapFault, parse_fault, serialize_fault
from mdmcore.enrollment.policies import (
    PolicyOid,
    PolicyResponse,
    is_get_policies,
    parse_get_policies_response,
    serialize_get_policies,
    serialize_get_policies_response,
)
from mdmcore.enrollment.provisioning import (
    Characteristic,
    Parm,
    ProvisioningDocument,
    parse_provisioning,
    serialize_provisioning,
)
from mdmcore.enrollment.provisioning_builder import build_document
from mdmcore.enrollment.provisioning_view import (
    AppAuth,
    AppManagement,
    DmClient,
    Setting,
    StoredCertificate,
    W7Account,
    app_management,
    certificates,
    dm_client,
    located,
    parm_path,
    w7_account,
)
from mdmcore.enrollment.schedule_view import (
    RetrySet,
    Schedule,
    poll_schedules,
    retry_schedule,
    retry_schedules,
)
from mdmcore.enrollment.security import blank_username_token, user_token, username_token
from mdmcore.enrollment.soap import Envelope, UserToken, envelope, parse_envelope
from mdmcore.enrollment.token import (
    RequestSecurityToken,
    RstrCollection,
    parse_rst,
    parse_rstrc,
    serialize_rst,
    serialize_rstrc,
)
from mdmcore.enrollment.uri_texts import uri_texts

__all__ = [
    "Aet",
    "AetEnd",
    "Aetx",
    "AppAuth",
    "AppManagement",
    "Characteristic",
    "DiscoverRequest",
    "DiscoverResponse",
    "DmClient",
    "Envelope",
    "Parm",
    "PolicyOid",
    "PolicyResponse",
    "ProvisioningDocument",
    "RenewalSettings",
    "RequestSecurityToken",
    "RetrySet",
    "RstrCollection",
    "Schedule",
    "Setting",
    "SoapFault",
    "StoreName",
    "StoredCertificate",
    "UserToken",
    "W7Account",
    "app_management",
    "blank_username_token",
    "build_document",
    "certificates",
    "decode_base64",
    "dm_client",
    "encode_base64",
    "envelope",
    "is_get_policies",
    "key_containers",
    "located",
    "parm_path",
    "parse_aetx",
    "parse_discover",
    "parse_discover_response",
    "parse_envelope",
    "parse_fault",
    "parse_get_policies_response",
    "parse_provisioning",
    "parse_rst",
    "parse_rstrc",
    "poll_schedules",
    "publisher_id",
    "read_aet",
    "read_enterprise_id",
    "renewal_settings",
    "retry_schedule",
    "retry_schedules",
    "serialize_aet",
    "serialize_aetx",
    "serialize_discover",
    "serialize_discover_response",
    "serialize_fault",
    "serialize_get_policies",
    "serialize_get_policies_response",
    "serialize_provisioning",
    "serialize_rst",
    "serialize_rstrc",
    "unknown_stores",
    "uri_texts",
    "user_token",
    "username_token",
    "w7_account",
]
