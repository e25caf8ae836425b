"""The first certificate: a CSR in, the provisioning document out (MS-WSTEP profile).

Sources: enrollment.md 7 to 9 (MS-MDE 3.4). Renewal stands in ``renewal``.
"""

from __future__ import annotations

import base64
import uuid
from datetime import timedelta

from mdmcore.enrollment.provisioning import serialize_provisioning
from mdmcore.enrollment.provisioning_builder import build_wp8_document
from mdmcore.enrollment.provisioning_view import AppManagement
from mdmcore.enrollment.token import RequestSecurityToken, parse_rst, serialize_rstrc
from mdmcore.namespaces import REQUEST_TYPE_ISSUE, VALUE_TYPE_PKCS10
from mdmcore.pki.authority import Authority, issue_device_certificate, random_serial
from mdmcore.pki.certificate import parse_certificate
from mdmcore.pki.criteria import hub_criteria, ssl_client_criteria
from mdmcore.pki.csr import Pkcs10
from mdmcore.records import Account, IssuedCertificate
from mdmcore.server.certification_request import accepted_csr
from mdmcore.server.ports import Clock, Random, StateStore
from mdmcore.server.refusal import Refusal
from mdmcore.server.settings import ServerSettings
from mdmcore.server.soap_service import SoapCall
from mdmcore.server.user_authentication import UserAuthentication

_ANSWER_LIFETIME = timedelta(minutes=5)


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

    def issue(self, call: SoapCall) -> bytes:
        """The RSTRC; certificate and account are stored before this returns."""
        token = parse_rst(call.envelope)
        username = self._users.authenticate(call.envelope)
        csr = self._checked_csr(token)
        self._users.spend_token(call.envelope)
        now = self._clock()
        common_name = str(uuid.UUID(bytes=self._random(16), version=4)).upper()
        certificate = issue_device_certificate(
            csr,
            authority=self._authority,
            common_name=common_name,
            now=now,
            serial=random_serial(self._random),
            lifetime=self._settings.certificate_lifetime,
        )
        account = self._new_account(common_name, username, token)
        document = self._provisioning_document(certificate, account, call.domain)
        self._store.enroll(account, _record(certificate, common_name, account))
        return serialize_rstrc(
            document,
            relates_to=call.envelope.message_id,
            created=now,
            expires=now + _ANSWER_LIFETIME,
        )

    def _checked_csr(self, token: RequestSecurityToken) -> Pkcs10:
        if token.request_type != REQUEST_TYPE_ISSUE:
            raise Refusal("CertificateRequest", f"RequestType {token.request_type!r} is not served")
        if token.value_type != VALUE_TYPE_PKCS10:
            raise Refusal("CertificateRequest", f"ValueType {token.value_type!r} is not #PKCS10")
        return accepted_csr(token.token, minimal_key_length=self._settings.minimal_key_length)

    def _new_account(self, name: str, username: str, token: RequestSecurityToken) -> Account:
        discovered = self._store.discovery(username)
        return Account(
            name=name,
            secret=self._new_secret(),
            scheme=self._settings.appsrv_scheme,
            server_secret=self._new_secret(),
            nonce_c2s=self._random(16),
            nonce_s2c=self._random(16),
            username=username,
            device_type=token.context_value("DeviceType") or "",
            request_version=discovered.request_version if discovered else "",
            enrolled=self._clock(),
        )

    def _new_secret(self) -> str:
        return base64.urlsafe_b64encode(self._random(18)).decode()

    def _provisioning_document(self, certificate: bytes, account: Account, domain: str) -> bytes:
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
        document = build_wp8_document(
            root_certificate=self._authority.certificate,
            client_certificate=certificate,
            provider_id=settings.provider_id,
            name=settings.server_name,
            addr=settings.dm_url(domain),
            account=account,
            criteria=ssl_client_criteria(account.name),
            device_name=f"{account.username}'s phone",
            ent_dmid=account.name,
            retry_schedule=settings.retry_schedule,
            renewal_period_days=settings.renewal_period_days,
            hub=hub,
        )
        return serialize_provisioning(document)


def _record(certificate: bytes, common_name: str, account: Account) -> IssuedCertificate:
    parsed = parse_certificate(certificate)
    assert account.enrolled is not None
    return IssuedCertificate(
        serial=parsed.serial,
        subject_cn=common_name,
        thumbprint=parsed.thumbprint,
        der=certificate,
        spki_sha256=parsed.spki_sha256,
        issued=account.enrolled,
        not_after=parsed.not_after,
    )
