"""Kinds of DER, made by openssl or here, whole and cut."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.inspector.artifact.der_kinds import der_kind
from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.pki.asn1.der import SEQUENCE, UTC_TIME, encode_integer, encode_oid, encode_tlv
from mdmcore.pki.pem import encode_pem
from tests.support.artifacts import renewal_token
from tests.support.certificates import captured_certificates
from tests.support.certification_requests import REAL_REQUESTS, real_request
from tests.support.keys import key_path
from tests.support.openssl import openssl_output
from tests.support.story import authority, certificate, phone_csr

KEY = str(key_path("device"))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (certificate(), ArtifactKind.CERTIFICATE),
        (authority().certificate, ArtifactKind.CERTIFICATE),
        (phone_csr(), ArtifactKind.CSR),
        (renewal_token(), ArtifactKind.PKCS7),
    ],
)
def test_a_kind_is_told_by_its_first_bytes(data: bytes, kind: ArtifactKind) -> None:
    assert der_kind(data) is kind
    for end in range(40, len(data), 50):
        assert der_kind(data[:end]) is kind


@pytest.mark.parametrize("name", REAL_REQUESTS)
def test_real_requests(name: tuple[str, str]) -> None:
    assert der_kind(real_request(name)) is ArtifactKind.CSR


def test_real_certificates() -> None:
    assert {der_kind(der) for der in captured_certificates()} == {ArtifactKind.CERTIFICATE}


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (("pkey", "-in", KEY, "-outform", "DER"), ArtifactKind.PRIVATE_KEY),
        (("rsa", "-in", KEY, "-traditional", "-outform", "DER"), ArtifactKind.PRIVATE_KEY),
        (
            ("pkcs8", "-topk8", "-in", KEY, "-outform", "DER", "-passout", "pass:x"),
            ArtifactKind.PRIVATE_KEY,
        ),
        (("pkey", "-in", KEY, "-pubout", "-outform", "DER"), ArtifactKind.PUBLIC_KEY),
        (("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-outform", "DER"), None),
    ],
)
def test_keys(command: tuple[str, ...], kind: ArtifactKind | None) -> None:
    assert der_kind(openssl_output(*command)) is (kind or ArtifactKind.PRIVATE_KEY)


def test_pkcs12_and_other_cms(tmp_path: Path) -> None:
    (tmp_path / "c.pem").write_bytes(encode_pem("CERTIFICATE", certificate()))
    given = ("-in", str(tmp_path / "c.pem"), "-inkey", KEY, "-passout", "pass:x")
    assert der_kind(openssl_output("pkcs12", "-export", *given)) is ArtifactKind.PKCS12
    encrypted = openssl_output(
        "cms", "-encrypt", "-outform", "DER", str(tmp_path / "c.pem"), data=b"x"
    )
    assert der_kind(encrypted) is ArtifactKind.OTHER_CMS


def test_a_revocation_list(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(encode_pem("CERTIFICATE", authority().certificate))
    (tmp_path / "index").write_bytes(b"")
    (tmp_path / "conf").write_text(
        f"[ca]\ndefault_ca=x\n[x]\ndatabase={tmp_path}/index\ndefault_md=sha256\n"
        "default_crl_days=1\n"
    )
    pem = openssl_output(
        "ca",
        "-gencrl",
        "-config",
        str(tmp_path / "conf"),
        "-cert",
        str(tmp_path / "ca.pem"),
        "-keyfile",
        str(key_path("authority")),
    )
    der = openssl_output("crl", "-outform", "DER", data=pem)
    assert der_kind(der) is ArtifactKind.CRL


def _signed(*fields: bytes) -> bytes:
    return encode_tlv(SEQUENCE, encode_tlv(SEQUENCE, *fields))


NUMBER, ALGORITHM = encode_integer(1), encode_tlv(SEQUENCE, encode_oid("1.2.840.113549.1.1.11"))
NAME = encode_tlv(SEQUENCE)
TIME = encode_tlv(UTC_TIME, b"240101000000Z")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (_signed(NUMBER, ALGORITHM, NAME, encode_tlv(SEQUENCE, TIME)), ArtifactKind.CERTIFICATE),
        (_signed(NUMBER, ALGORITHM, NAME, TIME), ArtifactKind.CRL),
        (_signed(NUMBER, NAME), ArtifactKind.CSR),
        (_signed(NUMBER, NUMBER), ArtifactKind.UNKNOWN_DER),
        (_signed(NUMBER, encode_tlv(SEQUENCE, NUMBER)), ArtifactKind.UNKNOWN_DER),
        (_signed(NAME), ArtifactKind.CRL),
        (_signed(TIME), ArtifactKind.UNKNOWN_DER),
        (encode_tlv(SEQUENCE, NUMBER), ArtifactKind.UNKNOWN_DER),
        (encode_tlv(SEQUENCE, NUMBER, TIME), ArtifactKind.UNKNOWN_DER),
        (encode_tlv(SEQUENCE, encode_oid("1.2.3"), TIME), ArtifactKind.UNKNOWN_DER),
        (encode_tlv(SEQUENCE, encode_tlv(SEQUENCE)), ArtifactKind.UNKNOWN_DER),
        (bytes.fromhex("3080 0609 2a864886f70d010702 a080"), ArtifactKind.PKCS7),
    ],
)
def test_shapes_that_are_rare(data: bytes, kind: ArtifactKind) -> None:
    assert der_kind(data) is kind


@pytest.mark.parametrize(
    "data", [b"", b"\x30", b"\x30\x00", b"\x31\x02\x05\x00", b"\x30\x02\x05\x00"]
)
def test_anything_else_is_unknown(data: bytes) -> None:
    assert der_kind(data) is ArtifactKind.UNKNOWN_DER


@given(st.binary(max_size=60))
def test_any_bytes_have_a_kind(data: bytes) -> None:
    assert der_kind(b"\x30" + data) in ArtifactKind
