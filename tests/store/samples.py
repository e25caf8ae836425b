"""Records for tests of the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mdmcore.records import Account, AuthScheme, IssuedCertificate, SessionState

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ACCOUNT = Account(
    name="DEVICE-1",
    secret="s",
    scheme=AuthScheme.MD5,
    server_secret="t",
    nonce_c2s=b"\x00\xff",
    nonce_s2c=b"\x01",
    enrolled=NOW,
    username="demo@example.test",
)
CERTIFICATE = IssuedCertificate(
    serial=2**150,
    subject_cn="DEVICE-1",
    thumbprint="AB",
    der=b"\x30\x00",
    spki_sha256="cd",
    issued=NOW,
    not_after=NOW + timedelta(days=1),
    account="DEVICE-1",
)
SESSION = SessionState(device_id="dev", session_id="1A", updated=NOW, work='{"messages":3}')


def account(number: int, **changes: object) -> Account:
    """The account of the device with that number."""
    return replace(ACCOUNT, name=f"DEVICE-{number}", **changes)  # type: ignore[arg-type]


def certificate(number: int, *, serial: int = 0, **changes: object) -> IssuedCertificate:
    """A certificate of that device; its serial is the number unless given."""
    chosen = serial or number
    return replace(
        CERTIFICATE,
        serial=chosen,
        subject_cn=f"DEVICE-{number}",
        account=f"DEVICE-{number}",
        thumbprint=f"T{chosen}",
        spki_sha256=f"k{chosen}",
        **changes,  # type: ignore[arg-type]
    )
