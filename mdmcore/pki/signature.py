"""Signatures of requests and certificates, verified over the original bytes.

``cryptography`` calls good SHA-1 requests invalid and refuses others to load (enrollment.md 8.3),
so only its primitives are used, with the public key from the SubjectPublicKeyInfo. Which digest an
authority signs with stands in ``authority``.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key

from mdmcore.errors import Asn1Error
from mdmcore.pki.asn1.algorithm import pss_parameters

RSASSA_PSS = "1.2.840.113549.1.1.10"
# OIW's sha1WithRSASignature: what a Windows Phone 8.1 and Windows 10 requests name.
SHA1_WITH_RSA_OIW = "1.3.14.3.2.29"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureScheme:
    """What a signature algorithm's OID means."""

    name: str
    digest: hashes.HashAlgorithm
    is_ecdsa: bool = False


def _rsa(digest: hashes.HashAlgorithm, name: str) -> SignatureScheme:
    return SignatureScheme(name=name, digest=digest)


def _ecdsa(digest: hashes.HashAlgorithm, name: str) -> SignatureScheme:
    return SignatureScheme(name=name, digest=digest, is_ecdsa=True)


# RFC 3279, 4055, 5758; OIW for 1.3.14.3.2.
SCHEMES = {
    "1.2.840.113549.1.1.4": _rsa(hashes.MD5(), "MD5"),
    "1.2.840.113549.1.1.5": _rsa(hashes.SHA1(), "SHA-1"),
    SHA1_WITH_RSA_OIW: _rsa(hashes.SHA1(), "SHA-1"),
    "1.2.840.113549.1.1.11": _rsa(hashes.SHA256(), "SHA-256"),
    "1.2.840.113549.1.1.12": _rsa(hashes.SHA384(), "SHA-384"),
    "1.2.840.113549.1.1.13": _rsa(hashes.SHA512(), "SHA-512"),
    "1.2.840.10045.4.1": _ecdsa(hashes.SHA1(), "SHA-1"),
    "1.2.840.10045.4.3.2": _ecdsa(hashes.SHA256(), "SHA-256"),
    "1.2.840.10045.4.3.3": _ecdsa(hashes.SHA384(), "SHA-384"),
    "1.2.840.10045.4.3.4": _ecdsa(hashes.SHA512(), "SHA-512"),
}
PSS_DIGESTS: dict[str, tuple[hashes.HashAlgorithm, str]] = {
    "1.3.14.3.2.26": (hashes.SHA1(), "SHA-1"),
    "2.16.840.1.101.3.4.2.1": (hashes.SHA256(), "SHA-256"),
    "2.16.840.1.101.3.4.2.2": (hashes.SHA384(), "SHA-384"),
    "2.16.840.1.101.3.4.2.3": (hashes.SHA512(), "SHA-512"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Signed bytes: ``algorithm`` is the DER AlgorithmIdentifier, ``oid`` its dotted OID."""

    data: bytes
    algorithm: bytes
    oid: str
    signature: bytes


def load_public_key(spki: bytes) -> PublicKeyTypes | None:
    """The public key of a DER SubjectPublicKeyInfo; ``None`` when it cannot be read."""
    try:
        return load_der_public_key(spki)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def key_bits(spki: bytes) -> int | None:
    """The size of an RSA or EC public key in bits; ``None`` for other and unreadable keys."""
    key = load_public_key(spki)
    return key.key_size if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) else None


def digest_name(oid: str, algorithm: bytes) -> str:
    """The digest a signature algorithm uses, as ``SHA-1``; the dotted OID when unknown."""
    if oid != RSASSA_PSS:
        return SCHEMES[oid].name if oid in SCHEMES else oid
    try:
        digest = pss_parameters(algorithm).digest
    except Asn1Error:
        return oid
    return PSS_DIGESTS[digest][1] if digest in PSS_DIGESTS else digest


def verification_problem(signed: Signed, spki: bytes) -> str | None:
    """Why the signature is not one by the key in ``spki``; ``None`` when it is."""
    key = load_public_key(spki)
    if key is None:
        return "the public key cannot be read"
    try:
        return _verify(signed, key)
    except InvalidSignature:
        return f"the signature does not verify ({digest_name(signed.oid, signed.algorithm)})"
    except (ValueError, UnsupportedAlgorithm, Asn1Error) as error:
        return f"the signature cannot be verified: {error}"


def _verify(signed: Signed, key: PublicKeyTypes) -> str | None:
    """As ``verification_problem``; raises ``InvalidSignature`` for a wrong signature."""
    scheme = SCHEMES.get(signed.oid)
    if signed.oid == RSASSA_PSS:
        return _verify_pss(signed, key)
    if scheme is None:
        return f"the signature algorithm {signed.oid} is not one we know"
    if scheme.is_ecdsa and isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signed.signature, signed.data, ec.ECDSA(scheme.digest))
        return None
    if not scheme.is_ecdsa and isinstance(key, rsa.RSAPublicKey):
        key.verify(signed.signature, signed.data, padding.PKCS1v15(), scheme.digest)
        return None
    return f"the signature algorithm {signed.oid} does not fit the key"


def _verify_pss(signed: Signed, key: PublicKeyTypes) -> str | None:
    if not isinstance(key, rsa.RSAPublicKey):
        return f"the signature algorithm {signed.oid} does not fit the key"
    parameters = pss_parameters(signed.algorithm)
    for digest in (parameters.digest, parameters.mask_digest):
        if digest not in PSS_DIGESTS:
            return f"the digest {digest} is not one we know"
    mask = padding.MGF1(PSS_DIGESTS[parameters.mask_digest][0])
    scheme = padding.PSS(mgf=mask, salt_length=parameters.salt_length)
    key.verify(signed.signature, signed.data, scheme, PSS_DIGESTS[parameters.digest][0])
    return None
