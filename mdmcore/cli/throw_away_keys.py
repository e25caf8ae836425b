"""Keys that nobody keeps, for what is redacted: made on demand, with the system's randomness."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec, rsa

_EXPONENT = 65537


class FreshKeys:
    """A source of keys that makes each anew."""

    def rsa_key(self, bits: int, name: str) -> rsa.RSAPrivateKey:
        """An RSA key of that size."""
        return rsa.generate_private_key(_EXPONENT, bits)

    def ec_key(self, curve: ec.EllipticCurve, name: str) -> ec.EllipticCurvePrivateKey:
        """A key on that curve."""
        return ec.generate_private_key(curve)
