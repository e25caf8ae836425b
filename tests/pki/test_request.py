"""A request of ours is a Lumia's, or a PC's, in all but key and signature."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from mdmcore.errors import ConfigError
from mdmcore.pki.csr import parse_pkcs10, signature_problem
from mdmcore.pki.request import (
    DEFAULT_CSR_COMMON_NAME,
    build_phone_csr,
    generate_key,
    load_private_key,
)
from tests.support.certification_requests import LUMIA, real_request
from tests.support.keys import key_path, load_key, spki
from tests.support.openssl import asn1_elements, openssl_output, request_verifies


def test_openssl_verifies_it() -> None:
    assert request_verifies(build_phone_csr(load_key("device")))


def test_structure_is_that_of_the_lumia() -> None:
    lumia = real_request(LUMIA)
    ours = build_phone_csr(load_key("device"))
    assert len(asn1_elements(lumia)) == 18
    assert asn1_elements(ours) == asn1_elements(lumia)


def test_bytes_differ_from_the_lumia_in_key_and_signature_only() -> None:
    lumia = parse_pkcs10(real_request(LUMIA))
    ours = parse_pkcs10(build_phone_csr(load_key("device")))
    assert ours.subject.raw == lumia.subject.raw
    assert ours.attributes_raw == lumia.attributes_raw
    assert ours.algorithm_raw == lumia.algorithm_raw
    assert ours.info_raw.replace(ours.spki, b"") == lumia.info_raw.replace(lumia.spki, b"")
    assert ours.raw.replace(ours.info_raw, b"").replace(ours.signature, b"") == (
        lumia.raw.replace(lumia.info_raw, b"").replace(lumia.signature, b"")
    )


WINDOWS_10 = ("csr", "win10_19043_csr.der")
DEVICE_ID_OID = "1.3.6.1.4.1.311.66.1.0"


def _of_the_captured_pc(digest: str = "sha1") -> bytes:
    return build_phone_csr(
        load_key("device"),
        common_name="BA405A5D-B1C7-4737-81C8-8F379A!1E08C6E95D8BB843B1278FF45BC60CC6",
        extension=(DEVICE_ID_OID, "1E08C6E95D8BB843B1278FF45BC60CC6"),
        digest=digest,
    )


def test_structure_is_that_of_windows_10() -> None:
    captured = real_request(WINDOWS_10)
    ours = _of_the_captured_pc()
    assert len(asn1_elements(captured)) == 25
    assert asn1_elements(ours) == asn1_elements(captured)
    assert request_verifies(ours)


def test_bytes_differ_from_windows_10_in_key_and_signature_only() -> None:
    captured = parse_pkcs10(real_request(WINDOWS_10))
    ours = parse_pkcs10(_of_the_captured_pc())
    assert ours.info_raw.replace(ours.spki, b"") == captured.info_raw.replace(captured.spki, b"")
    assert ours.algorithm_raw == captured.algorithm_raw
    assert signature_problem(ours) is None


def test_a_pc_can_sign_with_sha256() -> None:
    assert request_verifies(_of_the_captured_pc("sha256"))


def test_an_extension_is_ascii() -> None:
    with pytest.raises(ConfigError, match="cannot stand in the extension"):
        build_phone_csr(load_key("device"), extension=(DEVICE_ID_OID, "ß"))


def test_it_holds_the_key_and_proves_it() -> None:
    csr = parse_pkcs10(build_phone_csr(load_key("device")))
    assert csr.spki == spki("device")
    assert signature_problem(csr) is None


def test_common_name_can_be_chosen() -> None:
    csr = parse_pkcs10(build_phone_csr(load_key("device"), common_name="OTHER"))
    assert csr.subject.common_name == "OTHER\0"
    assert csr.subject.common_name != DEFAULT_CSR_COMMON_NAME + "\0"


def test_digest_can_be_chosen() -> None:
    data = build_phone_csr(load_key("device"), digest="sha256")
    assert request_verifies(data)
    assert parse_pkcs10(data).signature_algorithm == "1.2.840.113549.1.1.11"
    with pytest.raises(ConfigError, match="'md5'"):
        build_phone_csr(load_key("device"), digest="md5")


def test_common_name_outside_printable_string_is_refused() -> None:
    with pytest.raises(ConfigError, match="cannot be a PrintableString"):
        build_phone_csr(load_key("device"), common_name="a_b")


def test_key_is_read_from_pem() -> None:
    key = load_private_key(key_path("device").read_bytes())
    assert key.private_numbers() == load_key("device").private_numbers()


def test_keys_that_cannot_be_used_are_told() -> None:
    with pytest.raises(ConfigError, match="no readable PEM private key"):
        load_private_key(b"nothing")
    encrypted = openssl_output(
        "pkcs8", "-topk8", "-in", str(key_path("device")), "-passout", "pass:x"
    )
    with pytest.raises(ConfigError, match="encrypted"):
        load_private_key(encrypted)
    other = openssl_output("ecparam", "-name", "prime256v1", "-genkey", "-noout")
    with pytest.raises(ConfigError, match="not RSA"):
        load_private_key(other)


def test_fresh_key_has_the_wanted_size(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def generate(*, public_exponent: int, key_size: int) -> rsa.RSAPrivateKey:
        assert public_exponent == 65537
        asked.append(key_size)
        return load_key("device2")

    monkeypatch.setattr(rsa, "generate_private_key", generate)
    assert generate_key(2048) is load_key("device2")
    assert asked == [2048]


def test_impossible_key_size_is_told() -> None:
    with pytest.raises(ConfigError, match="no RSA key of 8 bits"):
        generate_key(8)
