"""The provisioning document of a renewal: the new certificate, and which account it belongs to.

Sources: enrollment.md 10 (L-Renew). No more: a document with credentials would set them anew. The
key container stands inside the certificate's branch, as in the vendor's sample of a renewal.
"""

from __future__ import annotations

from mdmcore.base64_text import encode_base64
from mdmcore.enrollment.provisioning import Characteristic, Parm, ProvisioningDocument
from mdmcore.pki.certificate import Certificate
from mdmcore.profiles import DeviceProfile
from mdmcore.records import IssuedCertificate


def renewal_document(
    certificate: IssuedCertificate,
    *,
    store: tuple[str, str],
    profile: DeviceProfile,
    provider_id: str,
    root: Certificate | None,
) -> ProvisioningDocument:
    """The document for a certificate in ``store`` (say, My and User).

    ``root`` is the CA's certificate if the device cannot have it yet.
    """
    branches: list[Characteristic] = []
    if root is not None:
        held = _certificate(root.thumbprint, root.der)
        branches.append(_branch("Root", _branch("System", held)))
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
