"""Applying the provisioning document branch by branch, as the device does (enrollment.md 9).

A branch that fails here ends the enrolment. Mistakes that a device notices only later are kept
as they are: they bite at the first session (``readiness``) or at the hub.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.aetx import read_enterprise_id
from mdmcore.enrollment.provisioning import (
    Characteristic,
    ProvisioningDocument,
    parse_provisioning,
)
from mdmcore.enrollment.provisioning_view import (
    AppManagement,
    StoredCertificate,
    W7Account,
    app_management,
    certificates,
    dm_client,
    located,
    parm_path,
    w7_account,
)
from mdmcore.errors import ParseError, ProtocolError
from mdmcore.phone.certificate_store import HeldCertificate
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.settings import Caution, PhoneSettings
from mdmcore.phone.state import EnrolledPhone, RetrySets
from mdmcore.pki.certificate import Certificate, parse_certificate
from mdmcore.profiles import Store

_REGISTRY = "/wap-provisioningdoc/characteristic[@type='Registry']"
_COUNTS = ("AuxNumRetries", "NumRetries", "Aux2NumRetries")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrollment:
    """What the device brings to the document: its settings, its key, and the time."""

    settings: PhoneSettings
    key_sha256: str
    now: datetime


def apply_document(data: bytes, enrollment: Enrollment) -> EnrolledPhone:
    """The enrolled phone; Refusal(provisioning) when a branch fails."""
    document = _parse(data)
    settings = enrollment.settings
    held = _store_certificates(document, enrollment)
    account = _account(document)
    retries = _retries(document, settings)
    client = dm_client(document, account.provider_id)
    if Caution.PUSH_IN_DOCUMENT in settings.cautions:
        _refuse_push(document)
    appsrv, server = account.auth("APPSRV"), account.auth("CLIENT")
    return EnrolledPhone(
        settings=settings,
        key_sha256=enrollment.key_sha256,
        certificates=held,
        account=account,
        retries=retries,
        ent_dmid=None if client is None else client.ent_dmid,
        ent_device_name=None if client is None else client.ent_device_name,
        hub=_hub(document),
        enrolled=enrollment.now,
        nonce_c2s=None if appsrv is None else appsrv.nonce,
        nonce_s2c=None if server is None else server.nonce,
    )


def _parse(data: bytes) -> ProvisioningDocument:
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


# --- CertificateStore (9.2) ---------------------------------------------------------------------


def _store_certificates(
    document: ProvisioningDocument, enrollment: Enrollment
) -> tuple[HeldCertificate, ...]:
    held = tuple(_held(stored, enrollment) for stored in certificates(document))
    if not any(entry.store == "My" for entry in held):
        raise Refusal(
            "no certificate to bind the key to (0x80180024)",
            step=Step.PROVISIONING,
            place="/wap-provisioningdoc/characteristic[@type='CertificateStore']"
            "/characteristic[@type='My']/characteristic[@type='User']",
        )
    cautions = enrollment.settings.cautions
    if Caution.PRIVATE_KEY_CONTAINER in cautions:
        _need_key_container(document)
    if Caution.CA_COUNT in cautions:
        _refuse_many_authorities(held)
    return held


def _held(stored: StoredCertificate, enrollment: Enrollment) -> HeldCertificate:
    stores = enrollment.settings.device.certificate_stores
    binds = stores.get(Store(store=stored.store, scope=stored.scope))
    if binds is None:
        known = ", ".join(map(str, stores))
        raise Refusal(
            f"there is no such certificate store (0x8018001E), only {known}",
            step=Step.PROVISIONING,
            place=stored.path,
            evidence=f"{stored.store}/{stored.scope}",
        )
    certificate = _certificate(stored)
    if certificate.thumbprint != stored.thumbprint:
        raise Refusal(
            f"the name is not the certificate's thumbprint {certificate.thumbprint} (0x8018001E)",
            step=Step.PROVISIONING,
            place=stored.path,
            evidence=stored.thumbprint,
        )
    return HeldCertificate(
        store=stored.store,
        scope=stored.scope,
        certificate=certificate,
        has_key=binds and certificate.spki_sha256 == enrollment.key_sha256,
    )


def _certificate(stored: StoredCertificate) -> Certificate:
    place = parm_path(stored.path, "EncodedCertificate")
    has_blanks = any(character.isspace() for character in stored.text)
    der = None if has_blanks else decode_base64(stored.text)
    if der is None:
        raise Refusal(
            "EncodedCertificate is not one line of base64 (0x8018001E)",
            step=Step.PROVISIONING,
            place=place,
            evidence=stored.text[:60],
        )
    try:
        return parse_certificate(der)
    except ParseError as error:
        raise Refusal(
            f"EncodedCertificate is not a certificate: {error} (0x8018001E)",
            step=Step.PROVISIONING,
            place=place,
            evidence=stored.text[:60],
        ) from None


def _need_key_container(document: ProvisioningDocument) -> None:
    for path, branch in document.walk():
        if path[:1] == ("CertificateStore",) and branch.type == "PrivateKeyContainer":
            return
    raise Refusal(
        "no PrivateKeyContainer beside the client certificate",
        step=Step.PROVISIONING,
        place="/wap-provisioningdoc/characteristic[@type='CertificateStore']"
        "/characteristic[@type='My']/characteristic[@type='User']",
    )


def _refuse_many_authorities(held: tuple[HeldCertificate, ...]) -> None:
    for store in ("Root", "CA"):
        count = sum(entry.store == store for entry in held)
        if count > 1:
            raise Refusal(
                f"{count} certificates in {store}, the device takes one",
                step=Step.PROVISIONING,
                place="/wap-provisioningdoc/characteristic[@type='CertificateStore']"
                f"/characteristic[@type='{store}']",
                evidence=str(count),
            )


# --- APPLICATION (9.3) --------------------------------------------------------------------------


def _account(document: ProvisioningDocument) -> W7Account:
    account = w7_account(document)
    if account is None:
        found = w7_account(document, ignore_case=True)
        near = "" if found is None else ", only one in other letters (names are upper-case)"
        raise Refusal(
            f"no APPLICATION with APPID w7{near} (0x8018001F)",
            step=Step.PROVISIONING,
            place="/wap-provisioningdoc/characteristic[@type='APPLICATION']",
            evidence="" if found is None else found.path,
        )
    for name, value, place in (
        ("PROVIDER-ID", account.provider_id, parm_path(account.path, "PROVIDER-ID")),
        ("ADDR", account.addr, account.addr_path),
    ):
        if not value:
            raise Refusal(
                f"the DM account has no {name} (0x8018001F)", step=Step.PROVISIONING, place=place
            )
    branch = next(found for _types, path, found in located(document) if path == account.path)
    if branch.parm("INIT") is not None:
        raise Refusal(
            "INIT is for operators, the device refuses it here (0x8018001F)",
            step=Step.PROVISIONING,
            place=parm_path(account.path, "INIT"),
        )
    return account


# --- Registry and DMClient (9.5, 9.6) -----------------------------------------------------------


def _retries(document: ProvisioningDocument, settings: PhoneSettings) -> RetrySets:
    """The schedule; a value of another key or without datatype integer does not count."""
    device = settings.device
    branch = document.find("Registry", device.retry_key)
    given = {} if branch is None else _integers(branch)
    if all(given.get(name) == 0 for name in _COUNTS):
        raise Refusal(
            "all three retry counts are 0: the schedule cannot be configured",
            step=Step.PROVISIONING,
            place=f"{_REGISTRY}/characteristic[@type='{device.retry_key}']",
            evidence="0, 0, 0",
        )
    values = {**device.default_retries, **given}
    return RetrySets(
        aux_num_retries=values["AuxNumRetries"],
        aux_retry_interval=values["AuxRetryInterval"],
        num_retries=values["NumRetries"],
        retry_interval=values["RetryInterval"],
        aux2_num_retries=values["Aux2NumRetries"],
        aux2_retry_interval=values["Aux2RetryInterval"],
    )


def _integers(branch: Characteristic) -> dict[str, int]:
    found = {}
    for parm in branch.parms:
        text = (parm.value or "").strip()
        if parm.datatype == "integer" and text.isascii() and text.isdigit() and len(text) < 11:
            found[parm.name] = int(text)
    return found


def _refuse_push(document: ProvisioningDocument) -> None:
    for path, _branch in document.walk():
        if len(path) == 4 and path[0] == "DMClient" and path[3] == "Push":
            raise Refusal(
                "Push cannot be configured in the document (0x80180020)",
                step=Step.PROVISIONING,
                place="/".join(path),
            )


# --- EnterpriseAppManagement (9.7) --------------------------------------------------------------


def _hub(document: ProvisioningDocument) -> AppManagement | None:
    hub = app_management(document)
    if hub is None:
        return None
    aet = decode_base64(hub.enrollment_token or "")
    if not aet or read_enterprise_id(aet) is None:
        raise Refusal(
            "EnrollmentToken holds no application enrolment token (0x80180025)",
            step=Step.PROVISIONING,
            place=parm_path(hub.path, "EnrollmentToken"),
            evidence=(hub.enrollment_token or "(none)")[:40],
        )
    return hub
