"""Putting a client certificate and its key into a TLS context."""

from __future__ import annotations

import os
import secrets
import ssl
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from mdmcore.phone.client_identity import ClientIdentity
from mdmcore.pki.authority import certificate_pem


def load_identity(context: ssl.SSLContext, identity: ClientIdentity, key: RSAPrivateKey) -> None:
    """Give the context a certificate. ``ssl`` reads files only, so there is one for a moment:
    in a folder of this user's, the key encrypted with a password that is written nowhere."""
    password = secrets.token_bytes(32).hex().encode()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))
    pem += b"".join(certificate_pem(der) for der in (identity.certificate, *identity.chain))
    with tempfile.TemporaryDirectory(prefix="mdmproxy-") as folder:
        path = Path(folder) / "client.pem"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        context.load_cert_chain(path, password=password)
