"""Throw-away keys: for each key of a capture one of the same sort and size, made once.

Making keys needs randomness, so who makes them comes in by parameter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mdmcore.errors import Asn1Error
from mdmcore.pki.asn1.algorithm import pss_parameters
from mdmcore.pki.asn1.der import check_der, encode_tlv
from mdmcore.pki.signature import PSS_DIGESTS, RSASSA_PSS, SCHEMES, load_public_key

type PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

SMALLEST_RSA = 1024
_USUAL_RSA = 2048


class KeySource(Protocol):
    """Makes private keys. The name is that of the original, told twice for the same key never."""

    def rsa_key(self, bits: int, name: str) -> rsa.RSAPrivateKey:
        """An RSA key of that size with the exponent 65537."""

    def ec_key(self, curve: ec.EllipticCurve, name: str) -> ec.EllipticCurvePrivateKey:
        """A key on that curve."""


class ThrowAwayKeys:
    """The keys of one redaction. ``name`` gives a key's name for ``source``, from its bytes."""

    def __init__(self, source: KeySource, name: Callable[[bytes], str]) -> None:
        self._source = source
        self._name = name
        self._keys: dict[bytes, PrivateKey | None] = {}

    def instead_of(self, spki: bytes) -> PrivateKey | None:
        """The key in the place of that of a SubjectPublicKeyInfo; ``None`` for one that is
        neither RSA of 1024 bits or more nor on a known curve."""
        mark = hashlib.sha256(spki).digest()
        if mark not in self._keys:
            self._keys[mark] = self._made(spki)
        return self._keys[mark]

    def of_unknown(self, issuer: bytes, signature: bytes, *, is_ecdsa: bool) -> PrivateKey:
        """The key of a signer whose own is not in the capture, by his name."""
        mark = hashlib.sha256(b"issuer" + issuer + bytes((is_ecdsa,))).digest()
        found = self._keys.get(mark)
        if found is None:
            name = self._name(issuer)
            if is_ecdsa:
                found = self._source.ec_key(ec.SECP256R1(), name)
            else:
                bits = len(signature) * 8
                found = self._source.rsa_key(bits if bits >= SMALLEST_RSA else _USUAL_RSA, name)
            self._keys[mark] = found
        return found

    def spki_instead_of(self, spki: bytes) -> bytes | None:
        """The SubjectPublicKeyInfo of that key, its algorithm written as the original's."""
        key = self.instead_of(spki)
        if key is None:
            return None
        new = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        algorithm = check_der(spki).children()[0].raw
        return encode_tlv(0x30, algorithm, check_der(new).children()[1].raw)

    def _made(self, spki: bytes) -> PrivateKey | None:
        public = load_public_key(spki)
        name = self._name(spki)
        if isinstance(public, rsa.RSAPublicKey):
            too_small = public.key_size < SMALLEST_RSA
            return None if too_small else self._source.rsa_key(public.key_size, name)
        if isinstance(public, ec.EllipticCurvePublicKey):
            return self._source.ec_key(public.curve, name)
        return None


def signed(key: PrivateKey, data: bytes, *, oid: str, algorithm: bytes) -> bytes | None:
    """A signature of the algorithm by that key; ``None`` where they do not fit."""
    try:
        if oid == RSASSA_PSS and isinstance(key, rsa.RSAPrivateKey):
            parameters = pss_parameters(algorithm)
            mask = padding.MGF1(PSS_DIGESTS[parameters.mask_digest][0])
            pss = padding.PSS(mgf=mask, salt_length=parameters.salt_length)
            return key.sign(data, pss, PSS_DIGESTS[parameters.digest][0])
        scheme = SCHEMES.get(oid)
        if scheme is None:
            return None
        if scheme.is_ecdsa and isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(data, ec.ECDSA(scheme.digest))
        if not scheme.is_ecdsa and isinstance(key, rsa.RSAPrivateKey):
            return key.sign(data, padding.PKCS1v15(), scheme.digest)
    except (ValueError, UnsupportedAlgorithm, Asn1Error, KeyError):
        return None
    return None
