"""What the device itself knows and its tree shows: settings, and what the enrolment has left.

``Facts`` has the values that the catalogue names with ``fact``; ``provisioned`` the nodes whose
names only the provisioning document knows (enrollment.md 9.2, 9.7). The DM account stands in
``account``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from mdmcore.csp import CspNode, find_csp
from mdmcore.enrollment.provisioning_view import AppManagement
from mdmcore.phone.certificate_store import HeldCertificate
from mdmcore.phone.schedule import RetrySet
from mdmcore.phone.schedule_branch import SET_NAMES
from mdmcore.phone.state import EnrolledPhone
from mdmcore.phone.tree.behaviour import Content
from mdmcore.phone.tree.paths import Names
from mdmcore.pki.asn1.name import DistinguishedName
from mdmcore.profiles import PollScheme

_CERTIFICATE_STORE = ("Vendor", "MSFT", "CertificateStore")
_APP_MANAGEMENT = ("Vendor", "MSFT", "EnterpriseAppManagement")
_POLL = ("first", "second", "remaining")


class Facts:
    """The values by name. A fact of which several nodes have their part is found by both."""

    def __init__(self, phone: EnrolledPhone, now: datetime) -> None:
        self._values: dict[str, str | None] = {
            **_device(phone, now),
            **_enrollment(phone),
            **_schedule(phone),
            **_lock(),
        }

    def value(self, node: CspNode) -> str | None:
        """The value for a node, ``None`` when the device knows none."""
        own = f"{node.fact}/{node.path[-1]}" if node.path else node.fact
        return self._values.get(own, self._values.get(node.fact))


def provisioned(phone: EnrolledPhone) -> Iterator[tuple[Names, Content | None]]:
    """Nodes with their content, ``None`` for an interior node."""
    if phone.hub is not None:
        yield (*_APP_MANAGEMENT, phone.hub.enterprise_id), None
    for held in phone.certificates:
        where = (*_CERTIFICATE_STORE, held.store, held.scope, held.certificate.thumbprint)
        for name, content in certificate_leaves(held).items():
            yield (*where, name), content


def certificate_leaves(held: HeldCertificate) -> Mapping[str, Content]:
    """What CertificateStore shows of a certificate; how it writes names and dates is [U]."""
    certificate = held.certificate
    return {
        "EncodedCertificate": certificate.der,
        "IssuedBy": _shown(certificate.issuer),
        "IssuedTo": _shown(certificate.subject),
        "ValidFrom": utc_text(certificate.not_before),
        "ValidTo": utc_text(certificate.not_after),
    }


def utc_text(time: datetime) -> str:
    """A time as DevDetail writes it (ISO 8601)."""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def _shown(name: DistinguishedName) -> str:
    return name.common_name or name.rfc4514()


def _device(phone: EnrolledPhone, now: datetime) -> dict[str, str | None]:
    settings = phone.settings
    device, limits = settings.device, settings.uri_limits
    given = {**device.usual_details, **settings.details}
    return {
        "zero": "0",
        "device_id": phone.management_id,
        "manufacturer": settings.manufacturer,
        "model": settings.model,
        "dm_version": device.dm_version,
        "language": settings.language,
        "device_type": device.device_type,
        "firmware_version": settings.firmware_version,
        "os_version": settings.os_version,
        "os_edition": settings.os_edition or None,
        "hardware_version": settings.hardware_version,
        "hardware_id": settings.hardware_id,
        "enrollment_type": settings.enrollment_type,
        "large_objects": "true" if device.takes_large_objects else "false",
        "max_uri_depth": str(limits.depth),
        "max_uri_length": str(limits.length),
        "max_segment_length": str(limits.segment),
        "resolution": settings.resolution,
        "processor_architecture": settings.processor_architecture,
        "processor_type": settings.processor_type,
        "os_platform": settings.os_platform,
        "device_name": settings.device_name,
        "local_time": utc_text(now),
        "wlan_mac": settings.mac_addresses[0] if settings.mac_addresses else None,
        **{name: value or None for name, value in given.items()},
    }


def _enrollment(phone: EnrolledPhone) -> dict[str, str | None]:
    state, renewal = phone.renewal_state, phone.renewal
    last = state.last_attempt
    return {
        "ent_device_name": phone.ent_device_name,
        "ent_dmid": phone.ent_dmid,
        "upn": phone.upn,
        "require_message_signing": "true" if phone.requires_message_signing else "false",
        "addr": phone.account.addr,
        **_certificate(phone),
        "renewal_status": str(int(state.status)),
        "renewal_error": str(state.error_code),
        "renewal_attempt": None if last is None else utc_text(last),
        "renew_period": str(renewal.period_days),
        "renew_retry_interval": str(renewal.retry_days),
        "robo_support": "true" if renewal.supports_robo else "false",
        "renew_server_url": renewal.server_url,
        "storage_disable": "False" if phone.device.has_card_slot else None,
        **_hub(phone.hub),
    }


def _hub(hub: AppManagement | None) -> dict[str, str | None]:
    if hub is None:
        return {}
    return {
        "enrollment_token": hub.enrollment_token,
        "store_product_id": hub.store_product_id,
        "store_uri": hub.store_uri,
        "certificate_search_criteria": hub.certificate_search_criteria,
        "crl_check": hub.crl_check,
    }


def _certificate(phone: EnrolledPhone) -> dict[str, str | None]:
    """The MDM certificate, and from when on it can be renewed, in OMA DM's form of ISO 8601."""
    found = phone.management_certificate().found
    if found is None:
        return {}
    begin = found.certificate.not_after - timedelta(days=phone.renewal.period_days)
    return {
        "cert_thumbprint": found.certificate.thumbprint,
        "cert_renew_time": f"{begin:%Y%m%dT%H%M%SZ}",
    }


def _schedule(phone: EnrolledPhone) -> dict[str, str | None]:
    """The schedule where the document has put it: in Poll or in the registry (9.5). Without one
    there is no Poll until the server adds it (DMClient CSP)."""
    facts: dict[str, str | None] = {}
    is_poll = phone.schedule.scheme is PollScheme.DM_CLIENT
    if phone.is_unenrolled or not phone.schedule.is_given:
        return facts
    names = SET_NAMES[PollScheme.REGISTRY]
    for name, (count, interval), one in zip(_POLL, names, phone.schedule.sets, strict=True):
        if is_poll:
            facts |= _pair(f"poll_{name}_count", f"poll_{name}_interval", one)
        else:
            facts |= _pair(f"retries/{count}", f"retries/{interval}", one)
    return facts


def _pair(count: str, interval: str, one: RetrySet) -> dict[str, str | None]:
    return {count: str(one.count), interval: str(one.interval)}


def _lock() -> dict[str, str | None]:
    """What is in force while nobody has set a policy: the defaults of DeviceLock."""
    csp = find_csp("./Vendor/MSFT/DeviceLock")
    nodes = () if csp is None else csp.nodes
    return {f"lock/{node.path[-1]}": node.default for node in nodes if node.default is not None}
