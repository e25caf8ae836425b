"""Requests and certificates made once more with another key, alike in all else (RFC 2986, 5280).

For replaying: the private keys of a capture are not in it. Names, string types, attributes,
extensions and digest stay octet by octet; a signature that was wrong is wrong again. Which key
stands for which is decided by whoever asks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mdmcore.pki.asn1.der import (
    BIT_STRING,
    NULL,
    SEQUENCE,
    check_der,
    encode_oid,
    encode_time,
    encode_tlv,
)
from mdmcore.pki.asn1.x509 import VERSION
from mdmcore.pki.certificate import Certificate
from mdmcore.pki.certificate_builder import key_identifier
from mdmcore.pki.csr import Pkcs10, signature_problem
from mdmcore.pki.signature import SCHEMES

_SHA256_WITH_RSA = "1.2.840.113549.1.1.11"


def spki_of(key: rsa.RSAPrivateKey) -> bytes:
    """The DER SubjectPublicKeyInfo of a key."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def remake_csr(csr: Pkcs10, key: rsa.RSAPrivateKey) -> bytes:
    """The same request (DER) for that key, signed with it by the same digest."""
    info = b"".join(part.raw for part in check_der(csr.info_raw).children())
    info = encode_tlv(SEQUENCE, info.replace(csr.spki, spki_of(key), 1))
    return _signed(
        info,
        oid=csr.signature_algorithm,
        algorithm=csr.algorithm_raw,
        key=key,
        is_right=signature_problem(csr) is None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """What stands for what in a certificate that is made anew.

    ``spki`` is the new key's; ``issuer_key`` signs; ``issuer_spki`` are the issuer's key as it was
    and as it is now, ``None`` where the issuer is not known. ``subject`` (DER) where it is another.
    ``later``: how much later the certificate is to be valid.
    """

    spki: bytes = field(repr=False)
    issuer_key: rsa.RSAPrivateKey = field(repr=False)
    issuer_spki: tuple[bytes, bytes] | None = field(repr=False, default=None)
    subject: bytes | None = None
    later: timedelta = timedelta()
    is_rightly_signed: bool = True


def remake_certificate(certificate: Certificate, stand: Stand) -> bytes:
    """The same certificate (DER) with those keys; key ids in extensions follow their keys."""
    _, algorithm, _ = check_der(certificate.der).children()
    parts = list(check_der(certificate.info_raw).children())
    at = 1 if parts[0].tag == VERSION else 0  # version is left out by certificates of version 1
    head = [part.raw for part in parts[: at + 6]]
    head[at + 3] = _validity(certificate, stand.later)
    if stand.subject is not None:
        head[at + 4] = stand.subject
    head[at + 5] = stand.spki
    is_rsa = _is_rsa(certificate.signature_algorithm)
    if not is_rsa:
        head[at + 1] = _sha256_with_rsa()
    extensions = b"".join(part.raw for part in parts[at + 6 :])
    pairs = [(certificate.spki, stand.spki)]
    if stand.issuer_spki is not None:
        pairs.append(stand.issuer_spki)
    for old, new in pairs:
        extensions = extensions.replace(key_identifier(old), key_identifier(new))
    return _signed(
        encode_tlv(SEQUENCE, *head, extensions),
        oid=certificate.signature_algorithm,
        algorithm=algorithm.raw,
        key=stand.issuer_key,
        is_right=stand.is_rightly_signed,
    )


def _validity(certificate: Certificate, later: timedelta) -> bytes:
    return encode_tlv(
        SEQUENCE,
        *(
            encode_time(_moved(one, later))
            for one in (certificate.not_before, certificate.not_after)
        ),
    )


def _moved(moment: datetime, later: timedelta) -> datetime:
    """That time so much later; one at the end of all times (RFC 5280 4.1.2.5) stays there."""
    try:
        return moment + later
    except OverflowError:
        return moment


def _is_rsa(oid: str) -> bool:
    scheme = SCHEMES.get(oid)
    return scheme is not None and not scheme.is_ecdsa


def _sha256_with_rsa() -> bytes:
    return encode_tlv(SEQUENCE, encode_oid(_SHA256_WITH_RSA), encode_tlv(NULL))


def _signed(
    info: bytes, *, oid: str, algorithm: bytes, key: rsa.RSAPrivateKey, is_right: bool
) -> bytes:
    """Signed by the algorithm it had, by SHA-256 and RSA where that is not of RSA's."""
    if _is_rsa(oid):
        digest: hashes.HashAlgorithm = SCHEMES[oid].digest
    else:
        digest, algorithm = hashes.SHA256(), _sha256_with_rsa()
    signature = key.sign(info if is_right else info + b"\0", padding.PKCS1v15(), digest)
    return encode_tlv(SEQUENCE, info, algorithm, encode_tlv(BIT_STRING, b"\0", signature))
