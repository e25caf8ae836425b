"""The token of a renewal: a PKCS#10 for a new key, signed with the old one (enrollment.md 10).

Built as the phone does it, and taken out of its base64, which is applied once by silent renewals
and twice by manual ones. Reading and verifying the CMS stands in ``cms``; which ValueType the
token may have is the SOAP message's matter.
"""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from mdmcore.base64_text import decode_base64
from mdmcore.errors import Asn1Error, ConfigError
from mdmcore.pki.asn1.cms import CONTEXT_0, SIGNED_DATA
from mdmcore.pki.asn1.der import (
    NULL,
    OCTET_STRING,
    SEQUENCE,
    SET,
    encode_integer,
    encode_oid,
    encode_tlv,
)
from mdmcore.pki.certificate import parse_certificate
from mdmcore.pki.cms import (
    CONTENT_TYPE,
    DATA,
    MESSAGE_DIGEST,
    RSA_ENCRYPTION,
    SignedData,
    parse_signed_data,
)

MAX_LAYERS = 2
_DIGESTS: dict[str, tuple[str, hashes.HashAlgorithm]] = {
    "sha1": ("1.3.14.3.2.26", hashes.SHA1()),
    "sha256": ("2.16.840.1.101.3.4.2.1", hashes.SHA256()),
}


def build_renewal_request(
    csr_der: bytes, *, certificate: bytes, private_key: rsa.RSAPrivateKey, digest: str = "sha256"
) -> bytes:
    """SignedData (DER) around a PKCS#10 (DER), by the holder of the present ``certificate`` (DER).

    ``digest`` is ``sha1`` or ``sha256``; ``ConfigError`` for another. That phones write the signed
    attributes contentType and messageDigest and nothing more is unconfirmed.
    """
    if digest not in _DIGESTS:
        raise ConfigError(f"no phone signs its renewal with {digest!r}")
    digest_oid, algorithm = _DIGESTS[digest]
    holder = parse_certificate(certificate)
    attributes = _attributes(hashlib.new(digest, csr_der, usedforsecurity=False).digest())
    signature = private_key.sign(encode_tlv(SET, attributes), padding.PKCS1v15(), algorithm)
    digest_algorithm = _algorithm(digest_oid)
    signer = encode_tlv(
        SEQUENCE,
        encode_integer(1),
        encode_tlv(SEQUENCE, holder.issuer.raw, encode_integer(holder.serial)),
        digest_algorithm,
        encode_tlv(CONTEXT_0, attributes),
        _algorithm(RSA_ENCRYPTION),
        encode_tlv(OCTET_STRING, signature),
    )
    content = encode_tlv(CONTEXT_0, encode_tlv(OCTET_STRING, csr_der))
    signed = encode_tlv(
        SEQUENCE,
        encode_integer(1),
        encode_tlv(SET, digest_algorithm),
        encode_tlv(SEQUENCE, encode_oid(DATA), content),
        encode_tlv(CONTEXT_0, certificate),
        encode_tlv(SET, signer),
    )
    return encode_tlv(SEQUENCE, encode_oid(SIGNED_DATA), encode_tlv(CONTEXT_0, signed))


def _algorithm(oid: str) -> bytes:
    return encode_tlv(SEQUENCE, encode_oid(oid), encode_tlv(NULL))


def _attributes(digest: bytes) -> bytes:
    """contentType and messageDigest in the order of DER's SET OF (X.690 section 11.6)."""
    pairs = (
        (CONTENT_TYPE, encode_oid(DATA)),
        (MESSAGE_DIGEST, encode_tlv(OCTET_STRING, digest)),
    )
    encoded = (encode_tlv(SEQUENCE, encode_oid(o), encode_tlv(SET, value)) for o, value in pairs)
    return b"".join(sorted(encoded))


def peel_renewal_token(token: str | bytes) -> tuple[SignedData, int]:
    """The SignedData in a token, and how many layers of base64 were around it (0 to 2).

    ``token`` is the text of the BinarySecurityToken, or what is left of it after some decoding.
    ``Asn1Error`` when no SignedData is inside.
    """
    data = token.encode("utf-8", "surrogatepass") if isinstance(token, str) else token
    layers = 0
    # A SignedData holds octets that are no ASCII, so it is never taken for base64.
    while layers < MAX_LAYERS and (inner := _decoded(data)):
        data = inner
        layers += 1
    try:
        return parse_signed_data(data), layers
    except Asn1Error as error:
        message = f"no renewal token behind {layers} layers of base64: {error.message}"
        raise Asn1Error(message, offset=error.offset) from error


def _decoded(data: bytes) -> bytes | None:
    try:
        return decode_base64(data.decode("ascii"))
    except UnicodeDecodeError:
        return None
