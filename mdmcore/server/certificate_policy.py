"""What the server asks of a device's key, and whether a request keeps to it (enrollment.md 6, 8.1).

GetPolicies names key length and digest; validity and renewal follow from the settings.
"""

from __future__ import annotations

from datetime import timedelta

from mdmcore.enrollment.policies import (
    PolicyOid,
    PolicyResponse,
    serialize_get_policies_response,
)
from mdmcore.pki.csr import Pkcs10
from mdmcore.server.refusal import Refusal
from mdmcore.server.settings import ServerSettings

HASH_OIDS = {"sha1": "1.3.14.3.2.29", "sha256": "2.16.840.1.101.3.4.2.1"}
"""SHA-1 is named by a signature algorithm in every vendor sample; SHA-256 is unconfirmed for
Windows Phone 8 [U]."""

_HASH_NAMES = {
    "1.3.14.3.2.29": "szOID_OIWSEC_sha1RSASign",
    "1.3.14.3.2.26": "szOID_OIWSEC_sha1",
    "1.2.840.113549.1.1.5": "szOID_RSA_SHA1RSA",
    "1.2.840.113549.1.1.11": "szOID_RSA_SHA256RSA",
    "2.16.840.1.101.3.4.2.1": "szOID_NIST_sha256",
    "2.16.840.1.101.3.4.2.2": "szOID_NIST_sha384",
    "2.16.840.1.101.3.4.2.3": "szOID_NIST_sha512",
}
"""Names of wincrypt.h; an OID without one is its own name, since XCEP wants a text."""
_HASH_GROUP = 1
_SCHEMA_WITH_HASH = 3
_REFERENCE = 0


def policies_response(settings: ServerSettings, *, relates_to: str | None) -> bytes:
    """The GetPoliciesResponse."""
    oid = settings.hash_oid
    named = PolicyOid(
        value=oid,
        group=_HASH_GROUP,
        reference_id=_REFERENCE,
        default_name=_HASH_NAMES.get(oid, oid),
    )
    policy = PolicyResponse(
        policy_schema=_SCHEMA_WITH_HASH,
        minimal_key_length=settings.minimal_key_length,
        hash_oid_reference=_REFERENCE,
        oids=(named,),
    )
    return serialize_get_policies_response(
        policy,
        relates_to=relates_to,
        validity_seconds=_seconds(settings.certificate_lifetime),
        renewal_seconds=_seconds(timedelta(days=settings.renewal_period_days)),
    )


def check_key(csr: Pkcs10, settings: ServerSettings) -> None:
    """Raises Refusal for a key that the policy does not allow."""
    bits = csr.key_bits or 0
    shown = f"key of {bits or 'an unknown number of'} bits"
    if bits < settings.minimal_key_length:
        raise Refusal(
            "CertificateRequest",
            f"{shown}, the policy asks for {settings.minimal_key_length}",
        )
    if bits not in settings.key_lengths:
        allowed = ", ".join(map(str, settings.key_lengths))
        raise Refusal("CertificateRequest", f"{shown}, this server certifies {allowed}")


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
