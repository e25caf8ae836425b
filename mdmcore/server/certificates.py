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
from mdmcore.pki.certificate import parse_certificate
from mdmcore.pki.csr import Pkcs10
from mdmcore.records import IssuedCertificate
from mdmcore.server.ports import Random
from mdmcore.server.refusal import Refusal
from mdmcore.server.settings import ServerSettings

_ATTEMPTS = 3
"""159 random bits hardly ever meet; a source of randomness that repeats itself would."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Whom a certificate is for; ``guid`` is unique, upper-case, without braces."""

    guid: str
    username: str
    device_type: str


def new_applicant(username: str, device_type: str, random: Random) -> Applicant:
    """The applicant of a new enrolment."""
    guid = str(uuid.UUID(bytes=random(16), version=4)).upper()
    return Applicant(guid=guid, username=username, device_type=device_type)


def issue_for(
    applicant: Applicant,
    csr: Pkcs10,
    settings: ServerSettings,
    *,
    authority: Authority,
    now: datetime,
    random: Random,
) -> IssuedCertificate:
    """The certificate of a new enrolment, its account named by the applicant's ``guid``.

    Not stored yet. Raises Refusal when the subject cannot be, or the CA has ended.
    """
    serial = random_serial(random)
    values = {
        "guid": applicant.guid,
        "username": applicant.username,
        "device_type": applicant.device_type,
        "serial": f"{serial:X}",
    }
    try:
        subject = settings.subject.subject(values)
    except ConfigError as error:
        raise Refusal("CertificateRequest", str(error)) from None
    request = _Request(csr=csr, subject=subject, serial=serial, account=applicant.guid)
    return _issue(request, settings, authority=authority, now=now)


def reissue(
    csr: Pkcs10,
    settings: ServerSettings,
    *,
    old: IssuedCertificate,
    authority: Authority,
    now: datetime,
    random: Random,
) -> IssuedCertificate:
    """The next certificate of the same account, with the subject of the one before.

    The search criteria that the device has still match it. Errors of ``issue_for``.
    """
    subject = parse_certificate(old.der).subject.raw
    serial = random_serial(random)
    request = _Request(csr=csr, subject=subject, serial=serial, account=old.account)
    return _issue(request, settings, authority=authority, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    csr: Pkcs10
    subject: bytes
    serial: int
    account: str


def _issue(
    request: _Request, settings: ServerSettings, *, authority: Authority, now: datetime
) -> IssuedCertificate:
    try:
        der = issue_certificate(
            request.csr,
            authority=authority,
            subject=request.subject,
            now=now,
            serial=request.serial,
            lifetime=settings.certificate_lifetime,
            backdate=settings.certificate_backdate,
        )
    except ConfigError as error:
        raise Refusal("CertificateRequest", str(error)) from None
    made = parse_certificate(der)
    return IssuedCertificate(
        serial=made.serial,
        subject_cn=made.subject.common_name or request.account,
        thumbprint=made.thumbprint,
        der=der,
        spki_sha256=made.spki_sha256,
        issued=now,
        not_after=made.not_after,
        account=request.account,
        issuer_thumbprint=authority.parsed.thumbprint,
    )


def until_recorded[T](enroll: Callable[[], T]) -> T:
    """What ``enroll`` gives; it is run again when the store has that serial number already."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return enroll()
        except AlreadyRecorded:
            continue
    return enroll()
