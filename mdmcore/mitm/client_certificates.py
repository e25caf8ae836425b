"""The proxy's own client certificates (mitmproxy's ``client_certs``), looked at before they are
needed: mitmproxy opens them when a server is dialled, and OpenSSL asks a terminal for passwords.
"""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from mdmcore.errors import ConfigError

_MAX_BYTES = 1024 * 1024
_PKCS12 = frozenset({".pfx", ".p12"})


def check_client_certificates(path: Path, *, option: str) -> None:
    """A PEM file, or a folder of them with the servers' names (``mdm.acme.test.pem``).

    Raises ConfigError that names the option when one cannot be used.
    """
    if path.is_dir():
        files = sorted(path.glob("*.pem"))
        if not files:
            raise ConfigError(
                f"{option} {path}: no PEM files in that folder; call them after the servers, "
                "like mdm.acme.test.pem"
            )
        for file in files:
            _check(file, option)
    else:
        _check(path, option)


def _check(path: Path, option: str) -> None:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES)
    except OSError as error:
        raise ConfigError(f"{option} {path}: {(error.strerror or str(error)).lower()}") from None
    problem = _problem(data, path.suffix.lower())
    if problem:
        raise ConfigError(f"{option} {path}: {problem}")


def _problem(data: bytes, suffix: str) -> str:
    """Why it cannot be used; empty when it can."""
    if suffix in _PKCS12 or b"-----BEGIN " not in data:
        return "this is no PEM file; openssl pkcs12 -in FILE -out client.pem -nodes makes one"
    if b"ENCRYPTED" in data:
        return "its private key is encrypted; openssl pkey -in FILE takes the password away"
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError):
        return "no private key in it that can be read"
    try:
        leaf = x509.load_pem_x509_certificates(data)[0]
        certified = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, IndexError):
        return "no certificate in it that can be read"
    own = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return "" if own == certified else "its first certificate is not for its private key"
