"""The first certificate: a CSR in, the provisioning document out (MS-WSTEP profile).

Sources: enrollment.md 7 to 9 (MS-MDE 3.4). Renewal stands in ``renewal``.
"""

from __future__ import annotations

import base64
import uuid

from mdmcore.enrollment.provisioning import ProvisioningDocument
from mdmcore.enrollment.provisioning_builder import build_wp8_document
from mdmcore.enrollment.provisioning_view import AppManagement
from mdmcore.enrollment.soap import Envelope
from mdmcore.enrollment.token import RequestSecurityToken
from mdmcore.namespaces import REQUEST_TYPE_ISSUE, VALUE_TYPE_PKCS10
from mdmcore.pki.authority import Authority
from mdmcore.pki.criteria import hub_criteria, ssl_client_criteria
from mdmcore.pki.csr import Pkcs10
from mdmcore.profiles import FEDERATED, ON_PREMISE, DeviceProfile
from mdmcore.records import Account
from mdmcore.server.certification_request import accepted_csr
from mdmcore.server.issued_certificate import make_certificate
from mdmcore.server.limits import device_cap_reached
from mdmcore.server.ports import Clock, Random, StateStore
from mdmcore.server.profile import profile_for
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
        account = self._new_account(username, token, call.envelope, profile, request_version)
        limits.check_device_count(profile, self._store.devices_beside(account))
        self._users.spend_token(call.envelope)
        now = self._clock()
        certificate = make_certificate(
            csr,
            self._settings,
            common_name=account.name,
            account=account.name,
            authority=self._authority,
            now=now,
            random=self._random,
        )
        document = self._provisioning_document(certificate.der, account, call.domain)
        if not self._store.enroll(account, certificate, device_cap=limits.device_cap):
            raise device_cap_reached(profile, limits.device_cap or 0)
        return token_answer(document, relates_to=call.envelope.message_id, now=now)

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
        return accepted_csr(token.token, minimal_key_length=self._settings.minimal_key_length)

    def _new_account(
        self,
        username: str,
        token: RequestSecurityToken,
        envelope: Envelope,
        profile: DeviceProfile,
        request_version: str,
    ) -> Account:
        name = str(uuid.UUID(bytes=self._random(16), version=4)).upper()
        is_federated = envelope.user_token is not None and FEDERATED in self._settings.auth_policies
        return Account(
            name=name,
            secret=self._new_secret(),
            scheme=self._settings.appsrv_scheme,
            server_secret=self._new_secret(),
            nonce_c2s=self._random(16),
            nonce_s2c=self._random(16),
            username=username,
            device_type=token.context_value("DeviceType") or "",
            request_version=request_version,
            enrolled=self._clock(),
            profile=profile.name,
            auth_policy=FEDERATED if is_federated else ON_PREMISE,
            ent_dmid=name,
            reported_device_id=token.context_value("DeviceID") or "",
            hardware_id=token.context_value("HWDevID") or "",
            certificate_store=str(profile.client_store),
        )

    def _new_secret(self) -> str:
        return base64.urlsafe_b64encode(self._random(18)).decode()

    def _provisioning_document(
        self, certificate: bytes, account: Account, domain: str
    ) -> ProvisioningDocument:
        settings = self._settings
        hub = None
        if settings.hub is not None:
            hub = AppManagement(
                enterprise_id=settings.hub.enterprise_id,
                enrollment_token=settings.hub.enrollment_token,
                store_product_id=settings.hub.product_id,
                store_uri=settings.hub_url(domain),
                store_name=settings.hub.name,
                certificate_search_criteria=hub_criteria(account.name),
                crl_check="0",
            )
        return build_wp8_document(
            root_certificate=self._authority.certificate,
            client_certificate=certificate,
            provider_id=settings.provider_id,
            name=settings.server_name,
            addr=settings.dm_url(domain),
            account=account,
            criteria=ssl_client_criteria(account.name),
            device_name=f"{account.username}'s phone",
            ent_dmid=account.ent_dmid,
            retry_schedule=settings.retry_schedule,
            renewal_period_days=settings.renewal_period_days,
            hub=hub,
        )
