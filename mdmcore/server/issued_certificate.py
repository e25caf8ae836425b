"""Making a device certificate by the settings, together with the record that is kept of it."""

from __future__ import annotations

from datetime import datetime

from mdmcore.pki.authority import Authority, issue_device_certificate, random_serial
from mdmcore.pki.certificate import parse_certificate
from mdmcore.pki.csr import Pkcs10
from mdmcore.records import IssuedCertificate
from mdmcore.server.ports import Random
from mdmcore.server.settings import ServerSettings


def make_certificate(
    csr: Pkcs10,
    settings: ServerSettings,
    *,
    common_name: str,
    account: str,
    authority: Authority,
    now: datetime,
    random: Random,
) -> IssuedCertificate:
    """A certificate for the request's key, for the account of that name; not yet stored."""
    der = issue_device_certificate(
        csr,
        authority=authority,
        common_name=common_name,
        now=now,
        serial=random_serial(random),
        lifetime=settings.certificate_lifetime,
    )
    made = parse_certificate(der)
    return IssuedCertificate(
        serial=made.serial,
        subject_cn=common_name,
        thumbprint=made.thumbprint,
        der=der,
        spki_sha256=made.spki_sha256,
        issued=now,
        not_after=made.not_after,
        account=account,
        issuer_thumbprint=authority.parsed.thumbprint,
    )
