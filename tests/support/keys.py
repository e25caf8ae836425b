"""The fixed RSA test keys of ``tests/data/keys``, read once per process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

KEYS = Path(__file__).resolve().parents[1] / "data" / "keys"
KEY_NAMES = ("authority", "device", "device2", "enterprise", "short")


def key_path(name: str) -> Path:
    """The PEM file of a test key, for programs that read it themselves (openssl)."""
    return KEYS / f"{name}.pem"


@cache
def load_key(name: str) -> RSAPrivateKey:
    """The test key ``name``, one of ``KEY_NAMES``."""
    key = load_pem_private_key(key_path(name).read_bytes(), password=None)
    assert isinstance(key, RSAPrivateKey)
    return key


@cache
def spki(name: str) -> bytes:
    """DER SubjectPublicKeyInfo of the test key ``name``."""
    public = load_key(name).public_key()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
