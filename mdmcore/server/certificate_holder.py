"""Whose certificate it is: from a certificate of ours to the enrolment that stands on it.

An enrolment stands on its present certificate, and on the one before until the present one was
renewed: an answer that got lost leaves the device with the old one (enrollment.md 10).
"""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.errors import MdmError
from mdmcore.http import TlsFacts
from mdmcore.pki.certificate import Certificate, parse_certificate
from mdmcore.records import Account, AccountStatus, IssuedCertificate
from mdmcore.server.ports import Clock, StateStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A certificate that was issued here, and the account that it was issued for."""

    certificate: IssuedCertificate
    account: Account

    @property
    def problem(self) -> str | None:
        """Why the enrolment does not stand on this certificate any more; ``None``: it does."""
        account = self.account
        if account.status is not AccountStatus.ENROLLED:
            return f"the device is {account.status}"
        return self.certificate_problem

    @property
    def certificate_problem(self) -> str | None:
        """The same of the certificate alone: a device that was told to leave still has it."""
        account, certificate = self.account, self.certificate
        if certificate.revoked is not None:
            return f"the certificate was revoked on {certificate.revoked:%Y-%m-%d}"
        if certificate.serial not in {account.certificate_serial, account.previous_serial}:
            return "a later certificate has taken the place of this one"
        return None


class CertificateHolders:
    """Finds holders."""

    def __init__(self, *, store: StateStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def of(self, certificate: Certificate) -> Holder | None:
        """The holder of a certificate, octet by octet the one issued here; else ``None``."""
        issued = self._store.certificate(certificate.serial)
        if issued is None or issued.der != certificate.der:
            return None
        account = self._store.enrolled_account(issued.account)
        return None if account is None else Holder(certificate=issued, account=account)

    def on_connection(self, tls: TlsFacts | None) -> Holder | None:
        """The holder of the valid client certificate that a connection showed.

        ``None`` also where it showed none, or one that could not be parsed.
        """
        holder = self._shown(tls)
        return None if holder is None or holder.problem is not None else holder

    def enrolment_on(self, tls: TlsFacts | None) -> Account | None:
        """The account whose valid certificate the connection showed, on its way out or not."""
        holder = self._shown(tls)
        if holder is None or holder.certificate_problem is not None:
            return None
        return holder.account

    def _shown(self, tls: TlsFacts | None) -> Holder | None:
        shown = shown_certificate(tls)
        try:
            holder = None if shown is None else self.of(parse_certificate(shown))
        except MdmError:
            return None
        if holder is None or self._clock() > holder.certificate.not_after:
            return None
        return holder


def shown_certificate(tls: TlsFacts | None) -> bytes | None:
    """The client certificate (DER) of a connection; ``None``: none, or unparsable."""
    return tls.client_certificates[0] if tls is not None and tls.client_certificates else None
