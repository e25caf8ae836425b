"""One leg that passes untouched: what was seen of it, as the record of a connection and as a flow.

Certificates go onto mitmproxy's own connection objects, where its views show them and a recording
keeps them. One that cryptography cannot load is left out there (a phone's with a NUL in its subject
is such), as mitmproxy leaves it out.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Any

from cryptography import x509
from mitmproxy import certs, connection

from mdmcore.connection import HandshakeEnd
from mdmcore.errors import MdmError
from mdmcore.pki.asn1.name import parse_name
from mdmcore.tls_wire import Seen, Side, TlsObserver
from mdmcore.tls_wire.ending import handshake_end
from mdmcore.tls_wire.names import version_name
from mdmcore.tls_wire.suites import suite_name

_MAX_TEXT = 200
_MITMPROXY_VERSIONS = MappingProxyType(
    {0x0300: "SSLv3", 0x0301: "TLSv1", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}
)


class PassedLeg:
    """Looks on while a leg passes."""

    def __init__(self) -> None:
        self._observer = TlsObserver()
        self._closed_by: Side | None = None

    def passed(self, side: Side, data: bytes) -> None:
        """Bytes of one side."""
        self._observer.observe(side, data)

    def closed(self, side: Side) -> None:
        """That side said its last; only the first to do so has closed the connection."""
        self._closed_by = self._closed_by or side

    def facts(self, server: connection.Server) -> dict[str, Any]:
        """The fields of the record (``mdmcore.connection``) that are known of such a leg."""
        seen = self._observer.seen
        end, alert, detail = self._end(seen, server)
        return {
            "end": end,
            "alert": alert,
            "detail": detail[:_MAX_TEXT],
            "is_asked_by_server": seen.is_asked,
            "is_given_to_server": bool(seen.device_certificates),
            "server_version": "" if seen.version is None else version_name(seen.version),
            "server_suite": "" if seen.suite is None else suite_name(seen.suite),
            "accepted": tuple(_name(one) for one in seen.accepted),
            "is_resumed": seen.is_resumed,
            "is_renegotiated": seen.is_renegotiated,
            "sent": seen.sent,
            "received": seen.received,
            "closed_by": "" if self._closed_by is None else str(self._closed_by),
        }

    def show_on(self, client: Any, server: Any, sni: str | None) -> None:
        """Write onto mitmproxy's connections what it would have written had it stood in TLS."""
        seen = self._observer.seen
        client.sni = client.sni or sni
        for one, chain in (
            (client, seen.device_certificates),
            (server, seen.server_certificates),
        ):
            one.tls = True
            one.tls_version = _MITMPROXY_VERSIONS.get(seen.version or 0)
            one.cipher = None if seen.suite is None else suite_name(seen.suite)
            one.certificate_list = _readable(chain)

    def _end(self, seen: Seen, server: connection.Server) -> tuple[HandshakeEnd, str, str]:
        """How the handshake ended, the name of the alert, and what else is to be said."""
        if server.error and not seen.received:
            return HandshakeEnd.FAILED, "", f"the server cannot be reached: {server.error}"
        return handshake_end(seen, self._closed_by)


def _name(der: bytes) -> str:
    try:
        return parse_name(der).rfc4514()[:_MAX_TEXT]
    except MdmError:
        return "a name that cannot be read"


def _readable(chain: Iterable[bytes]) -> list[certs.Cert]:
    """Those that mitmproxy's views can show."""
    found = []
    for der in chain:
        try:
            one = certs.Cert(x509.load_der_x509_certificate(der))
            # The views ask for these; cryptography looks at them only then.
            _ = (one.subject, one.issuer, one.altnames, one.keyinfo, one.notbefore, one.serial)
        except (ValueError, TypeError, x509.UnsupportedGeneralNameType):
            continue
        found.append(one)
    return found
