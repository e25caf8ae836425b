"""A provisioning document of one account, in the form of any profile."""

from __future__ import annotations

from mdmcore.enrollment.provisioning import ProvisioningDocument
from mdmcore.enrollment.provisioning_builder import build_document
from mdmcore.enrollment.provisioning_model import (
    Application,
    CertificateStore,
    DeviceCredential,
    DmClientBranch,
    Provisioning,
    Renew,
    ServerCredential,
)
from mdmcore.enrollment.provisioning_view import AppManagement
from mdmcore.profiles import device_profile
from mdmcore.records import Account


def content_of(
    *,
    root_certificate: bytes,
    client_certificate: bytes,
    provider_id: str,
    name: str,
    addr: str,
    account: Account,
    criteria: str,
    device_name: str,
    ent_dmid: str,
    hub: AppManagement | None = None,
) -> Provisioning:
    """All that such a document can say, before a profile is chosen."""
    return Provisioning(
        certificates=CertificateStore(
            client=client_certificate, root=root_certificate, renew=Renew()
        ),
        application=Application(
            provider_id=provider_id,
            name=name,
            addr=addr,
            criteria=criteria,
            server_credential=ServerCredential(
                secret=account.server_secret or "", nonce=account.nonce_s2c
            ),
            device_credential=DeviceCredential(
                name=account.name,
                secret=account.secret,
                scheme=account.scheme,
                nonce=account.nonce_c2s,
            ),
        ),
        dm_client=DmClientBranch(ent_device_name=device_name, ent_dmid=ent_dmid),
        app_management=hub,
    )


def build_profile_document(profile: str = "wp8", **content: object) -> ProvisioningDocument:
    """The document of that profile; the arguments are those of ``content_of``."""
    return build_document(device_profile(profile), content_of(**content))  # type: ignore[arg-type]
