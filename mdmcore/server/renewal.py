"""Renewal: a CSR for a new key, signed with the present certificate, gets a new certificate.

Sources: enrollment.md 10 and 11 (MS-MDE 3.5, L-Renew). A manual renewal has the user's password,
too, a silent one (ROBO) may have a header without; where the connection showed a client certificate
it must be the signer's. Each request is answered once. The certificate before stays good until its
end: when the answer is lost, the device signs again with it, for another key.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from mdmcore.enrollment.token import RequestSecurityToken
from mdmcore.pki.authority import Authority
from mdmcore.pki.certificate import Certificate
from mdmcore.pki.cms import SignedData
from mdmcore.pki.csr import Pkcs10
from mdmcore.profiles import DeviceProfile, device_profile
from mdmcore.records import IssuedCertificate
from mdmcore.server.certificate_holder import CertificateHolders, Holder, shown_certificate
from mdmcore.server.certificates import reissue, until_recorded
from mdmcore.server.certification_request import accepted_csr
from mdmcore.server.ports import Clock, Random, StateStore
from mdmcore.server.profile import profile_for
from mdmcore.server.refusal import Refusal, refusal_for
from mdmcore.server.renewal_document import NewAuthorities, renewal_document
from mdmcore.server.renewal_token import signed_request, verified_signer
from mdmcore.server.settings import ServerSettings
from mdmcore.server.soap_service import SoapCall
from mdmcore.server.token_answer import token_answer
from mdmcore.server.user_authentication import UserAuthentication


class RenewalService:
    """Answers RequestSecurityToken of RequestType Renew."""

    def __init__(
        self,
        settings: ServerSettings,
        *,
        authority: Authority,
        store: StateStore,
        clock: Clock,
        random: Random,
        users: UserAuthentication,
        holders: CertificateHolders,
    ) -> None:
        self._settings = settings
        self._authority = authority
        self._store = store
        self._clock = clock
        self._random = random
        self._users = users
        self._holders = holders

    def renew(self, call: SoapCall, token: RequestSecurityToken) -> bytes:
        """The RSTRC; the new certificate is stored before this returns."""
        now = self._clock()
        profile = self._told_profile(token)
        self._settings.limits.check_maintenance(profile)
        signed = signed_request(token)
        signer = verified_signer(signed, authority=self._authority.parsed, at=now, profile=profile)
        holder = self._holders.of(signer)
        if holder is None:
            raise _not_eligible(profile, "the signer's certificate is not one of an enrolment here")
        profile = device_profile(holder.account.profile or profile.name)
        self._check_connection(call, signer)
        self._check_user(call, holder)
        self._check_eligible(holder, profile, now)
        csr = self._new_request(signed)
        self._users.spend_token(call.envelope)
        certificate = until_recorded(lambda: self._issue(csr, holder, signed, now))
        document = renewal_document(
            certificate,
            store=_store_of(holder, profile),
            profile=profile,
            provider_id=self._settings.provider_id,
            authorities=self._new_authorities(holder),
        )
        return token_answer(document, relates_to=call.envelope.message_id, now=now)

    def _told_profile(self, token: RequestSecurityToken) -> DeviceProfile:
        """What the request itself tells, until the account is known."""
        return profile_for(
            device_type=token.context_value("DeviceType") or "",
            request_version="",
            application_version=token.context_value("ApplicationVersion") or "",
            default=self._settings.profile,
        )

    def _check_connection(self, call: SoapCall, signer: Certificate) -> None:
        shown = shown_certificate(call.tls)
        if shown is not None and shown != signer.der:
            raise Refusal(
                "Authentication",
                "the client certificate of the connection is not the one that signed the request",
            )
        is_silent = not self._users.has_credentials(call.envelope)
        if shown is None and is_silent and self._settings.require_client_tls:
            raise Refusal(
                "InvalidSecurity",
                "a silent renewal needs a connection with the present client certificate; this "
                "one had none, or one that could not be parsed",
            )

    def _check_user(self, call: SoapCall, holder: Holder) -> None:
        """Who gives a proof of the user must be the user who enrolled; a silent one gives none."""
        if not self._users.has_credentials(call.envelope):
            return
        username = self._users.authenticate(call.envelope)
        if username.casefold() != holder.account.username.casefold():
            raise Refusal("Authorization", f"{username!r} is not the user who enrolled this device")

    def _check_eligible(self, holder: Holder, profile: DeviceProfile, now: datetime) -> None:
        problem = holder.problem
        if problem is not None:
            raise _not_eligible(profile, problem)
        if not holder.account.ent_dmid:
            raise _not_eligible(profile, "the device was given no EntDMID, which a renewal needs")
        begin = holder.certificate.not_after - timedelta(days=self._settings.renewal_period_days)
        if now < begin:
            raise _not_eligible(profile, f"the renewal period begins on {begin:%Y-%m-%d %H:%M} UTC")

    def _new_request(self, signed: SignedData) -> Pkcs10:
        """The CSR inside, which must not have been seen before."""
        if self._store.is_renewal_answered(_digest(signed)):
            raise Refusal("CertificateRequest", "this very request has been answered before")
        csr = accepted_csr(signed.content or b"", self._settings)
        if self._store.is_key_certified(csr.spki_sha256):
            raise Refusal("CertificateRequest", "the CSR's key has a certificate already")
        return csr

    def _issue(
        self, csr: Pkcs10, holder: Holder, signed: SignedData, now: datetime
    ) -> IssuedCertificate:
        certificate = reissue(
            csr,
            self._settings,
            old=holder.certificate,
            authority=self._authority,
            now=now,
            random=self._random,
        )
        digest = _digest(signed)
        if not self._store.renew(certificate, signer=holder.certificate.serial, digest=digest):
            raise Refusal("CertificateRequest", "another request of the device was faster")
        return certificate

    def _new_authorities(self, holder: Holder) -> NewAuthorities:
        """The CA's certificates, if the device was not given this CA."""
        if holder.certificate.issuer_thumbprint == self._authority.parsed.thumbprint:
            return NewAuthorities()
        authority = self._authority
        return NewAuthorities(root=authority.root, intermediate=authority.intermediate)


def _not_eligible(profile: DeviceProfile, reason: str) -> Refusal:
    return refusal_for(profile, "Authorization", reason, error_type="NotEligibleToRenew")


def _digest(signed: SignedData) -> str:
    return hashlib.sha256(signed.der).hexdigest()


def _store_of(holder: Holder, profile: DeviceProfile) -> tuple[str, str]:
    """Store and scope of the certificate before, where the device keeps its key."""
    chosen = holder.account.certificate_store or str(profile.client_store)
    name, _, scope = chosen.partition("/")
    return name, scope
