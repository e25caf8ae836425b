"""The CSR of each generation, judged by openssl and by the captured ones."""

from __future__ import annotations

import re

import pytest

from mdmcore.errors import ConfigError
from mdmcore.phone.device_csr import build_device_csr
from mdmcore.phone.policies import CertificatePolicy
from mdmcore.pki.csr import parse_pkcs10
from tests.phone.generations import PC_DEVICE_ID, phone_of
from tests.support.certification_requests import LUMIA, real_request
from tests.support.keys import load_key
from tests.support.openssl import asn1_elements, request_verifies
from tests.support.server import counted_random

CAPTURED = {"wp8": LUMIA, "wp81": LUMIA, "win81": LUMIA, "win10": ("csr", "win10_19043_csr.der")}


def csr_of(profile: str, digest: str = "sha1", seed: str = "", **changes: object) -> bytes:
    policy = CertificatePolicy(key_bits=2048, digest=digest)
    return build_device_csr(
        load_key("device"), policy, phone_of(profile, **changes), random=counted_random(seed)
    )


@pytest.mark.parametrize("profile", list(CAPTURED))
def test_it_has_the_structure_of_the_captured_one(profile: str) -> None:
    assert asn1_elements(csr_of(profile)) == asn1_elements(real_request(CAPTURED[profile]))


@pytest.mark.parametrize("digest", ["sha1", "sha256"])
@pytest.mark.parametrize("profile", list(CAPTURED))
def test_openssl_verifies_it(profile: str, digest: str) -> None:
    assert request_verifies(csr_of(profile, digest))


def test_a_pc_names_itself() -> None:
    name = parse_pkcs10(csr_of("win10")).subject.common_name or ""
    assert re.fullmatch(
        rf"[0-9A-F]{{8}}-[0-9A-F]{{4}}-4[0-9A-F]{{3}}-[89AB][0-9A-F]{{3}}-[0-9A-F]{{6}}!{PC_DEVICE_ID}\0",
        name,
    )
    other = parse_pkcs10(csr_of("win10", seed="other")).subject.common_name
    assert other != name


def test_a_long_device_id_does_not_make_the_name_longer_than_names_are() -> None:
    name = parse_pkcs10(csr_of("win10", device_id="A" * 60)).subject.common_name or ""
    assert len(name) == 64


def test_a_device_id_that_cannot_stand_there() -> None:
    with pytest.raises(ConfigError, match="cannot be a PrintableString"):
        csr_of("win10", device_id="ä")
