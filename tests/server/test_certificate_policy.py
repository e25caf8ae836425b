"""GetPolicies: valid by the schema of MS-XCEP, consistent with the settings, kept to at the RST."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mdmcore.enrollment.provisioning_model import Renew
from mdmcore.pki.csr import parse_pkcs10
from mdmcore.pki.request import build_phone_csr
from mdmcore.server.certificate_policy import HASH_OIDS, check_key, policies_response
from mdmcore.server.refusal import Refusal
from mdmcore.server.settings import ProvisioningSettings, ServerSettings
from tests.enrollment.oracles import check_soap, texts
from tests.support.keys import load_key

RELATES_TO = "urn:uuid:748132ec-a575-4329-b01b-6171a9cf8478"


def settings(**changes: object) -> ServerSettings:
    return ServerSettings(domains=("example.test",), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("oid", "name"),
    [
        (HASH_OIDS["sha1"], "szOID_OIWSEC_sha1RSASign"),
        (HASH_OIDS["sha256"], "szOID_NIST_sha256"),
        ("1.3.14.3.2.26", "szOID_OIWSEC_sha1"),
        ("1.2.840.113549.1.1.11", "szOID_RSA_SHA256RSA"),
        ("1.2.3.4", "1.2.3.4"),
    ],
)
@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_the_answer_is_valid_and_points_to_its_digest(oid: str, name: str, bits: int) -> None:
    answer = policies_response(
        settings(hash_oid=oid, minimal_key_length=bits), relates_to=RELATES_TO
    )
    check_soap(answer)
    found = texts(answer)
    assert (found["value"], found["defaultName"], found["group"]) == (oid, name, "1")
    assert found["hashAlgorithmOIDReference"] == found["oIDReferenceID"]
    assert (found["minimalKeyLength"], found["policySchema"]) == (str(bits), "3")


def test_the_oids_are_those_of_the_standards() -> None:
    assert HASH_OIDS == {"sha1": "1.3.14.3.2.29", "sha256": "2.16.840.1.101.3.4.2.1"}


def test_validity_and_renewal_are_those_of_the_settings() -> None:
    chosen = settings(
        certificate_lifetime=timedelta(days=100),
        provisioning=ProvisioningSettings(renewal=Renew(renew_period=50)),
    )
    found = texts(policies_response(chosen, relates_to=RELATES_TO))
    assert found["validityPeriodSeconds"] == str(100 * 86_400)
    assert found["renewalPeriodSeconds"] == str(50 * 86_400)


def test_every_element_of_the_sequence_is_there() -> None:
    body = ET.fromstring(policies_response(settings(), relates_to=None))
    attributes = body.find(".//{*}attributes")
    assert attributes is not None
    assert [each.tag.rpartition("}")[2] for each in attributes] == [
        *("commonName", "policySchema", "certificateValidity", "permission"),
        *("privateKeyAttributes", "revision", "supersededPolicies", "privateKeyFlags"),
        *("subjectNameFlags", "enrollmentFlags", "generalFlags", "hashAlgorithmOIDReference"),
        *("rARequirements", "keyArchivalAttributes", "extensions"),
    ]


def test_a_key_of_an_allowed_size_passes() -> None:
    csr = parse_pkcs10(build_phone_csr(load_key("device")))
    check_key(csr, settings())
    check_key(csr, settings(minimal_key_length=1024, key_lengths=(1024, 2048)))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"minimal_key_length": 3072}, "key of 2048 bits, the policy asks for 3072"),
        ({"key_lengths": (3072, 4096)}, "key of 2048 bits, this server certifies 3072, 4096"),
    ],
)
def test_another_key_is_refused(changes: dict[str, object], why: str) -> None:
    csr = parse_pkcs10(build_phone_csr(load_key("device")))
    with pytest.raises(Refusal, match=why) as caught:
        check_key(csr, settings(**changes))
    assert caught.value.subcode == "CertificateRequest"


def test_a_key_of_another_kind_is_refused() -> None:
    key = ec.derive_private_key(12345, ec.SECP256R1()).public_key()
    other = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    csr = parse_pkcs10(build_phone_csr(load_key("device")))
    with pytest.raises(Refusal, match="key of 256 bits"):
        check_key(replace(csr, spki=other), settings())
