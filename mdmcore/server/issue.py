"""The first certificate: a CSR in, the provisioning document out (MS-WSTEP profile).

Sources: enrollment.md 7 to 9 (MS-MDE 3.4). Renewal stands in ``renewal``.
"""

from __future__ import annotations

import base64
from datetime import datetime

from mdmcore.enrollment.soap import Envelope
from mdmcore.enrollment.token import RequestSecurityToken
from mdmcore.namespaces import REQUEST_TYPE_ISSUE, VALUE_TYPE_PKCS10
from mdmcore.pki.authority import Authority
from mdmcore.pki.csr import Pkcs10
from mdmcore.profiles import FEDERATED, ON_PREMISE, DeviceProfile
from mdmcore.records import Account, IssuedCertificate, PlannedJob
from mdmcore.server.certificates import Applicant, issue_for, new_applicant, until_recorded
from mdmcore.server.certification_request import accepted_csr
from mdmcore.server.limits import device_cap_reached
from mdmcore.server.planning import plan_jobs, recipe_context
from mdmcore.server.ports import Clock, Random, StateStore
from mdmcore.server.profile import profile_for
from mdmcore.server.provisioning import (
    EnrollingDevice,
    describe_device,
    provisioning_document,
)
from mdmcore.server.refusal import Refusal
from mdmcore.server.settings import ServerSettings
from mdmcore.server.soap_service import SoapCall
from mdmcore.server.token_answer import token_answer
from mdmcore.server.user_authentication import UserAuthentication


class IssueService:
    """Answers RequestSecurityToken of RequestType Issue."""

    def __init__(
        self,
        settings: ServerSettings,
        *,
        authority: Authority,
        store: StateStore,
        clock: Clock,
        random: Random,
        users: UserAuthentication,
    ) -> None:
        self._settings = settings
        self._authority = authority
        self._store = store
        self._clock = clock
        self._random = random
        self._users = users

    def issue(self, call: SoapCall, token: RequestSecurityToken) -> bytes:
        """The RSTRC; certificate and account are stored before this returns."""
        limits = self._settings.limits
        username = self._users.authenticate(call.envelope)
        profile, request_version = self._device_of(username, token)
        limits.check_maintenance(profile)
        limits.check_device(
            profile,
            device_type=token.context_value("DeviceType") or "",
            application_version=token.context_value("ApplicationVersion") or "",
        )
        csr = self._checked_csr(token)
        device = describe_device(profile, self._auth_policy(call.envelope), token)
        applicant = new_applicant(username, token.context_value("DeviceType") or "", self._random)
        account = self._new_account(applicant, token, device, request_version)
        limits.check_device_count(profile, self._store.devices_beside(account))
        self._users.spend_token(call.envelope)
        now = self._clock()
        jobs = self._first_jobs(account, token, call.domain)
        certificate = until_recorded(
            lambda: self._record(applicant, account, csr, device, jobs, now)
        )
        document = provisioning_document(
            self._settings,
            account,
            certificate=certificate.der,
            authority=self._authority,
            domain=call.domain,
            device=device,
        )
        return token_answer(document, relates_to=call.envelope.message_id, now=now)

    def _record(
        self,
        applicant: Applicant,
        account: Account,
        csr: Pkcs10,
        device: EnrollingDevice,
        jobs: tuple[PlannedJob, ...],
        now: datetime,
    ) -> IssuedCertificate:
        """Certificate, account and jobs, stored; a Refusal when the user has too many devices."""
        certificate = issue_for(
            applicant,
            csr,
            self._settings,
            authority=self._authority,
            now=now,
            random=self._random,
        )
        cap = self._settings.limits.device_cap
        if not self._store.enroll(account, certificate, device_cap=cap, jobs=jobs):
            raise device_cap_reached(device.profile, cap or 0)
        return certificate

    def _first_jobs(
        self, account: Account, token: RequestSecurityToken, domain: str
    ) -> tuple[PlannedJob, ...]:
        """What waits for the device's first session."""
        if not self._settings.jobs:
            return ()
        context = recipe_context(
            self._settings.facts(domain),
            profile=account.profile,
            version=token.context_value("ApplicationVersion") or "",
            random=self._random,
        )
        return plan_jobs(self._settings.jobs, context)

    def _auth_policy(self, envelope: Envelope) -> str:
        is_federated = envelope.user_token is not None and FEDERATED in self._settings.auth_policies
        return FEDERATED if is_federated else ON_PREMISE

    def _device_of(self, username: str, token: RequestSecurityToken) -> tuple[DeviceProfile, str]:
        """The generation of the device, and the RequestVersion of its Discover."""
        discovered = self._store.discovery(username)
        request_version = discovered.request_version if discovered else ""
        profile = profile_for(
            device_type=token.context_value("DeviceType") or "",
            request_version=request_version,
            application_version=token.context_value("ApplicationVersion") or "",
            default=self._settings.profile,
        )
        return profile, request_version

    def _checked_csr(self, token: RequestSecurityToken) -> Pkcs10:
        if token.request_type != REQUEST_TYPE_ISSUE:
            raise Refusal("CertificateRequest", f"RequestType {token.request_type!r} is not served")
        if token.value_type != VALUE_TYPE_PKCS10:
            raise Refusal("CertificateRequest", f"ValueType {token.value_type!r} is not #PKCS10")
        return accepted_csr(token.token, self._settings)

    def _new_account(
        self,
        applicant: Applicant,
        token: RequestSecurityToken,
        device: EnrollingDevice,
        request_version: str,
    ) -> Account:
        return Account(
            name=applicant.guid,
            secret=self._new_secret(),
            scheme=self._settings.appsrv_scheme,
            server_secret=self._new_secret(),
            nonce_c2s=self._random(16),
            nonce_s2c=self._random(16),
            username=applicant.username,
            device_type=applicant.device_type,
            request_version=request_version,
            enrolled=self._clock(),
            profile=device.profile.name,
            auth_policy=device.auth_policy,
            ent_dmid=applicant.guid,
            reported_device_id=token.context_value("DeviceID") or "",
            hardware_id=token.context_value("HWDevID") or "",
            certificate_store=str(device.client_store),
        )

    def _new_secret(self) -> str:
        return base64.urlsafe_b64encode(self._random(18)).decode()
