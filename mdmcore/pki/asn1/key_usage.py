"""The key usage extension: what a certificate's key may be used for (RFC 5280 4.2.1.3)."""

from __future__ import annotations

KEY_USAGE = "2.5.29.15"

_BIT_STRING = 0x03
_USAGES = (
    *("digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment"),
    *("keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly"),
)
"""In the order of their bits, the highest of the first octet first."""


def decode_key_usage(value: bytes) -> tuple[str, ...] | None:
    """The usages of an extension's value; ``None`` where there is none that can be read."""
    if len(value) < 3 or value[0] != _BIT_STRING or value[1] != len(value) - 2:
        return None
    octets = value[3:]
    return tuple(
        name
        for number, name in enumerate(_USAGES)
        if number // 8 < len(octets) and octets[number // 8] & (0x80 >> number % 8)
    )
