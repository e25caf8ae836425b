"""Renewing the MDM certificate: when, in which way, and the request itself (enrollment.md 10).

A new key, its CSR signed with the old one. Either the user is asked for the password, or the
present certificate proves the device in TLS (request on behalf of). What the answer does stands in
``renewal_document``.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from mdmcore.base64_text import encode_base64
from mdmcore.enrollment.security import blank_username_token, username_token
from mdmcore.errors import ConfigError
from mdmcore.http import Request, Response
from mdmcore.namespaces import REQUEST_TYPE_RENEW
from mdmcore.phone.certificate_store import PERSONAL, HeldCertificate, tls_obstacle
from mdmcore.phone.client_identity import client_identity, offering
from mdmcore.phone.device_csr import build_device_csr
from mdmcore.phone.discovery import Endpoint, discover
from mdmcore.phone.enrollment import make_key
from mdmcore.phone.keyring import Keyring, key_sha256
from mdmcore.phone.policies import CertificatePolicy, get_policies
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.renewal_document import apply_renewal
from mdmcore.phone.renewal_state import RenewalState, RenewalStatus
from mdmcore.phone.request_token import TokenRequest, request_token
from mdmcore.phone.settings import Clock, PhoneSettings, Random
from mdmcore.phone.state import EnrolledPhone
from mdmcore.pki.renewal import build_renewal_request
from mdmcore.profiles import RenewalWay
from mdmcore.xml import Node

_UNKNOWN_ERROR = 0x80180008
_TIMESTAMP_LIFETIME = timedelta(minutes=5)
_RENEW = "CertificateStore/My/WSTEP/Renew"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalPlan:
    """How the device renews, which certificate, and when its window opens and closes."""

    way: RenewalWay
    certificate: HeldCertificate
    opens: datetime
    closes: datetime


def renewal_plan(phone: EnrolledPhone) -> RenewalPlan:
    """The plan; Refusal(renewal) for a device that never sends the request."""
    device, provider = phone.settings.device, phone.account.provider_id
    if phone.is_unenrolled:
        raise _refusal("the device is not enrolled", "device")
    if device.needs_ent_dmid and not phone.enterprise_device_id:
        raise _refusal(
            "EntDMID was never set, so the renewal request is not sent",
            f"DMClient/Provider/{provider}/EntDMID",
        )
    held = phone.mdm_certificate
    if held is None:
        raise _refusal(
            "the device has the private key of no certificate", f"CertificateStore/{PERSONAL}"
        )
    ways = device.renewal_ways(phone.auth_policy)
    if not ways:
        raise _refusal(f"no renewal after {phone.auth_policy}", "AuthPolicy", phone.auth_policy)
    switched = phone.renewal.supports_robo and RenewalWay.ROBO in ways
    closes = held.certificate.not_after
    return RenewalPlan(
        way=RenewalWay.ROBO if switched else ways[0],
        certificate=held,
        opens=closes - timedelta(days=phone.renewal.period_days),
        closes=closes,
    )


def next_renewal(phone: EnrolledPhone) -> datetime | None:
    """When the device tries (again) by itself, ``None`` for never; Refusal as ``renewal_plan``.

    Failed attempts are repeated after RetryInterval until the certificate ends; Windows Phone 8
    asks its user once.
    """
    plan, state = renewal_plan(phone), phone.renewal_state
    at = plan.opens
    if state.status is RenewalStatus.FAILED and state.last_attempt is not None:
        if plan.way is RenewalWay.MANUAL and not phone.settings.device.renewal_prompts_repeat:
            return None
        at = max(at, state.last_attempt + timedelta(days=phone.renewal.retry_days))
    return at if at <= plan.closes else None


def renew(
    phone: EnrolledPhone, *, keys: Keyring, random: Random, clock: Clock, is_asked: bool = False
) -> Generator[Request, Response, EnrolledPhone]:
    """Renew; the phone with its new certificate, whose key is in ``keys``.

    Refusal(renewal) when it does not work out: the phone in it is still enrolled and remembers the
    attempt; without a phone in it nothing was sent. ``is_asked``: somebody asked for it, so the
    window need not be open. ConfigError when ``keys`` lacks the present key.
    """
    plan, now = renewal_plan(phone), clock()
    _check_time(phone, plan, now, is_asked=is_asked)
    old_key = keys.get(phone.key_sha256)
    if old_key is None:
        raise ConfigError("the keyring lacks the private key of the present certificate")
    attempt = _Attempt(phone, plan, old_key, random, now)
    identity = None
    if plan.way is RenewalWay.ROBO:
        identity = client_identity(plan.certificate, phone.certificates, is_required=True)
    try:
        return (yield from offering(identity, attempt.run(keys)))
    except Refusal as error:
        error.step = Step.RENEWAL
        failed = RenewalState(
            status=RenewalStatus.FAILED,
            error_code=error.hresult or _UNKNOWN_ERROR,
            last_attempt=now,
        )
        error.phone = replace(phone, renewal_state=failed)
        raise


def _check_time(phone: EnrolledPhone, plan: RenewalPlan, now: datetime, *, is_asked: bool) -> None:
    """Refusal unless the device renews at this moment, and can prove itself as it must."""
    if now > plan.closes:  # that a user may renew even then is unconfirmed
        raise _refusal(
            "the certificate has expired, only enrolling again helps",
            "NotAfter",
            f"{plan.closes:%Y-%m-%d %H:%M} UTC",
        )
    at = now if is_asked else next_renewal(phone)
    if at is None or now < at:
        when = "again" if at is None else f"before {at:%Y-%m-%d %H:%M} UTC"
        raise _refusal(f"the device does not ask for renewal {when}", f"{_RENEW}/RenewPeriod")
    if plan.way is RenewalWay.ROBO:
        problem = tls_obstacle(plan.certificate.certificate, phone.settings.device, now=now)
        if problem:
            raise _refusal(
                f"the certificate is not offered in TLS: {problem}", f"CertificateStore/{PERSONAL}"
            )


class _Attempt:
    """One attempt at renewal."""

    def __init__(
        self,
        phone: EnrolledPhone,
        plan: RenewalPlan,
        old_key: RSAPrivateKey,
        random: Random,
        now: datetime,
    ) -> None:
        self._phone = phone
        self._plan = plan
        self._old_key = old_key
        self._random = random
        self._now = now

    def run(self, keys: Keyring) -> Generator[Request, Response, EnrolledPhone]:
        """The whole way, from discovery where a ServerURL was given."""
        phone = self._phone
        security = self._security()
        endpoint, policy = yield from self._target(security)
        key = make_key(keys, policy)
        request = TokenRequest(
            token=self._token(key, policy),
            security=security,
            request_type=REQUEST_TYPE_RENEW,
            value_type=phone.settings.device.renewal_value_type,
            step=Step.RENEWAL,
            accepted_redirect=phone.accepted_redirect,
        )
        document = yield from request_token(
            endpoint, phone.settings, request=request, random=self._random
        )
        renewed = replace(phone, policy=policy)
        return apply_renewal(document, renewed, key_sha256=key_sha256(key), now=self._now)

    def _target(
        self, security: Node | None
    ) -> Generator[Request, Response, tuple[Endpoint, CertificatePolicy]]:
        """Where the request goes, and what the new key must be like."""
        phone, settings = self._phone, self._phone.settings
        start = phone.renewal.server_url
        if start is None:
            return Endpoint(url=phone.enrollment_url, place="EnrollmentServiceUrl"), phone.policy
        found = yield from discover(
            settings,
            random=self._random,
            start=Endpoint(url=start, place=f"{_RENEW}/ServerURL").checked(Step.RENEWAL),
            accepts=lambda target: target == phone.accepted_redirect,
        )
        if found.policy is None:
            return found.enrollment, phone.policy
        policy = yield from get_policies(
            found.policy, settings, security=security, random=self._random
        )
        return found.enrollment, policy

    def _security(self) -> Node | None:
        settings: PhoneSettings = self._phone.settings
        if self._plan.way is RenewalWay.MANUAL:
            return username_token(settings.username, settings.password)
        if settings.sends_blank_token:
            expires = self._now + _TIMESTAMP_LIFETIME
            return blank_username_token(settings.username, created=self._now, expires=expires)
        return None

    def _token(self, key: RSAPrivateKey, policy: CertificatePolicy) -> bytes:
        """The CMS; a manual renewal puts base64 around it twice, once here."""
        csr = build_device_csr(key, policy, self._phone.settings, random=self._random)
        cms = build_renewal_request(
            csr,
            certificate=self._plan.certificate.certificate.der,
            private_key=self._old_key,
            digest=policy.digest,
        )
        return cms if self._plan.way is RenewalWay.ROBO else encode_base64(cms).encode("ascii")


def _refusal(reason: str, place: str, evidence: str = "") -> Refusal:
    return Refusal(reason, step=Step.RENEWAL, place=place, evidence=evidence)
