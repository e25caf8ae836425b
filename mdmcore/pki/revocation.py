"""Revocation lists (RFC 5280 section 5), as far as a device's question goes: is there one, and
does it still hold. Who is revoked is not looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from mdmcore.errors import Asn1Error

_PEM = b"-----BEGIN "


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationList:
    """When a list was made and when the next one is due; aware UTC, ``None`` where it is open."""

    this_update: datetime
    next_update: datetime | None

    def is_over(self, now: datetime) -> bool:
        """Whether the next list should be there already."""
        return self.next_update is not None and now > self.next_update


def parse_revocation_list(data: bytes) -> RevocationList:
    """A list in DER, or in PEM as some servers have it. Raises Asn1Error."""
    load = x509.load_pem_x509_crl if data.lstrip().startswith(_PEM) else x509.load_der_x509_crl
    try:
        found = load(data)
        return RevocationList(this_update=found.last_update_utc, next_update=found.next_update_utc)
    except (ValueError, TypeError) as error:
        raise Asn1Error(f"no revocation list: {error}") from None
