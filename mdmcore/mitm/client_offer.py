"""What a device offers in its ClientHello, and why that met nothing here.

Sources: RFC 5246 7.4.1.2, RFC 8446 4.2.1 (supported_versions). Hooks belong to ``tls_failures``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mdmcore.mitm.tls_build import TlsBuild
from mdmcore.tls_wire.names import version_name
from mdmcore.tls_wire.suites import SIGNALS, is_grease, suite_name

_SUPPORTED_VERSIONS = 43
_MAX_NAMED = 12
_REMEDY = "start with --legacy-tls, or load mdm_legacy_tls.py"

NO_SUITE = "no shared cipher"
NO_VERSION = "unsupported protocol"
MISMATCHES = {
    "no shared cipher": NO_SUITE,
    "unsupported protocol": NO_VERSION,
    "no protocols available": NO_VERSION,
    "version too low": NO_VERSION,
    # mitmproxy's words for OpenSSL's "unsupported protocol".
    "cannot agree on a TLS version": NO_VERSION,
}
"""Words in a reason -> what did not meet: what the device offers and what is accepted here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOffer:
    """Versions, oldest first, and suites in the device's order; signals and GREASE left out."""

    versions: tuple[int, ...]
    suites: tuple[int, ...]


def client_offer(
    hello: bytes, suites: Iterable[int], extensions: Iterable[tuple[int, bytes]]
) -> ClientOffer:
    """From the body of a ClientHello (it begins with its version) and its parsed parts."""
    highest = int.from_bytes(hello[:2], "big")
    listed = next((body for number, body in extensions if number == _SUPPORTED_VERSIONS), None)
    if listed is None:
        # A device without the extension names its highest version alone.
        versions = [highest]
    else:
        pairs = zip(listed[1::2], listed[2::2], strict=False)
        versions = sorted({high << 8 | low for high, low in pairs})
    return ClientOffer(
        versions=tuple(version for version in versions if not is_grease(version)),
        suites=tuple(n for n in suites if n not in SIGNALS and not is_grease(n)),
    )


def explain_mismatch(
    offer: ClientOffer,
    reason: str,
    *,
    build: TlsBuild,
    known: frozenset[int],
    enabled: frozenset[int],
) -> str:
    """What the device offers, and which of it this build lacks; one line, no full stop.

    ``known`` and ``enabled`` are those of its suites that the build has, and that were switched on.
    """
    cause = next((cause for words, cause in MISMATCHES.items() if words in reason), reason)
    versions = ", ".join(version_name(version) for version in offer.versions) or "no version"
    said = f"{cause}: the device offers {versions} with {_names(offer.suites)}; "
    if cause != NO_SUITE:
        return said + _versions_text(offer, build)
    lacking = tuple(number for number in offer.suites if number not in known)
    lacks = "all of these suites" if len(lacking) == len(offer.suites) else _names(lacking)
    parts = [f"this build ({build.library}) lacks {lacks}"] if lacking else []
    switched_off = tuple(number for number in offer.suites if number in known - enabled)
    if switched_off:
        parts.append(f"{_names(switched_off)} switched off here: {_REMEDY}")
    elif enabled:
        parts.append("those it has do not fit an RSA certificate, or no curve is shared")
    return said + "; ".join(parts)


def _versions_text(offer: ClientOffer, build: TlsBuild) -> str:
    possible = [version for version in offer.versions if version in build.versions]
    if possible:
        return (
            f"this build ({build.library}) can speak {version_name(possible[-1])}, but it is "
            f"switched off here: {_REMEDY}"
        )
    names = ", ".join(version_name(version) for version in offer.versions) or "it"
    return f"this build ({build.library}) lacks {names}"


def _names(suites: tuple[int, ...]) -> str:
    more = f" and {len(suites) - _MAX_NAMED} more" if len(suites) > _MAX_NAMED else ""
    return (", ".join(suite_name(n) for n in suites[:_MAX_NAMED]) or "no suite") + more
