"""Issuing device certificates: subject by the settings' template, a serial number not used yet.

Sources: enrollment.md 8.2. What the subject cannot hold refuses the request; the CA stands in
``mdmcore.pki.authority``.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mdmcore.errors import AlreadyRecorded, ConfigError
from mdmcore.pki.authority import Authority, issue_certificate, random_serial
from mdmcore.pki.csr import Pkcs10
from mdmcore.server.ports import Random
from mdmcore.server.refusal import Refusal
from mdmcore.server.settings import ServerSettings

_ATTEMPTS = 3
"""159 random bits hardly ever meet; a source of randomness that repeats itself would."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whom a certificate is for; ``guid`` is unique, upper-case, without braces."""

    guid: str
    username: str
    device_type: str


def new_holder(username: str, device_type: str, random: Random) -> Holder:
    """The holder of a new enrolment."""
    guid = str(uuid.UUID(bytes=random(16), version=4)).upper()
    return Holder(guid=guid, username=username, device_type=device_type)


def issue_for(
    holder: Holder,
    csr: Pkcs10,
    settings: ServerSettings,
    *,
    authority: Authority,
    now: datetime,
    random: Random,
) -> bytes:
    """The certificate (DER). Raises Refusal when the subject cannot be, or the CA has ended."""
    serial = random_serial(random)
    values = {
        "guid": holder.guid,
        "username": holder.username,
        "device_type": holder.device_type,
        "serial": f"{serial:X}",
    }
    try:
        return issue_certificate(
            csr,
            authority=authority,
            subject=settings.subject.subject(values),
            now=now,
            serial=serial,
            lifetime=settings.certificate_lifetime,
            backdate=settings.certificate_backdate,
        )
    except ConfigError as error:
        raise Refusal("CertificateRequest", str(error)) from None


def until_recorded[T](enroll: Callable[[], T]) -> T:
    """What ``enroll`` gives; it is run again when the store has that serial number already."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return enroll()
        except AlreadyRecorded:
            continue
    return enroll()
