"""One good message of each kind, for tests that state only what they change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from mdmcore.enrollment import (
    AppManagement,
    DiscoverRequest,
    DiscoverResponse,
    PolicyOid,
    PolicyResponse,
    ProvisioningDocument,
    serialize_discover,
    serialize_discover_response,
    serialize_fault,
    serialize_get_policies,
    serialize_get_policies_response,
    serialize_provisioning,
    serialize_rst,
    serialize_rstrc,
    username_token,
)
from mdmcore.records import Account, AuthScheme
from tests.support.provisioning import build_profile_document

MESSAGE_ID = "urn:uuid: 11111111-2222-3333-4444-555555555555"
"""With the blank inside that vendor samples show: answers must repeat it."""

REQUEST = DiscoverRequest(
    email_address="user@example.test",
    request_version="2.0",
    device_type="WindowsPhone",
    application_version="8.10.12397.895",
    os_edition="104",
    auth_policies=("OnPremise", "Federated"),
)
RESPONSE = DiscoverResponse(
    auth_policy="OnPremise",
    policy_url="https://mdm.example.test/EnrollmentServer/Policy.svc",
    enrollment_url="https://mdm.example.test/EnrollmentServer/Enrollment.svc",
)
POLICY = PolicyResponse(
    policy_schema=3,
    minimal_key_length=2048,
    hash_oid_reference=7,
    oids=(
        PolicyOid(value="1.2.3", group=3, reference_id=1, default_name="another"),
        PolicyOid(
            value="1.3.14.3.2.29",
            group=1,
            reference_id=7,
            default_name="szOID_OIWSEC_sha1RSASign",
        ),
    ),
)
ACCOUNT = Account(
    name="3F2504E0-4F89-11D3-9A0C-0305E82C3301",
    secret="device <secret>",
    scheme=AuthScheme.MD5,
    server_secret="server & secret",
    nonce_c2s=bytes(range(16)),
    nonce_s2c=b"\x00\xff" * 8,
)
HUB = AppManagement(
    enterprise_id="4000000001",
    enrollment_token="dG9rZW4=",
    store_product_id="{6C5A0000-0000-4000-8000-00000000AA02}",
    store_uri="https://mdm.example.test/CompanyHub/hub.xap",
    store_name="Company Hub",
    certificate_search_criteria="CN%3D3F2504E0-4F89-11D3-9A0C-0305E82C3301",
    crl_check="0",
)
CREATED = datetime(2014, 6, 1, 12, 0, 0, 1999, timezone(timedelta(hours=2)))
EXPIRES = datetime(2014, 6, 1, 10, 5, tzinfo=UTC)
ROOT_DER = b"0\x82 root"  # DER as far as base64 shows: MII...
CLIENT_DER = b"0\x82 client"
CSR = b"0\x82 request"


def sample_content() -> dict[str, Any]:
    """The arguments of ``content_of`` for ``ACCOUNT``."""
    return {
        "root_certificate": ROOT_DER,
        "client_certificate": CLIENT_DER,
        "provider_id": "ExampleMDM",
        "name": "Example & Sons",
        "addr": "https://mdm.example.test/omadm",
        "account": ACCOUNT,
        "criteria": f"Subject=CN%3D{ACCOUNT.name}&Stores=My%5CUser",
        "device_name": "Example phone",
        "ent_dmid": ACCOUNT.name,
        "hub": HUB,
    }


def document(**changes: Any) -> ProvisioningDocument:
    """The document of ``ACCOUNT``, that of Windows Phone 8.0 unless ``profile`` is another."""
    return build_profile_document(**(sample_content() | changes))


def messages() -> dict[str, bytes]:
    """One of each kind that we write."""
    user = username_token("user@example.test", " p<a&ss ")
    where = {"message_id": MESSAGE_ID, "to": "https://mdm.example.test/x"}
    provisioning = serialize_provisioning(document())
    return {
        "discover": serialize_discover(REQUEST, **where),
        "discover response": serialize_discover_response(RESPONSE, relates_to=MESSAGE_ID),
        "policies": serialize_get_policies(security=user, **where),
        "policies response": serialize_get_policies_response(POLICY, relates_to=MESSAGE_ID),
        "rst": serialize_rst(CSR, context=[("DeviceType", "WindowsPhone")], security=user, **where),
        "rstrc": serialize_rstrc(
            provisioning, relates_to=MESSAGE_ID, created=CREATED, expires=EXPIRES
        ),
        "fault": serialize_fault("InvalidSecurity", "no token", MESSAGE_ID),
        "provisioning": provisioning,
    }
