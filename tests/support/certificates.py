"""Certificates with one deviation, for tests of rules and of the whole path."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mdmcore.pki.authority import (
    Authority,
    authority_key_identifier,
    create_authority,
)
from mdmcore.pki.certificate_builder import (
    CertificateForm,
    encode_common_name,
    key_identifier,
    sign_certificate,
)
from tests.support.keys import load_key
from tests.support.requirements import shared_file

NOW = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)
PRINTABLE_STRING = 0x13
UTF8_STRING = 0x0C


@cache
def build_authority(
    *, key: str = "authority", common_name: str = "Test Enrollment CA", now: datetime = NOW
) -> Authority:
    """A CA over a fixed test key, valid for ten years."""
    return create_authority(
        common_name=common_name,
        private_key=load_key(key),
        now=now,
        serial=1,
        lifetime=timedelta(days=3650),
    )


def forge_certificate(
    spki: bytes,
    *,
    authority: Authority,
    subject_value: bytes = b"DEVICE-0001",
    subject_tag: int = PRINTABLE_STRING,
    now: datetime = NOW,
    serial: int = 1000,
    lifetime: timedelta = timedelta(days=365),
    eku_client_auth: bool = True,
) -> bytes:
    """A leaf certificate (DER) whose CN is exactly ``subject_value`` under ``subject_tag``.

    Nothing is checked: NUL, illegal characters and any string type go in as they are.
    """
    usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        *(((usages, False),) if eku_client_auth else ()),
        (x509.SubjectKeyIdentifier(key_identifier(spki)), False),
        (authority_key_identifier(authority), False),
    )
    form = CertificateForm(
        serial=serial,
        issuer=authority.parsed.subject.raw,
        subject=encode_common_name(subject_value, subject_tag),
        spki=spki,
        not_before=now - timedelta(hours=1),
        not_after=now + lifetime,
        extensions=extensions,
    )
    return sign_certificate(form, authority.private_key)


def self_issued_certificate(common_name: str, usage: x509.ObjectIdentifier) -> bytes:
    """A certificate of the test key ``device`` (DER) that is its own issuer, for one usage."""
    kind = x509.name._ASN1Type.PrintableString
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name, _type=kind)])
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=load_key("device").public_key(),
        serial_number=7,
        not_valid_before=NOW - timedelta(days=1),
        not_valid_after=NOW + timedelta(days=365),
    ).add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    return builder.sign(load_key("device"), hashes.SHA256()).public_bytes(Encoding.DER)


def captured_certificates() -> list[bytes]:
    """The certificates in the provisioning document of the captured Windows 10 enrolment."""
    log = shared_file("captures", "win10-enrollment-log.md").read_text(encoding="utf-8")
    tokens = re.findall(r"BinarySecurityToken[^>]*>([^<]+)<", log)
    documents = [base64.b64decode("".join(token.split())) for token in tokens]
    (document,) = [one for one in documents if b"<wap-provisioningdoc" in one]
    return [base64.b64decode(one) for one in re.findall(rb'Certificate" value="([^"]+)"', document)]
