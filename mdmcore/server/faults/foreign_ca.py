"""A CA that has nothing to do with the server's own, made once when a mistake needs one."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa

from mdmcore.pki.authority import Authority, create_authority
from mdmcore.server.faults.model import Tools

_LIFETIME = timedelta(days=3650)


@cache
def _key() -> rsa.RSAPrivateKey:
    # Making one takes long, and nobody trusts it.
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def foreign_authority(tools: Tools) -> Authority:
    """The other CA, valid at the server's present."""
    return create_authority(
        common_name="Another CA",
        private_key=_key(),
        now=tools.clock(),
        serial=1,
        lifetime=_LIFETIME,
    )


def foreign_certificate(tools: Tools) -> bytes:
    """Its certificate (DER)."""
    return foreign_authority(tools).certificate
