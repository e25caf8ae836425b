"""Discovery, GetPolicies and RequestSecurityToken: the enrolment half of the emulated server.

Sources: enrollment.md sections 2 to 9 and 11 (MS-MDE, MS-XCEP, MS-WSTEP). Requests are read
tolerantly, hosts inside them are not compared, answers are the strict form for WP8.0.
"""

from __future__ import annotations

import base64
import logging
import uuid
from collections.abc import Callable
from datetime import timedelta

from mdmcore.enrollment.discovery import (
    DiscoverResponse,
    parse_discover,
    serialize_discover_response,
)
from mdmcore.enrollment.fault import serialize_fault
from mdmcore.enrollment.policies import (
    PolicyOid,
    PolicyResponse,
    is_get_policies,
    serialize_get_policies_response,
)
from mdmcore.enrollment.provisioning import serialize_provisioning
from mdmcore.enrollment.provisioning_builder import build_wp8_document
from mdmcore.enrollment.provisioning_view import AppManagement
from mdmcore.enrollment.soap import Envelope, parse_envelope
from mdmcore.enrollment.token import RequestSecurityToken, parse_rst, serialize_rstrc
from mdmcore.errors import MdmError
from mdmcore.http import Request, Response
from mdmcore.namespaces import REQUEST_TYPE_ISSUE, VALUE_TYPE_PKCS10
from mdmcore.pki.authority import Authority, issue_device_certificate, random_serial
from mdmcore.pki.certificate import parse_certificate
from mdmcore.pki.criteria import hub_criteria, ssl_client_criteria
from mdmcore.pki.csr import Pkcs10, parse_pkcs10, signature_problem
from mdmcore.profiles import FEDERATED
from mdmcore.records import Account, DiscoveryRecord, IssuedCertificate
from mdmcore.server.answers import soap_answer
from mdmcore.server.passwords import PasswordList
from mdmcore.server.ports import Clock, Random, StateStore
from mdmcore.server.profile import (
    choose_auth_policy,
    enrollment_version,
    profile_for,
)
from mdmcore.server.refusal import Refusal
from mdmcore.server.settings import ServerSettings
from mdmcore.server.user_authentication import UserAuthentication
from mdmcore.server.user_tokens import UserTokens
from mdmcore.server.web_authentication import WebAuthentication
from mdmcore.xml import parse_strict

logger = logging.getLogger(__name__)

_MAX_CSR_BYTES = 64 * 1024
_ANSWER_LIFETIME = timedelta(minutes=5)


class EnrollmentServices:
    """The three SOAP services; each method answers one POST."""

    def __init__(
        self,
        settings: ServerSettings,
        *,
        authority: Authority,
        store: StateStore,
        clock: Clock,
        random: Random,
    ) -> None:
        self._settings = settings
        self._authority = authority
        self._store = store
        self._clock = clock
        self._random = random
        tokens = UserTokens(store=store, clock=clock, random=random)
        self._users = UserAuthentication(
            settings.auth_policies,
            passwords=PasswordList(settings.users, clock=clock, random=random),
            tokens=tokens,
        )
        self.web_authentication = WebAuthentication(tokens, is_password=self._users.is_password)

    def discover(self, request: Request, domain: str) -> Response:
        """MS-MDE 3.1: who serves this user. DeviceType and RequestVersion are remembered."""
        return self._answer(request, domain, self._discover)

    def get_policies(self, request: Request, domain: str) -> Response:
        """MS-XCEP: key length and digest for the CSR."""
        return self._answer(request, domain, self._get_policies)

    def request_security_token(self, request: Request, domain: str) -> Response:
        """MS-WSTEP: CSR in, wap-provisioningdoc out."""
        return self._answer(request, domain, self._request_security_token)

    def _answer(
        self, request: Request, domain: str, service: Callable[[Envelope, str], bytes]
    ) -> Response:
        message_id, error_type = None, ""
        try:
            if not request.body:
                raise Refusal("MessageFormat", "the request body is empty")
            envelope = parse_envelope(parse_strict(request.body))
            message_id = envelope.message_id
            return soap_answer(service(envelope, domain))
        except Refusal as fault:
            subcode, reason, error_type = fault.subcode, str(fault), fault.error_type
        except MdmError as error:
            subcode, reason = "MessageFormat", str(error)
        logger.info("%s refused: %s: %s", request.path, subcode, reason)
        body = serialize_fault(subcode, reason, relates_to=message_id, error_type=error_type)
        return soap_answer(body, status=500)

    def _discover(self, envelope: Envelope, domain: str) -> bytes:
        discover = parse_discover(envelope)
        self._store.record_discovery(
            DiscoveryRecord(
                email_address=discover.email_address,
                request_version=discover.request_version,
                device_type=discover.device_type,
                seen=self._clock(),
            )
        )
        profile = profile_for(
            device_type=discover.device_type,
            request_version=discover.request_version,
            application_version=discover.application_version,
            default=self._settings.profile,
        )
        allowed = self._settings.auth_policies
        policy = choose_auth_policy(profile, offered=discover.auth_policies, allowed=allowed)
        if policy is None:
            offered = discover.auth_policies or profile.auth_policies
            raise Refusal(
                "Authorization",
                f"{profile.title} can prove its user by {', '.join(offered)}, this server allows "
                f"{', '.join(allowed)}",
                error_type="NotSupported" if profile.reads_fault_detail else "",
            )
        answer = DiscoverResponse(
            auth_policy=policy,
            policy_url=self._settings.policy_url(domain),
            enrollment_url=self._settings.enrollment_url(domain),
            authentication_url=(
                self._settings.authentication_url(domain) if policy == FEDERATED else ""
            ),
            enrollment_version=enrollment_version(profile, discover.request_version),
        )
        return serialize_discover_response(answer, relates_to=envelope.message_id)

    def _get_policies(self, envelope: Envelope, domain: str) -> bytes:
        if not is_get_policies(envelope):
            raise Refusal("MessageFormat", f"expected GetPolicies, found {envelope.body_name}")
        self._users.authenticate(envelope)
        policy = PolicyResponse(
            policy_schema=3,
            minimal_key_length=self._settings.minimal_key_length,
            hash_oid_reference=0,
            oids=(
                PolicyOid(
                    value=self._settings.hash_oid,
                    group=1,
                    reference_id=0,
                    default_name="szOID_OIWSEC_sha1RSASign",
                ),
            ),
        )
        return serialize_get_policies_response(policy, relates_to=envelope.message_id)

    def _request_security_token(self, envelope: Envelope, domain: str) -> bytes:
        token = parse_rst(envelope)
        username = self._users.authenticate(envelope)
        csr = self._checked_csr(token)
        self._users.spend_token(envelope)
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
        document = self._provisioning_document(certificate, account, domain)
        self._store.enroll(account, _record(certificate, common_name, account))
        return serialize_rstrc(
            document,
            relates_to=envelope.message_id,
            created=now,
            expires=now + _ANSWER_LIFETIME,
        )

    def _checked_csr(self, token: RequestSecurityToken) -> Pkcs10:
        if token.request_type != REQUEST_TYPE_ISSUE:
            raise Refusal("CertificateRequest", f"RequestType {token.request_type!r} is not served")
        if token.value_type != VALUE_TYPE_PKCS10:
            raise Refusal("CertificateRequest", f"ValueType {token.value_type!r} is not #PKCS10")
        if len(token.token) > _MAX_CSR_BYTES:
            raise Refusal("CertificateRequest", f"a CSR of {len(token.token)} bytes is not read")
        try:
            csr = parse_pkcs10(token.token)
        except MdmError as error:
            raise Refusal("CertificateRequest", f"the CSR cannot be read: {error}") from None
        problem = signature_problem(csr)
        if problem is not None:
            raise Refusal("CertificateRequest", f"the CSR's signature is not valid: {problem}")
        if (csr.key_bits or 0) < self._settings.minimal_key_length:
            raise Refusal(
                "CertificateRequest",
                f"key of {csr.key_bits or 'an unknown number of'} bits, the policy asks for "
                f"{self._settings.minimal_key_length}",
            )
        return csr

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
