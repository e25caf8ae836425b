"""The CSR that a device of this profile makes for its key (enrollment.md 8.1)."""

from __future__ import annotations

import uuid

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from mdmcore.phone.policies import CertificatePolicy
from mdmcore.phone.settings import PhoneSettings, Random
from mdmcore.pki.request import build_phone_csr

_MAX_NAME = 63
"""RFC 5280 appendix A, ub-common-name, less the NUL that stands behind the name."""


def build_device_csr(
    key: RSAPrivateKey, policy: CertificatePolicy, settings: PhoneSettings, *, random: Random
) -> bytes:
    """A PKCS#10 (DER) in the profile's form, signed with the policy's digest.

    ConfigError when the device id has characters that cannot stand in it.
    """
    device, device_id = settings.device, settings.device_id
    guid = str(uuid.UUID(bytes=random(16), version=4)).upper()
    name = device.csr_common_name.format(guid=guid, device_id=device_id)
    extension = (device.csr_device_extension, device_id) if device.csr_device_extension else None
    return build_phone_csr(
        key, common_name=name[:_MAX_NAME], digest=policy.digest, extension=extension
    )
