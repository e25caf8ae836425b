"""Making CMS SignedData (RFC 5652) as a device signs: one signer, RSA, signed attributes.

The renewal request carries what it signs (``renewal``), the signature of a DM message stands apart
from it (``syncml.message_signature``). Reading and verifying stand in ``cms``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from mdmcore.errors import ConfigError
from mdmcore.pki.asn1.cms import CONTEXT_0, SIGNED_DATA
from mdmcore.pki.asn1.der import (
    NULL,
    OCTET_STRING,
    SEQUENCE,
    SET,
    encode_integer,
    encode_oid,
    encode_time,
    encode_tlv,
)
from mdmcore.pki.certificate import parse_certificate
from mdmcore.pki.cms import CONTENT_TYPE, DATA, MESSAGE_DIGEST, RSA_ENCRYPTION

SIGNING_TIME = "1.2.840.113549.1.9.5"

_DIGESTS: dict[str, tuple[str, hashes.HashAlgorithm]] = {
    "sha1": ("1.3.14.3.2.26", hashes.SHA1()),
    "sha256": ("2.16.840.1.101.3.4.2.1", hashes.SHA256()),
}


def build_signed_data(
    content: bytes,
    *,
    certificate: bytes,
    private_key: rsa.RSAPrivateKey,
    digest: str = "sha256",
    is_detached: bool = False,
    signing_time: datetime | None = None,
    attributes: Sequence[tuple[str, bytes]] = (),
) -> bytes:
    """SignedData (DER) over ``content`` by the holder of ``certificate`` (DER), which goes along.

    Detached, the content stays outside. ``signing_time`` (aware) becomes a signed attribute beside
    contentType and messageDigest, and so do ``attributes`` (OID and DER of the value).
    ``digest`` is ``sha1`` or ``sha256``; ``ConfigError`` otherwise.
    """
    if digest not in _DIGESTS:
        raise ConfigError(f"no device signs with {digest!r}")
    digest_oid, algorithm = _DIGESTS[digest]
    holder = parse_certificate(certificate)
    hashed = hashlib.new(digest, content, usedforsecurity=False).digest()
    signed = _attributes(hashed, signing_time, *attributes)
    signature = private_key.sign(encode_tlv(SET, signed), padding.PKCS1v15(), algorithm)
    digest_algorithm = _algorithm(digest_oid)
    signer = encode_tlv(
        SEQUENCE,
        encode_integer(1),
        encode_tlv(SEQUENCE, holder.issuer.raw, encode_integer(holder.serial)),
        digest_algorithm,
        encode_tlv(CONTEXT_0, signed),
        _algorithm(RSA_ENCRYPTION),
        encode_tlv(OCTET_STRING, signature),
    )
    inside = b"" if is_detached else encode_tlv(CONTEXT_0, encode_tlv(OCTET_STRING, content))
    data = encode_tlv(
        SEQUENCE,
        encode_integer(1),
        encode_tlv(SET, digest_algorithm),
        encode_tlv(SEQUENCE, encode_oid(DATA), inside),
        encode_tlv(CONTEXT_0, certificate),
        encode_tlv(SET, signer),
    )
    return encode_tlv(SEQUENCE, encode_oid(SIGNED_DATA), encode_tlv(CONTEXT_0, data))


def _algorithm(oid: str) -> bytes:
    return encode_tlv(SEQUENCE, encode_oid(oid), encode_tlv(NULL))


def _attributes(digest: bytes, signing_time: datetime | None, *more: tuple[str, bytes]) -> bytes:
    """The signed attributes in the order of DER's SET OF (X.690 section 11.6)."""
    pairs = [
        (CONTENT_TYPE, encode_oid(DATA)),
        (MESSAGE_DIGEST, encode_tlv(OCTET_STRING, digest)),
        *more,
    ]
    if signing_time is not None:
        pairs.append((SIGNING_TIME, encode_time(signing_time)))
    encoded = (encode_tlv(SEQUENCE, encode_oid(o), encode_tlv(SET, value)) for o, value in pairs)
    return b"".join(sorted(encoded))
