"""The device's private keys, in memory: they never leave it, others name them by their digest.

Whoever runs a phone holds its keyring; the phone's state only says which key is meant, and so does
the client certificate that a leg offers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def key_sha256(key: RSAPrivateKey) -> str:
    """SHA-256 of the key's SubjectPublicKeyInfo, lower-case hex."""
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()


class Keyring:
    """Keys by digest. ``make`` gives a fresh one of so many bits (``pki.request.generate_key``)."""

    def __init__(self, make: Callable[[int], RSAPrivateKey]) -> None:
        self._make = make
        self._keys: dict[str, RSAPrivateKey] = {}

    def __call__(self, bits: int) -> RSAPrivateKey:
        """A new key, which is kept."""
        key = self._make(bits)
        self._keys[key_sha256(key)] = key
        return key

    def get(self, digest: str) -> RSAPrivateKey | None:
        """The key of that digest, ``None`` when it is not held here."""
        return self._keys.get(digest)
