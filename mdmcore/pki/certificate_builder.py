"""Certificates put together from DER pieces and signed (RFC 5280 section 4.1).

The subject and the SubjectPublicKeyInfo go in as the bytes they are: the key must be the request's
octet by octet, and the string type of the subject decides whether a phone finds its certificate.
What a device certificate holds is decided in ``authority``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from mdmcore.pki.asn1.der import (
    BIT_STRING,
    NULL,
    OCTET_STRING,
    SEQUENCE,
    SET,
    check_der,
    encode_integer,
    encode_oid,
    encode_time,
    encode_tlv,
)
from mdmcore.pki.asn1.name import COMMON_NAME
from mdmcore.pki.asn1.pkcs10 import bit_string_octets, exactly
from mdmcore.pki.asn1.x509 import EXTENSIONS, VERSION

_SHA256_WITH_RSA = "1.2.840.113549.1.1.11"
_TRUE = b"\x01\x01\xff"
_V3 = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateForm:
    """All that a certificate says. ``subject``, ``issuer`` and ``spki`` are DER.

    ``extensions`` pairs each value with whether it is critical, in the order to be written.
    """

    serial: int
    issuer: bytes = field(repr=False)
    subject: bytes = field(repr=False)
    spki: bytes = field(repr=False)
    not_before: datetime
    not_after: datetime
    extensions: tuple[tuple[x509.ExtensionType, bool], ...]


def sign_certificate(form: CertificateForm, private_key: rsa.RSAPrivateKey) -> bytes:
    """The certificate (DER), signed with SHA-256 and RSA."""
    algorithm = encode_tlv(SEQUENCE, encode_oid(_SHA256_WITH_RSA), encode_tlv(NULL))
    extensions = (_encode_extension(*extension) for extension in form.extensions)
    info = encode_tlv(
        SEQUENCE,
        encode_tlv(VERSION, encode_integer(_V3)),
        encode_integer(form.serial),
        algorithm,
        form.issuer,
        encode_tlv(SEQUENCE, encode_time(form.not_before), encode_time(form.not_after)),
        form.subject,
        form.spki,
        encode_tlv(EXTENSIONS, encode_tlv(SEQUENCE, *extensions)),
    )
    signature = private_key.sign(info, padding.PKCS1v15(), hashes.SHA256())
    return encode_tlv(SEQUENCE, info, algorithm, encode_tlv(BIT_STRING, b"\0", signature))


def encode_common_name(value: bytes, tag: int) -> bytes:
    """A name of one RDN, CN, with ``value`` as content of a string with that tag; unchecked."""
    return encode_name(((COMMON_NAME, value),), tag)


def encode_name(rdns: Iterable[tuple[str, bytes]], tag: int) -> bytes:
    """A name of RDNs of one attribute each, dotted OID and content; unchecked, order kept."""
    encoded = (
        encode_tlv(SET, encode_tlv(SEQUENCE, encode_oid(oid), encode_tlv(tag, value)))
        for oid, value in rdns
    )
    return encode_tlv(SEQUENCE, *encoded)


def key_identifier(spki: bytes) -> bytes:
    """SHA-1 of the public key's bit string (RFC 5280 section 4.2.1.2, method 1)."""
    _, bits = exactly(check_der(spki), 2, "SubjectPublicKeyInfo")
    return hashlib.sha1(bit_string_octets(bits), usedforsecurity=False).digest()


def _encode_extension(value: x509.ExtensionType, is_critical: bool) -> bytes:
    critical = _TRUE if is_critical else b""
    octets = encode_tlv(OCTET_STRING, value.public_bytes())
    return encode_tlv(SEQUENCE, encode_oid(value.oid.dotted_string), critical, octets)
