"""Applying the provisioning document branch by branch, as the device does (enrollment.md 9).

A branch that fails ends the enrolment. Mistakes that a device notices only later are kept as they
are: they bite at the first session (``readiness``) or at the hub. What a renewal's document does
stands in ``renewal_document``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mdmcore.enrollment.provisioning import ProvisioningDocument, parse_provisioning
from mdmcore.enrollment.provisioning_view import AppAuth, dm_client, located
from mdmcore.errors import ParseError, ProtocolError
from mdmcore.phone.account_branch import read_account
from mdmcore.phone.certificate_branch import read_certificates
from mdmcore.phone.device.state import DeviceState
from mdmcore.phone.discovery import Endpoints
from mdmcore.phone.hub_branch import read_hub
from mdmcore.phone.policies import CertificatePolicy
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.renew_branch import read_renewal
from mdmcore.phone.renewal_state import RenewalSettings
from mdmcore.phone.schedule_branch import default_schedule, read_schedule
from mdmcore.phone.settings import Caution, PhoneSettings
from mdmcore.phone.state import EnrolledPhone

_DM_CLIENT_FAILED = 0x80180020


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrollment:
    """What the device brings to the document: how it came here, its key, and the time."""

    settings: PhoneSettings
    endpoints: Endpoints
    policy: CertificatePolicy
    key_sha256: str
    now: datetime


def apply_document(data: bytes, enrollment: Enrollment) -> EnrolledPhone:
    """The enrolled phone; Refusal(provisioning) when a branch fails."""
    document = parse_document(data)
    settings, endpoints = enrollment.settings, enrollment.endpoints
    device = settings.device
    held = read_certificates(document, settings, enrollment.key_sha256)
    account = read_account(document)
    provider = account.provider_id or ""
    schedule = read_schedule(document, provider, device) or default_schedule(provider, device)
    names = read_names(document, provider, settings)
    return EnrolledPhone(
        settings=settings,
        auth_policy=endpoints.auth_policy,
        discovery_url=endpoints.discovery,
        enrollment_url=endpoints.enrollment.url,
        accepted_redirect=endpoints.accepted_redirect,
        policy=enrollment.policy,
        key_sha256=enrollment.key_sha256,
        certificates=held,
        account=account,
        schedule=schedule,
        renewal=read_renewal(document, device) or RenewalSettings(),
        ent_dmid=names.ent_dmid,
        ent_device_name=names.ent_device_name,
        upn=names.upn,
        requires_message_signing=names.requires_message_signing,
        hub=read_hub(document, device),
        enrolled=enrollment.now,
        device=DeviceState(pin=settings.pin, has_card_slot=settings.has_storage_card),
        nonce_c2s=nonce_of(account.auth("APPSRV")),
        nonce_s2c=nonce_of(account.auth("CLIENT")),
    )


def parse_document(data: bytes) -> ProvisioningDocument:
    """The document; Refusal(provisioning) when it is none."""
    try:
        return parse_provisioning(data)
    except ParseError as error:
        raise Refusal(
            f"the provisioning document is not well-formed: {error.message}",
            step=Step.PROVISIONING,
            place=error.where or "document",
            evidence=data[:80].decode("utf-8", "replace"),
        ) from None
    except ProtocolError as error:
        raise Refusal(error.message, step=Step.PROVISIONING, place=error.place) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What DMClient calls device and user, and whether messages are to be signed (9.6)."""

    ent_dmid: str | None = None
    ent_device_name: str | None = None
    upn: str | None = None
    requires_message_signing: bool = False


def read_names(document: ProvisioningDocument, provider_id: str, settings: PhoneSettings) -> Names:
    """The names below that provider; those of another one are not applied."""
    if Caution.PUSH_IN_DOCUMENT in settings.cautions:
        _refuse_push(document)
    client = dm_client(document, provider_id)
    if client is None:
        return Names()
    branch = next(found for _types, path, found in located(document) if path == client.path)
    return Names(
        ent_dmid=client.ent_dmid,
        ent_device_name=client.ent_device_name,
        upn=branch.value("UPN") if settings.device.reads_upn else None,
        requires_message_signing=client.requires_message_signing,
    )


def nonce_of(entry: AppAuth | None) -> bytes | None:
    """The first nonce of an APPAUTH."""
    return None if entry is None else entry.nonce


def _refuse_push(document: ProvisioningDocument) -> None:
    for path, _branch in document.walk():
        if len(path) == 4 and path[0] == "DMClient" and path[3] == "Push":
            raise Refusal(
                "Push cannot be configured in the document",
                step=Step.PROVISIONING,
                place="/".join(path),
                hresult=_DM_CLIENT_FAILED,
            )
