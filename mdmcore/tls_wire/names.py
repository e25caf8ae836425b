"""What people call versions of TLS and its fatal alerts, by their numbers."""

from __future__ import annotations

from types import MappingProxyType

VERSION_NAMES = {
    0x0300: "SSL 3.0",
    0x0301: "TLS 1.0",
    0x0302: "TLS 1.1",
    0x0303: "TLS 1.2",
    0x0304: "TLS 1.3",
}
"""Protocol version on the wire -> what people call it, oldest first."""

ALERTS = MappingProxyType(
    {
        10: "unexpected_message",
        20: "bad_record_mac",
        22: "record_overflow",
        40: "handshake_failure",
        42: "bad_certificate",
        43: "unsupported_certificate",
        44: "certificate_revoked",
        45: "certificate_expired",
        46: "certificate_unknown",
        47: "illegal_parameter",
        48: "unknown_ca",
        49: "access_denied",
        50: "decode_error",
        51: "decrypt_error",
        70: "protocol_version",
        71: "insufficient_security",
        80: "internal_error",
        86: "inappropriate_fallback",
        109: "missing_extension",
        110: "unsupported_extension",
        112: "unrecognized_name",
        113: "bad_certificate_status_response",
        115: "unknown_psk_identity",
        116: "certificate_required",
        120: "no_application_protocol",
    }
)
"""Number of a fatal alert -> name (RFC 8446 B.2); those that only warn are no end."""


def version_name(version: int) -> str:
    """What people call a version, or its number in hex."""
    return VERSION_NAMES.get(version, f"version 0x{version:04X}")
