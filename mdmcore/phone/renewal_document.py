"""Applying the document of a renewal: the new certificate, and whatever else stands in it.

The usual one has a certificate and the PROVIDER-ID alone (enrollment.md 10; L-Renew, MS-MDE
3.5.4.1.1.2). What it does not mention stays; that a full document sets credentials and nonces
anew is unconfirmed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from mdmcore.enrollment.provisioning import Characteristic, ProvisioningDocument
from mdmcore.enrollment.provisioning_view import W7Account, located, parm_path
from mdmcore.phone.account_branch import account_refusal, read_account
from mdmcore.phone.certificate_branch import read_certificates
from mdmcore.phone.certificate_store import PERSONAL, HeldCertificate
from mdmcore.phone.hub_branch import read_hub
from mdmcore.phone.provisioning import nonce_of, parse_document, read_names
from mdmcore.phone.renew_branch import read_renewal
from mdmcore.phone.renewal_state import RenewalState, RenewalStatus
from mdmcore.phone.schedule_branch import read_schedule
from mdmcore.phone.state import EnrolledPhone


def apply_renewal(
    data: bytes, phone: EnrolledPhone, *, key_sha256: str, now: datetime
) -> EnrolledPhone:
    """The phone with its new certificate; Refusal(provisioning) when a branch fails."""
    document = parse_document(data)
    settings, device = phone.settings, phone.settings.device
    held = read_certificates(document, settings, key_sha256)
    renewed = _with_account(document, phone)
    provider = renewed.account.provider_id or ""
    names = read_names(document, provider, settings)
    return replace(
        renewed,
        key_sha256=key_sha256,
        certificates=_replaced(phone, held),
        schedule=read_schedule(document, provider, device) or phone.schedule,
        renewal=read_renewal(document, device) or phone.renewal,
        ent_dmid=names.ent_dmid or phone.ent_dmid,
        ent_device_name=names.ent_device_name or phone.ent_device_name,
        upn=names.upn or phone.upn,
        requires_message_signing=names.requires_message_signing or phone.requires_message_signing,
        hub=read_hub(document, device) or phone.hub,
        renewal_state=RenewalState(status=RenewalStatus.RENEWED, last_attempt=now),
    )


def _replaced(
    phone: EnrolledPhone, held: tuple[HeldCertificate, ...]
) -> tuple[HeldCertificate, ...]:
    """The store with the new certificates; the one they replace is deleted."""
    new = {(entry.store, entry.scope, entry.certificate.der) for entry in held}
    kept = (
        entry
        for entry in phone.certificates
        if (entry.store, entry.scope, entry.certificate.der) not in new
        and not (entry.store == PERSONAL and entry.certificate.spki_sha256 == phone.key_sha256)
    )
    return (*kept, *held)


def _with_account(document: ProvisioningDocument, phone: EnrolledPhone) -> EnrolledPhone:
    """The phone with the account as the document leaves it."""
    found = ((path, branch) for types, path, branch in located(document) if _is_account(types))
    path, branch = next(found, ("", None))
    if branch is None:
        return phone
    provider = branch.value("PROVIDER-ID")
    if provider != phone.account.provider_id:
        raise account_refusal(
            f"the renewal is not for the provider {phone.account.provider_id!r} of this enrolment",
            parm_path(path, "PROVIDER-ID"),
            provider or "(none)",
        )
    if not branch.children("APPAUTH"):
        return replace(phone, account=_amended(phone.account, branch))
    account = read_account(document)
    return replace(
        phone,
        account=account,
        nonce_c2s=nonce_of(account.auth("APPSRV")),
        nonce_s2c=nonce_of(account.auth("CLIENT")),
        scheme=None,
    )


def _is_account(types: tuple[str, ...]) -> bool:
    return types == ("APPLICATION",)


def _amended(account: W7Account, branch: Characteristic) -> W7Account:
    """The account with the parms that the branch has; criteria follow a new subject."""
    return replace(
        account,
        addr=branch.value("ADDR") or account.addr,
        name=branch.value("NAME") or account.name,
        encoding=branch.value("DEFAULTENCODING") or account.encoding,
        criteria=branch.value("SSLCLIENTCERTSEARCHCRITERIA") or account.criteria,
    )
