"""The provisioning document of a renewal: the new certificate, and which account it belongs to.

Sources: enrollment.md 10 (L-Renew). No more: a document with credentials would set them anew. The
key container stands inside the certificate's branch, as in the vendor's sample of a renewal.
"""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.base64_text import encode_base64
from mdmcore.enrollment.provisioning import Characteristic, Parm, ProvisioningDocument
from mdmcore.enrollment.provisioning_builder import thumbprint
from mdmcore.profiles import DeviceProfile
from mdmcore.records import IssuedCertificate


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAuthorities:
    """CA certificates (DER) that the device cannot have yet."""

    root: bytes | None = None
    intermediate: bytes | None = None


def renewal_document(
    certificate: IssuedCertificate,
    *,
    store: tuple[str, str],
    profile: DeviceProfile,
    provider_id: str,
    authorities: NewAuthorities,
) -> ProvisioningDocument:
    """The document for a certificate in ``store`` (say, My and User)."""
    branches: list[Characteristic] = []
    above = profile.intermediate_store
    for name, scope, der in (
        ("Root", "System", authorities.root),
        (above.store, above.scope, authorities.intermediate),
    ):
        if der is not None:
            held = _certificate(thumbprint(der), der)
            branches.append(_branch(name, _branch(scope, held)))
    container = Characteristic(
        type="PrivateKeyContainer",
        parms=tuple(
            Parm(name=name, value=value, datatype=datatype or None)
            for name, value, datatype in profile.key_container
        ),
    )
    name, scope = store
    own = _certificate(certificate.thumbprint, certificate.der, container)
    branches.append(_branch(name, _branch(scope, own)))
    application = Characteristic(
        type="APPLICATION", parms=(Parm(name="PROVIDER-ID", value=provider_id),)
    )
    stores = _branch("CertificateStore", *branches)
    return ProvisioningDocument(characteristics=(stores, application))


def _branch(type: str, *below: Characteristic) -> Characteristic:
    return Characteristic(type=type, characteristics=below)


def _certificate(thumbprint: str, der: bytes, *below: Characteristic) -> Characteristic:
    encoded = Parm(name="EncodedCertificate", value=encode_base64(der))
    return Characteristic(type=thumbprint, parms=(encoded,), characteristics=below)
