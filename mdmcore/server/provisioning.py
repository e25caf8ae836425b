"""The provisioning document for one enrolment: settings, account and certificate put together.

What a generation of devices gets of it is decided by its profile (``provisioning_form``); search
criteria are made from the certificate that was issued (enrollment.md 9.4).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from mdmcore.enrollment.provisioning import ProvisioningDocument, serialize_provisioning
from mdmcore.enrollment.provisioning_builder import build_document
from mdmcore.enrollment.provisioning_model import (
    Application,
    CertificateStore,
    DeviceCredential,
    DmClientBranch,
    Provisioning,
    Registry,
    Renew,
    ServerCredential,
)
from mdmcore.enrollment.provisioning_view import AppManagement
from mdmcore.enrollment.token import RequestSecurityToken
from mdmcore.errors import ConfigError
from mdmcore.pki.asn1.name import DistinguishedName, parse_name
from mdmcore.pki.authority import Authority
from mdmcore.pki.certificate import parse_certificate
from mdmcore.pki.criteria import hub_criteria_of, ssl_client_criteria_of
from mdmcore.pki.subject import PLACEHOLDERS as SUBJECT_PLACEHOLDERS
from mdmcore.profiles import ON_PREMISE, PROFILES, DeviceProfile, Store
from mdmcore.records import Account, AuthScheme
from mdmcore.server.settings import ServerSettings

NAME_PLACEHOLDERS = ("guid", "username", "device_type", "device_name")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollingDevice:
    """What is known of a device when its document is made."""

    profile: DeviceProfile
    auth_policy: str = ON_PREMISE
    device_name: str = ""
    is_device_enrollment: bool = False

    @property
    def client_store(self) -> Store:
        """Where its certificate goes."""
        profile = self.profile
        return profile.device_client_store if self.is_device_enrollment else profile.client_store


def describe_device(
    profile: DeviceProfile, auth_policy: str, token: RequestSecurityToken
) -> EnrollingDevice:
    """The device behind a request that was authenticated by that AuthPolicy."""
    enrollment_type = token.context_value("EnrollmentType") or ""
    return EnrollingDevice(
        profile=profile,
        auth_policy=auth_policy,
        device_name=(token.context_value("DeviceName") or "").strip(),
        is_device_enrollment=enrollment_type.strip().lower() == "device",
    )


def provisioning_document(
    settings: ServerSettings,
    account: Account,
    *,
    certificate: bytes,
    authority: Authority,
    domain: str,
    device: EnrollingDevice,
) -> ProvisioningDocument:
    """The document for the device; ConfigError for settings that cannot be used."""
    certificates = CertificateStore(
        client=certificate,
        root=authority.root,
        intermediate=authority.intermediate,
        renew=_renew(settings, domain),
    )
    subject = parse_certificate(certificate).subject
    content = _content(settings, account, certificates, subject, domain=domain, device=device)
    return _built(content, device)


def check_documents(settings: ServerSettings) -> None:
    """Make a document for each profile, so that what cannot be written is known at the start.

    Raises ConfigError or XmlError.
    """
    certificates = CertificateStore(
        client=b"client", root=b"root", renew=settings.provisioning.renewal
    )
    account = Account(
        name="name",
        secret="secret",
        scheme=settings.appsrv_scheme,
        server_secret="secret",
        nonce_c2s=b"nonce",
        nonce_s2c=b"nonce",
    )
    subject = parse_name(settings.subject.subject(dict.fromkeys(SUBJECT_PLACEHOLDERS, "XX")))
    for profile in PROFILES.values():
        device = EnrollingDevice(profile=profile)
        domain = settings.domains[0]
        content = _content(settings, account, certificates, subject, domain=domain, device=device)
        serialize_provisioning(_built(content, device))


def check_name_template(template: str) -> None:
    """Raises ConfigError for a placeholder that is none of ``NAME_PLACEHOLDERS``."""
    for placeholder in _PLACEHOLDER.findall(template):
        if placeholder not in NAME_PLACEHOLDERS:
            known = ", ".join(f"{{{each}}}" for each in NAME_PLACEHOLDERS)
            raise ConfigError(f"no placeholder {{{placeholder[:40]}}}; there is: {known}")


def _renew(settings: ServerSettings, domain: str) -> Renew:
    """The renewal's settings; where it begins is said when it must be another host."""
    renew = settings.provisioning.renewal
    return replace(renew, server_url=renew.server_url or settings.renewal_server_url(domain) or "")


def _built(content: Provisioning, device: EnrollingDevice) -> ProvisioningDocument:
    return build_document(
        device.profile,
        content,
        auth_policy=device.auth_policy,
        is_device_enrollment=device.is_device_enrollment,
    )


def _content(
    settings: ServerSettings,
    account: Account,
    certificates: CertificateStore,
    subject: DistinguishedName,
    *,
    domain: str,
    device: EnrollingDevice,
) -> Provisioning:
    chosen = settings.provisioning
    names = {
        "guid": account.name,
        "username": account.username,
        "device_type": account.device_type,
        "device_name": device.device_name,
    }
    return Provisioning(
        certificates=certificates,
        application=_application(
            settings, account, domain=domain, criteria=ssl_client_criteria_of(subject)
        ),
        registry=Registry(renewal_period=chosen.renewal.renew_period, retries=chosen.retries),
        dm_client=DmClientBranch(
            ent_device_name=_filled(chosen.device_name, names),
            ent_dmid=account.ent_dmid or account.name,
            upn=_upn(chosen.upn, names),
            management_server_address_list=chosen.management_server_address_list,
            requires_message_signing=settings.require_message_signing,
            parms=chosen.dm_client_parms,
            poll=chosen.poll,
        ),
        app_management=_app_management(settings, domain, criteria=hub_criteria_of(subject)),
        extra=chosen.extra,
    )


def _application(
    settings: ServerSettings, account: Account, *, domain: str, criteria: str
) -> Application:
    return Application(
        provider_id=settings.provider_id,
        name=settings.server_name,
        addr=settings.dm_url(domain),
        criteria=criteria,
        server_credential=ServerCredential(
            secret=account.server_secret or "", nonce=account.nonce_s2c
        ),
        device_credential=DeviceCredential(
            name=account.name,
            secret=account.secret,
            scheme=account.scheme,
            nonce=b"" if account.scheme is AuthScheme.BASIC else account.nonce_c2s,
        ),
        parms=settings.provisioning.application,
    )


def _app_management(
    settings: ServerSettings, domain: str, *, criteria: str
) -> AppManagement | None:
    hub = settings.hub
    if hub is None:
        return None
    return AppManagement(
        enterprise_id=hub.enterprise_id,
        enrollment_token=hub.enrollment_token,
        store_product_id=hub.product_id,
        store_uri=settings.hub_url(domain),
        store_name=hub.name,
        certificate_search_criteria=criteria,
        crl_check=str(int(hub.crl_check)),
    )


def _upn(template: str, names: Mapping[str, str]) -> str:
    """A user principal name, ``user@domain``; empty for a user who has none."""
    upn = _filled(template, names)
    return upn if "@" in upn else ""


def _filled(template: str, names: Mapping[str, str]) -> str:
    """The template with its placeholders replaced; others stay as they are."""
    return _PLACEHOLDER.sub(lambda match: names.get(match[1], match[0]), template)
