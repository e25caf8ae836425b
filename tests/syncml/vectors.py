"""The MD5 vectors of session.md 4.6; D0 is published in OMA DM Protocol 1.2.1, 9.4.2."""

from __future__ import annotations

from typing import NamedTuple


class Vector(NamedTuple):
    """One account and nonce with its inner and outer digest, both base64."""

    user: str
    password: str
    nonce: bytes
    inner: str
    digest: str


D0 = Vector("Bruce2", "OhBehave", b"Nonce", "PtEdr8lBQ45IbT1bZIkrOQ==", "Zz6EivR3yeaaENcRN6lpAQ==")
D1 = Vector(
    "ExampleMDM",
    "s3cr3t-srv-0001",
    bytes(range(16)),
    "bnSUUmua2WF8wds1gEELpg==",
    "h0ymOKkz/d8zfICpEX+pFg==",
)
D2 = Vector(
    "device-7f3a",
    "s3cr3t-cli-0001",
    bytes(range(0xFF, 0xEF, -1)),
    "j5c+M3laEPnMPNAdKL7QrA==",
    "s/kbqcGB3YTgtzNZ5MCKwA==",
)
D3 = Vector(
    "ExampleMDM",
    "p:w with:colons",
    bytes.fromhex("00ff3a0a0d00c3280180feff20097f80"),
    "cYMxArbn/B4LkElWOwhhsg==",
    "8+alXo4TZtzercS5QSx+0w==",
)
D4 = Vector(
    "Gerät-Ä", "pässwörd", bytes(16), "2NjCwf68n5AtGBw/vwHTrw==", "+SiqmOhzqg8HZIY15C1CWA=="
)
D5 = Vector(
    "ExampleMDM", "s3cr3t-srv-0001", b"", "bnSUUmua2WF8wds1gEELpg==", "Bw/tQy5j+Q2SaD9KPjnLQQ=="
)

VECTORS = {"D0": D0, "D1": D1, "D2": D2, "D3": D3, "D4": D4, "D5": D5}
