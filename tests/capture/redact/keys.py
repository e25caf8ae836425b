"""Throw-away keys for tests: the fixed ones, each in the place of another."""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.support.keys import KEY_NAMES, load_key

KEY = b"a key for the pseudonyms of a test"


@cache
def _more(number: int, bits: int) -> RSAPrivateKey:
    """Beyond the fixed keys: made once in a process."""
    return rsa.generate_private_key(65537, bits)


class FixedKeys:
    """Hands out the fixed keys of a size in turn, then others."""

    def __init__(self) -> None:
        self._given: dict[int, int] = {}

    def rsa_key(self, bits: int, name: str) -> RSAPrivateKey:
        number = self._given.get(bits, 0)
        self._given[bits] = number + 1
        fixed = [one for one in map(load_key, reversed(KEY_NAMES)) if one.key_size == bits]
        return fixed[number] if number < len(fixed) else _more(number, bits)

    def ec_key(self, curve: ec.EllipticCurve, name: str) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(int.from_bytes(name.encode()[:16]) + 1, curve)
