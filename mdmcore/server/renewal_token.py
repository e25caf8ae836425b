"""The token of a renewal as the server judges it: a PKCS#7 by a certificate of this CA.

Sources: enrollment.md 10 and 11 (MS-MDE 3.5, L-Renew). Both ValueTypes are served, base64 once or
twice; SHA-1 is no reason to refuse, phones sign with it. Whose certificate it is, and whether it
may be renewed, is decided in ``renewal``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from mdmcore.enrollment.token import RequestSecurityToken
from mdmcore.errors import MdmError
from mdmcore.namespaces import REQUEST_TYPE_ISSUE, VALUE_TYPES_PKCS7
from mdmcore.pki.certificate import Certificate
from mdmcore.pki.cms import DATA, CmsReason, SignedData, verify_signed_data
from mdmcore.pki.renewal import peel_renewal_token
from mdmcore.profiles import DeviceProfile
from mdmcore.server.refusal import Refusal, refusal_for

_RENEW = "/Renew"
_PKCS7 = "#PKCS7"
_MAX_TOKEN_BYTES = 256 * 1024
"""Behind the first layer of base64; a request with a chain of big keys has some ten thousand."""

_NOT_ELIGIBLE: Mapping[CmsReason, str] = MappingProxyType(
    dict.fromkeys(
        (CmsReason.FOREIGN_CA, CmsReason.NOT_YET_VALID, CmsReason.EXPIRED), "NotEligibleToRenew"
    )
)
"""A sound signature by a certificate that may not renew; every other reason: a bad request."""


def is_renewal(token: RequestSecurityToken) -> bool:
    """Whether the request is for a renewal, by its RequestType or by its token."""
    return token.request_type.endswith(_RENEW) or token.value_type.endswith(_PKCS7)


def signed_request(token: RequestSecurityToken) -> SignedData:
    """The SignedData in the token, signed by one; its signature is not looked at."""
    # Generic WSTEP renews with Issue.
    if not token.request_type.endswith(_RENEW) and token.request_type != REQUEST_TYPE_ISSUE:
        raise Refusal("CertificateRequest", f"RequestType {token.request_type!r} is not served")
    if token.value_type not in VALUE_TYPES_PKCS7:
        raise Refusal(
            "CertificateRequest", f"ValueType {token.value_type!r} of a renewal is not #PKCS7"
        )
    if len(token.token) > _MAX_TOKEN_BYTES:
        raise Refusal("CertificateRequest", f"a token of {len(token.token)} bytes is not read")
    try:
        signed, _ = peel_renewal_token(token.token_text)
    except MdmError as error:
        raise Refusal("CertificateRequest", f"the PKCS#7 cannot be read: {error}") from None
    if signed.content_type != DATA or signed.content is None:
        raise Refusal("CertificateRequest", "the PKCS#7 holds no PKCS#10 as its content")
    if len(signed.signers) > 1:
        raise Refusal("CertificateRequest", f"{len(signed.signers)} signers, one is expected")
    return signed


def verified_signer(
    signed: SignedData, *, authority: Certificate, at: datetime, profile: DeviceProfile
) -> Certificate:
    """The certificate of the signer, proven and valid at that moment; Refusal otherwise."""
    problem = verify_signed_data(signed, trusted=(authority,), at=at)
    if problem is not None:
        error_type = _NOT_ELIGIBLE.get(problem.reason, "")
        subcode = "Authorization" if error_type else "CertificateRequest"
        raise refusal_for(profile, subcode, f"PKCS#7: {problem}", error_type=error_type)
    certificate = signed.certificate_of(signed.signers[0])
    assert certificate is not None
    return certificate
