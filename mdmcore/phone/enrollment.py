"""Enrolment from the e-mail address to the applied document (enrollment.md section 1).

The steps stand in modules of their own; here they follow each other.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from mdmcore.enrollment.security import user_token, username_token
from mdmcore.http import Request, Response
from mdmcore.namespaces import VALUE_TYPE_JWT
from mdmcore.phone.device_csr import build_device_csr
from mdmcore.phone.discovery import Endpoints, discover
from mdmcore.phone.keyring import key_sha256
from mdmcore.phone.policies import CertificatePolicy, default_policy, get_policies
from mdmcore.phone.provisioning import Enrollment, apply_document
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.request_token import TokenRequest, request_token
from mdmcore.phone.settings import Clock, PhoneSettings, Random
from mdmcore.phone.sign_in import sign_in
from mdmcore.phone.state import EnrolledPhone
from mdmcore.profiles import FEDERATED
from mdmcore.xml import Node

type KeySource = RSAPrivateKey | Callable[[int], RSAPrivateKey]
"""The phone's key, or what makes one of so many bits: a ``Keyring``, which keeps it."""


def enroll(
    settings: PhoneSettings, *, private_key: KeySource, random: Random, clock: Clock
) -> Generator[Request, Response, EnrolledPhone]:
    """Enrol; Refusal when the phone gives up, in whatever step."""
    endpoints = yield from discover(settings, random=random)
    security = yield from _prove_user(endpoints, settings, clock)
    policy = default_policy(settings)
    if endpoints.policy is not None:
        policy = yield from get_policies(
            endpoints.policy, settings, security=security, random=random
        )
    key = make_key(private_key, policy)
    csr = build_device_csr(key, policy, settings, random=random)
    request = TokenRequest(token=csr, security=security)
    document = yield from request_token(
        endpoints.enrollment, settings, request=request, random=random
    )
    enrollment = Enrollment(
        settings=settings,
        endpoints=endpoints,
        policy=policy,
        key_sha256=key_sha256(key),
        now=clock(),
    )
    return apply_document(document, enrollment)


def _prove_user(
    endpoints: Endpoints, settings: PhoneSettings, clock: Clock
) -> Generator[Request, Response, Node]:
    """The security header of the next two steps: name and password, or a token (5.1, 5.2)."""
    if endpoints.auth_policy != FEDERATED:
        return username_token(settings.username, settings.password)
    if settings.user_token is not None:
        return user_token(settings.user_token, VALUE_TYPE_JWT)
    assert endpoints.authentication is not None
    token = yield from sign_in(endpoints.authentication, settings, clock=clock)
    return user_token(token)


def make_key(source: KeySource, policy: CertificatePolicy) -> RSAPrivateKey:
    """A key for the policy; Refusal when the device's own is too short."""
    key = source if isinstance(source, RSAPrivateKey) else source(policy.key_bits)
    if key.key_size < policy.key_bits:
        raise Refusal(
            f"the device's key has {key.key_size} bits, the policy asks for {policy.key_bits}",
            step=Step.POLICY,
            place="minimalKeyLength",
            evidence=str(policy.key_bits),
        )
    return key
