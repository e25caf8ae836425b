"""Enrolment from the e-mail address to the applied document (enrollment.md section 1).

The steps stand in modules of their own; here they follow each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mdmcore.http import Request, Response
from mdmcore.phone.discovery import discover
from mdmcore.phone.policies import CertificatePolicy, default_policy, get_policies
from mdmcore.phone.provisioning import Enrollment, apply_document
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.request_token import request_token
from mdmcore.phone.settings import Clock, PhoneSettings, Random
from mdmcore.phone.state import EnrolledPhone
from mdmcore.pki.request import build_phone_csr

type KeySource = RSAPrivateKey | Callable[[int], RSAPrivateKey]
"""The phone's key, or a function that makes one of so many bits (``pki.request.generate_key``)."""


def enroll(
    settings: PhoneSettings, *, private_key: KeySource, random: Random, clock: Clock
) -> Generator[Request, Response, EnrolledPhone]:
    """Enrol; Refusal when the phone gives up, in whatever step."""
    endpoints = yield from discover(settings, random=random)
    policy = default_policy(settings)
    if endpoints.policy is not None:
        policy = yield from get_policies(endpoints.policy, settings, random=random)
    key = _key(private_key, policy)
    csr = build_phone_csr(key, digest=policy.digest)
    document = yield from request_token(endpoints.enrollment, settings, csr=csr, random=random)
    enrollment = Enrollment(settings=settings, key_sha256=_spki_sha256(key), now=clock())
    return apply_document(document, enrollment)


def _key(source: KeySource, policy: CertificatePolicy) -> RSAPrivateKey:
    key = source if isinstance(source, RSAPrivateKey) else source(policy.key_bits)
    if key.key_size < policy.key_bits:
        raise Refusal(
            f"the device's key has {key.key_size} bits, the policy asks for {policy.key_bits}",
            step=Step.POLICY,
            place="minimalKeyLength",
            evidence=str(policy.key_bits),
        )
    return key


def _spki_sha256(key: RSAPrivateKey) -> str:
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()
