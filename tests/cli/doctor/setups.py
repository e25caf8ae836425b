"""Setups for the checks: a folder of their own, a fixed clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from mdmcore.cli.doctor.result import Setup
from mdmcore.pki.authority import Authority, create_authority
from mdmcore.pki.pem import CERTIFICATE, encode_pem
from tests.support.keys import load_key
from tests.support.server import NOW


def setup(folder: Path, **changes: object) -> Setup:
    """A setup below that folder, in which nothing exists yet."""
    made = Setup(
        state=folder / "state",
        confdir=folder / "conf",
        host="127.0.0.1",
        port=0,
        now=NOW,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def authority(*, days: int = 3650, begins: timedelta = timedelta()) -> Authority:
    """A CA that begins ``begins`` after the fixed clock and lasts so many days."""
    return create_authority(
        common_name="Test CA",
        private_key=load_key("authority"),
        now=NOW + begins,
        serial=1,
        lifetime=timedelta(days=days),
    )


def write_proxy_ca(confdir: Path, made: Authority) -> None:
    """The files that mitmproxy keeps in its folder."""
    confdir.mkdir(parents=True, exist_ok=True)
    pem = encode_pem(CERTIFICATE, made.certificate)
    key = made.private_key.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    )
    for name, content in (
        ("mitmproxy-ca-cert.pem", pem),
        ("mitmproxy-ca-cert.cer", pem),
        ("mitmproxy-ca.pem", key + pem),
    ):
        (confdir / name).write_bytes(content)
        (confdir / name).chmod(0o600)
