"""Chains of CAs over the fixed test keys, and the files that hold them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from mdmcore.pki.asn1.name import PRINTABLE_STRING
from mdmcore.pki.authority import certificate_pem
from mdmcore.pki.certificate_builder import (
    CertificateForm,
    encode_common_name,
    key_identifier,
    sign_certificate,
)
from tests.support.certificates import NOW
from tests.support.keys import load_key, spki


def ca_certificate(
    name: str,
    *,
    key: str,
    issuer: str,
    issuer_key: str,
    path_length: int | None = None,
    is_ca: bool = True,
    may_sign: bool = True,
    not_before: datetime = NOW - timedelta(days=1),
    not_after: datetime = NOW + timedelta(days=3650),
) -> bytes:
    """A CA certificate (DER), right unless a test deviates."""
    usage = x509.KeyUsage(
        digital_signature=not may_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=may_sign,
        crl_sign=may_sign,
        encipher_only=False,
        decipher_only=False,
    )
    form = CertificateForm(
        serial=7,
        issuer=encode_common_name(issuer.encode(), PRINTABLE_STRING),
        subject=encode_common_name(name.encode(), PRINTABLE_STRING),
        spki=spki(key),
        not_before=not_before,
        not_after=not_after,
        extensions=(
            (x509.BasicConstraints(ca=is_ca, path_length=path_length if is_ca else None), True),
            (usage, True),
            (x509.SubjectKeyIdentifier(key_identifier(spki(key))), False),
            (x509.AuthorityKeyIdentifier(key_identifier(spki(issuer_key)), None, None), False),
        ),
    )
    return sign_certificate(form, load_key(issuer_key))


def root(**changes: Any) -> bytes:
    """A root over the key ``enterprise``."""
    return ca_certificate(
        "Test Root", key="enterprise", issuer="Test Root", issuer_key="enterprise", **changes
    )


def intermediate(**changes: Any) -> bytes:
    """A CA over the key ``authority``, below the root."""
    return ca_certificate(
        "Test Issuing CA", key="authority", issuer="Test Root", issuer_key="enterprise", **changes
    )


def key_pem(name: str = "authority", password: bytes | None = None) -> bytes:
    """The private key in PKCS#8 PEM, encrypted where there is a password."""
    encryption = NoEncryption() if password is None else BestAvailableEncryption(password)
    return load_key(name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def chain_pem(*, password: bytes | None = None) -> bytes:
    """Key, issuing CA and root in one text."""
    return key_pem(password=password) + certificate_pem(intermediate()) + certificate_pem(root())
