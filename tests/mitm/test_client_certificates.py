"""The proxy's own certificates: what can be used, and a reason for all else."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from mdmcore.errors import ConfigError
from mdmcore.mitm.client_certificates import check_client_certificates
from mdmcore.pki.authority import certificate_pem
from tests.support.keys import load_key
from tests.support.tls_server import lasting_authority, lasting_certificate

KEY = load_key("device").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
LOCKED = load_key("device").private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
)
LOCKED_OLD = load_key("device").private_bytes(
    Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"secret")
)
LEAF = certificate_pem(lasting_certificate())
ROOT = certificate_pem(lasting_authority().certificate)


@pytest.mark.parametrize("data", [KEY + LEAF, LEAF + KEY, KEY + LEAF + ROOT])
def test_a_key_with_its_certificate(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "mdm.acme.test.pem"
    path.write_bytes(data)
    check_client_certificates(path, option="--x")
    check_client_certificates(tmp_path, option="--x")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no PEM file"),
        (b"\x30\x82\x01", "no PEM file"),
        (LEAF, "no private key"),
        (KEY, "no certificate"),
        (KEY + LEAF[:200], "no certificate"),
        (LOCKED + LEAF, "encrypted"),
        (LOCKED_OLD + LEAF, "encrypted"),
        (KEY + ROOT + LEAF, "not for its private key"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "mdm.acme.test.pem"
    path.write_bytes(data)
    for given in (path, tmp_path):
        with pytest.raises(ConfigError, match=rf"^--x .*mdm\.acme\.test\.pem: .*{reason}"):
            check_client_certificates(given, option="--x")


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no PEM files in that folder"):
        check_client_certificates(tmp_path, option="--x")
    with pytest.raises(ConfigError, match="no such file"):
        check_client_certificates(tmp_path / "none.pem", option="--x")
