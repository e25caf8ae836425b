"""Discovery, GetPolicies and RequestSecurityToken: the enrolment half of the emulated server.

Sources: enrollment.md sections 2 to 9 and 11 (MS-MDE, MS-XCEP, MS-WSTEP). Requests are read
tolerantly, hosts inside them are not compared, answers are the strict form for WP8.0.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from mdmcore.enrollment.discovery import (
    DiscoverResponse,
    parse_discover,
    serialize_discover_response,
)
from mdmcore.enrollment.fault import serialize_fault
from mdmcore.enrollment.policies import is_get_policies
from mdmcore.enrollment.soap import Envelope, parse_envelope
from mdmcore.enrollment.token import RequestSecurityToken, parse_rst, serialize_rstrc
from mdmcore.errors import MdmError
from mdmcore.http import Request, Response
from mdmcore.namespaces import REQUEST_TYPE_ISSUE, VALUE_TYPE_PKCS10
from mdmcore.pki.authority import Authority
from mdmcore.pki.certificate import parse_certificate
from mdmcore.pki.csr import Pkcs10, parse_pkcs10, signature_problem
from mdmcore.profiles import FEDERATED
from mdmcore.records import Account, DiscoveryRecord, IssuedCertificate
from mdmcore.server.answers import soap_answer
from mdmcore.server.certificate_policy import check_key, policies_response
from mdmcore.server.certificates import issue_for, new_holder, until_recorded
from mdmcore.server.passwords import PasswordList
from mdmcore.server.ports import Clock, Random, StateStore
from mdmcore.server.profile import (
    choose_auth_policy,
    enrollment_version,
    profile_for,
)
from mdmcore.server.provisioning import describe_device, provisioning_document
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
        tokens = UserTokens(
            store=store,
            clock=clock,
            random=random,
            lifetime=settings.token_lifetime,
            accepts_jwt=settings.accepts_jwt,
        )
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
        return policies_response(self._settings, relates_to=envelope.message_id)

    def _request_security_token(self, envelope: Envelope, domain: str) -> bytes:
        token = parse_rst(envelope)
        username = self._users.authenticate(envelope)
        csr = self._checked_csr(token)
        self._users.spend_token(envelope)
        issued, document = until_recorded(
            lambda: self._enroll(
                csr, username=username, token=token, envelope=envelope, domain=domain
            )
        )
        return serialize_rstrc(
            document,
            relates_to=envelope.message_id,
            created=issued,
            expires=issued + _ANSWER_LIFETIME,
        )

    def _enroll(
        self,
        csr: Pkcs10,
        *,
        username: str,
        token: RequestSecurityToken,
        envelope: Envelope,
        domain: str,
    ) -> tuple[datetime, bytes]:
        """Certificate and account, stored; when, and the document that tells the device."""
        settings, now = self._settings, self._clock()
        holder = new_holder(username, token.context_value("DeviceType") or "", self._random)
        certificate = issue_for(
            holder, csr, settings, authority=self._authority, now=now, random=self._random
        )
        account = self._new_account(holder.guid, username, token)
        document = provisioning_document(
            settings,
            account,
            certificate=certificate,
            authority=self._authority,
            domain=domain,
            device=describe_device(settings, account, envelope, token),
        )
        self._store.enroll(account, _record(certificate, account))
        return now, document

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
        check_key(csr, self._settings)
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


def _record(certificate: bytes, account: Account) -> IssuedCertificate:
    parsed = parse_certificate(certificate)
    assert account.enrolled is not None
    return IssuedCertificate(
        serial=parsed.serial,
        subject_cn=parsed.subject.common_name or account.name,
        thumbprint=parsed.thumbprint,
        der=certificate,
        spki_sha256=parsed.spki_sha256,
        issued=account.enrolled,
        not_after=parsed.not_after,
    )
