"""Enrolment from end to end: order of the steps, the key, the CSR that was sent."""

from __future__ import annotations

import base64
import re
import subprocess
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from mdmcore.phone import Refusal, enroll, run
from tests.phone.scripted import (
    EnrollmentScript,
    assert_refusal,
    edited,
    enrolled,
    settings,
)
from tests.support.keys import load_key, spki
from tests.support.requirements import require_program
from tests.support.server import NOW, FixedClock, counted_random


def _enroll(
    script: EnrollmentScript, key: RSAPrivateKey | Callable[[int], RSAPrivateKey]
) -> object:
    return run(
        enroll(settings(), private_key=key, random=counted_random(), clock=FixedClock()), script
    )


def _sent_csr(script: EnrollmentScript) -> bytes:
    found = re.search(rb"PKCS10\"[^>]*>([^<]+)<", script.requests[-1].body or b"")
    assert found is not None
    return base64.b64decode(found[1])


def test_the_steps_in_their_order() -> None:
    script = EnrollmentScript()
    phone = enrolled(script)
    assert [(request.method, request.path.rpartition("/")[2]) for request in script.requests] == [
        ("GET", "Discovery.svc"),
        ("POST", "Discovery.svc"),
        ("POST", "Policy.svc"),
        ("POST", "Enrollment.svc"),
    ]
    assert phone.enrolled == NOW
    message_ids = {
        re.search(rb"MessageID>(.*?)<", request.body or b"")[1]  # type: ignore[index]
        for request in script.requests[1:]
    }
    assert len(message_ids) == 3


def test_without_a_policy_service_the_step_is_left_out() -> None:
    url = "https://mdm.example.test/EnrollmentServer/Policy.svc"
    element = f"<EnrollmentPolicyServiceUrl>{url}</EnrollmentPolicyServiceUrl>"
    script = EnrollmentScript(edits={"discover": edited(element, "")})
    enrolled(script)
    assert not any(request.path.endswith("Policy.svc") for request in script.requests)


@pytest.mark.parametrize("oid", ["1.3.14.3.2.29", "2.16.840.1.101.3.4.2.1"])
def test_openssl_verifies_the_csr_that_was_sent(oid: str) -> None:
    openssl = require_program("openssl")
    script = EnrollmentScript(edits={"policies": edited("1.3.14.3.2.29", oid)})
    enrolled(script)
    csr = _sent_csr(script)
    done = subprocess.run(
        [openssl, "req", "-inform", "DER", "-verify", "-noout", "-text"],
        input=csr,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"verify OK" in done.stderr + done.stdout
    digest = b"sha256With" if oid.startswith("2.") else b"sha1With"
    assert digest in done.stdout
    assert rb"B1C43CD0-1624-5FBB-8E54-34CF17DFD3A1\00" in done.stdout
    assert spki("device") in csr


def test_a_key_that_is_too_short_for_the_policy() -> None:
    script = EnrollmentScript(edits={"policies": edited(">2048<", ">3072<")})
    with pytest.raises(Refusal) as caught:
        _enroll(script, load_key("device"))
    assert_refusal(caught.value, "policy", "minimalKeyLength", "has 2048 bits")


def test_a_key_is_made_of_the_size_that_the_policy_asks() -> None:
    asked: list[int] = []

    def make(bits: int) -> RSAPrivateKey:
        asked.append(bits)
        return load_key("device")

    _enroll(EnrollmentScript(), make)
    assert asked == [2048]


def test_a_certificate_for_another_key_enrols_all_the_same() -> None:
    phone = run(
        enroll(
            settings(), private_key=load_key("device2"), random=counted_random(), clock=FixedClock()
        ),
        EnrollmentScript(),
    )
    assert not any(held.has_key for held in phone.certificates)
    assert "no private key" in phone.management_certificate().problem
